//! What the page asks letter by letter, of which only the newest is worth an answer.
//!
//! Each letter in a search box is a question, and a search through a large catalogue takes longer than the next letter. The page drops the
//! answer to an older question, and whoever answers it all the same keeps the newest waiting. So a question ends the one before it that the
//! same list, or the same box, has under way. The pages of one list are parts of one question and leave each other alone.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use colophon_acts::RecordKind;
use colophon_store::InterruptHandle;
use serde::Deserialize;
use specta::Type;

/// What a list shows, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
pub(crate) struct ListQuery {
    /// What was typed into the search box so far, words and tokens; empty matches all.
    pub(crate) text: String,
    /// Filters in their text form, such as `publisher~penguin` or `isbn:none`; all of them must hold.
    pub(crate) filters: Vec<String>,
    /// The name of the order: a column that can be sorted by, or `added`.
    pub(crate) sort: String,
    /// From the end to the beginning.
    pub(crate) descending: bool,
}

/// A question of which somebody may put the next before it is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// What the list of a kind of record shows.
    List(RecordKind, ListQuery),
    /// How often values occur in such a list.
    Facets(RecordKind, ListQuery),
    /// Which such records want mending.
    Quality(RecordKind),
    /// How what is typed to find such records may go on.
    Values(RecordKind, ListQuery),
    /// Who may be meant by a name.
    Person {
        /// The box into which it is typed.
        typed_into: String,
        /// What is typed.
        text: String,
    },
    /// What a change of many records would do, told by all that it depends on.
    Preview(String),
    /// What somebody looks for in the palette.
    Palette(String),
    /// An export, by the number of its file; none is the one that takes the place of an export that is not wanted any more.
    Export(Option<u32>),
}

impl Question {
    fn is_put_where(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(kind, _), Self::List(other, _))
            | (Self::Facets(kind, _), Self::Facets(other, _))
            | (Self::Values(kind, _), Self::Values(other, _)) => kind == other,
            (Self::Person { typed_into, .. }, Self::Person { typed_into: other, .. }) => typed_into == other,
            (Self::Preview(_), Self::Preview(_))
            | (Self::Palette(_), Self::Palette(_))
            | (Self::Export(_), Self::Export(_)) => true,
            _ => false,
        }
    }
}

/// The questions that are under way.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<Vec<(Question, Weak<InterruptHandle>)>>);

impl Questions {
    /// Puts a question, which is under way as long as what is given back is held, and ends the one that it takes the place of.
    pub(crate) fn put(&self, question: Question) -> Arc<InterruptHandle> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|(_, handle)| handle.strong_count() > 0);
        if let Some(at) = under_way.iter().position(|(other, _)| other.is_put_where(&question)) {
            let (older, handle) = &under_way[at];
            if let Some(handle) = handle.upgrade() {
                if *older == question {
                    return handle;
                }
                handle.interrupt();
            }
            under_way.swap_remove(at);
        }
        let handle = Arc::new(InterruptHandle::default());
        under_way.push((question, Arc::downgrade(&handle)));
        handle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: RecordKind, text: &str) -> Question {
        let query = ListQuery {
            text: text.to_owned(),
            filters: Vec::new(),
            sort: "title".to_owned(),
            descending: false,
        };
        Question::List(kind, query)
    }

    fn person(typed_into: &str, text: &str) -> Question {
        Question::Person {
            typed_into: typed_into.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_next_question_of_a_list_ends_the_one_before() {
        let questions = Questions::default();
        let first = questions.put(list(RecordKind::Book, "o"));
        let second = questions.put(list(RecordKind::Book, "od"));
        assert!(first.is_interrupted());
        let again = questions.put(list(RecordKind::Book, "o"));
        assert!(second.is_interrupted());
        assert!(!again.is_interrupted(), "it is the newest, whatever was asked before");
    }

    #[test]
    fn the_pages_of_one_question_leave_each_other_alone() {
        let questions = Questions::default();
        let pages = [(); 3].map(|()| questions.put(list(RecordKind::Book, "o")));
        assert!(pages.iter().all(|page| !page.is_interrupted()));
        let _next = questions.put(list(RecordKind::Book, "od"));
        assert!(pages.iter().all(|page| page.is_interrupted()), "and end together");
    }

    #[test]
    fn another_list_and_another_box_have_questions_of_their_own() {
        let questions = Questions::default();
        let under_way = [
            questions.put(list(RecordKind::Book, "o")),
            questions.put(list(RecordKind::Author, "h")),
            questions.put(person("author", "h")),
            questions.put(person("contributor", "w")),
        ];
        assert!(under_way.iter().all(|question| !question.is_interrupted()));
        let _next = questions.put(person("author", "ho"));
        assert_eq!(
            under_way.map(|question| question.is_interrupted()),
            [false, false, true, false]
        );
    }

    #[test]
    fn what_is_answered_is_under_way_no_more() {
        let questions = Questions::default();
        for at in 0..100 {
            drop(questions.put(person(&at.to_string(), "h")));
        }
        let _last = questions.put(person("author", "h"));
        assert_eq!(
            questions.0.lock().map(|under_way| under_way.len()).unwrap_or_default(),
            1
        );
    }
}
