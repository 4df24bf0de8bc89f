//! From the local file to the server: what is edited here is there, exactly once, whatever happens on the way.
#![expect(
    clippy::disallowed_methods,
    reason = "a pause between two looks, while something gets as far as the test needs it"
)]

mod arriving;
mod device;
mod set_aside;
mod trouble;
mod under_way;
