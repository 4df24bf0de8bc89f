//! Decides what has to move between the local file and the server, then moves it.

pub mod central;
