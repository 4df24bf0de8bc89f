//! Several devices and one server: whoever writes what and when, all end up equal, and nothing that was said is lost.

mod belongings;
mod clocks;
mod crowd;
mod deletions;
mod duplicates;
mod first_download;
mod foreign;
mod histories;
mod meeting;
mod not_kept;
mod pooled;
mod pruning;
mod python;
mod reading_only;
mod restored;
mod restored_meanwhile;
mod row_security;
mod same_record;
mod same_value;
mod team;
mod under_way;
