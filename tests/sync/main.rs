//! Several devices and one server: whoever writes what and when, all end equal, and nothing that was said is lost.

mod clocks;
mod deletions;
mod foreign;
mod histories;
mod meeting;
mod restored;
mod same_value;
mod team;
mod under_way;
