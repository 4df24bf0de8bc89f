//! Programs of different versions with one catalogue: files that earlier releases left behind, and teams that are
//! upgraded one by one.

mod back;
mod begun;
mod carried;
mod half_fetched;
mod kept;
mod matrix;
mod parts;
mod release;
mod taken_up;
mod without_author;
