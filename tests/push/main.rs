//! From the local file to the server: what is edited here is there, exactly once, whatever happens on the way.

mod arriving;
mod references;
mod set_aside;
mod trouble;
mod under_way;
