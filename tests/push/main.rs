//! From the local file to the server: what is edited here is there, exactly once, whatever happens on the way.

mod arriving;
mod quarantine;
mod references;
mod trouble;
mod under_way;
