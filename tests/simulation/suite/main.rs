//! Histories by the hundred thousand, on the real rules.
fn main() {}
