//! The catalogue through its public interface: lists, search and the history of records over real files.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

mod acts;
mod bad_before;
mod belongings;
mod belongings_in_files;
mod besides;
mod bulk;
mod bulk_of_very_many;
mod combining;
mod deleting;
mod drafts;
mod duplicates;
mod exported;
mod facets;
mod fields_table;
mod filters;
mod formats_table;
mod history;
mod joint_rules;
mod lists;
mod merging;
mod one_of_many_acts;
mod search;
mod selection;
mod tags;
mod taken_back;
mod tokens;
mod trash;
mod typed_past;
mod without_author;
