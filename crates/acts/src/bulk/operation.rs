//! What can be done to a field or a list of many records, and what is to be done.

use colophon_catalogue::belongings::{Belongings, belongings_named, belongings_of};
use colophon_catalogue::words;
use colophon_store::{Declared, Entity, Error, FieldOf, Kind, Result};

use super::letter_case::LetterCase;

words! {
    /// What is done to a field or a list of many records.
    pub enum OperationKind {
        /// A text in it is replaced by another.
        Replace = "replace",
        /// It gets a value.
        Set = "set",
        /// It loses its value.
        Clear = "clear",
        /// Its text gets other capitals.
        Case = "case",
        /// Its text loses stray spaces.
        Trim = "trim",
        /// A text is added to the list.
        Add = "add",
        /// A text is taken out of the list.
        Remove = "remove",
    }
}

/// An operation with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A text in the field is replaced.
    Replace(Replacement),
    /// The field gets this, as typed.
    Set(String),
    /// The field is emptied.
    Clear,
    /// The text gets these capitals.
    Case(LetterCase),
    /// Spaces at its ends go, and so do those beside others.
    Trim,
    /// This is added to the list.
    Add(String),
    /// This is taken out of the list.
    Remove(String),
}

/// What is looked for, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is looked for.
    pub find: String,
    /// What takes its place; with a pattern, `$1` is what its first pair of brackets has found.
    pub with: String,
    /// Whether it is a pattern (a regular expression) rather than a text.
    pub is_pattern: bool,
    /// Whether capitals do not matter.
    pub ignores_case: bool,
}

/// One operation on one field or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name of the field or the list.
    pub target: String,
    /// What is done.
    pub operation: Operation,
}

/// A field or a list that can be changed in many records at once.
#[derive(Debug, Clone)]
pub struct Changeable {
    /// Its name.
    pub name: &'static str,
    /// What it holds, if it is a field.
    pub kind: Option<&'static dyn Kind>,
    /// What can be done to it, the most frequent first.
    pub operations: Vec<OperationKind>,
}

/// What an operation is done to.
pub(super) enum Target<E> {
    Field(FieldOf<E>),
    List(&'static Belongings),
}

/// All that can be changed in many records of a kind, fields before lists.
pub fn changeable<E: Entity>() -> Vec<Changeable> {
    let fields = FieldOf::<E>::typed().map(|field| Changeable {
        name: field.name(),
        kind: field.declared().options.kind,
        operations: operations_of(field.declared()),
    });
    let lists = belongings_of(E::TABLE).map(|list| Changeable {
        name: list.name,
        kind: None,
        operations: OPERATIONS_OF_LISTS.to_vec(),
    });
    fields.chain(lists).collect()
}

const OPERATIONS_OF_LISTS: [OperationKind; 2] = [OperationKind::Add, OperationKind::Remove];

/// What can be done to a field follows from what it holds: only a text has parts, only words have capitals, and only
/// what may be empty can be emptied.
fn operations_of(declared: &Declared) -> Vec<OperationKind> {
    let Some(kind) = declared.options.kind else {
        return Vec::new();
    };
    let is_text = !kind.is_number() && kind.choices().is_empty();
    let offered = [
        (OperationKind::Replace, is_text),
        (OperationKind::Set, true),
        (OperationKind::Clear, !declared.options.is_required),
        (OperationKind::Case, kind.has_words()),
        (OperationKind::Trim, is_text),
    ];
    offered
        .into_iter()
        .filter_map(|(operation, is_offered)| is_offered.then_some(operation))
        .collect()
}

impl Operation {
    /// What kind of operation it is.
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::Replace(_) => OperationKind::Replace,
            Self::Set(_) => OperationKind::Set,
            Self::Clear => OperationKind::Clear,
            Self::Case(_) => OperationKind::Case,
            Self::Trim => OperationKind::Trim,
            Self::Add(_) => OperationKind::Add,
            Self::Remove(_) => OperationKind::Remove,
        }
    }
}

impl Change {
    /// What it is done to; [`Error::Invalid`] if there is no such field or list, or the operation cannot be done to it.
    pub(super) fn target<E: Entity>(&self) -> Result<Target<E>> {
        let (target, operations) = if let Some(field) = FieldOf::named(&self.target) {
            (Target::Field(field), operations_of(field.declared()))
        } else if let Some(list) = belongings_named(E::TABLE, &self.target) {
            (Target::List(list), OPERATIONS_OF_LISTS.to_vec())
        } else {
            let reason = format!("a {} has no field or list “{}”", E::TABLE.name, self.target);
            return Err(Error::invalid("field", reason));
        };
        let kind = self.operation.kind();
        if operations.contains(&kind) {
            return Ok(target);
        }
        let reason = format!("“{}” cannot be done to “{}”", kind.word(), self.target);
        Err(Error::invalid("operation", reason))
    }
}
