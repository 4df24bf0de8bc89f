//! The `colophon` command: the whole catalogue without a window.

fn main() {}
