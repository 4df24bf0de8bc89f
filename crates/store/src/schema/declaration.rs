//! What an entity says of a field beyond its column: what can be typed into it, and what is offered with it.
//!
//! [`entity!`](crate::entity!) takes one line per field, and every room asks that line: the rules of a row, the editor's and the command
//! line's fields, the headers of imports and exports, what a search looks through. So a field is declared once. What a text has to be to be
//! an ISBN or a year is a [`Kind`], of which an application has its own; this crate knows only that there are some.

mod told;

use std::fmt;

use crate::error::{Error, Result};
use crate::schema::field::Field;
use crate::schema::{Column, Value};

#[doc(hidden)]
pub use self::told::{count_merged_by_line, count_unique, merged_by_line, unique};

/// What a field is called in a statement; written by [`entity!`](crate::entity!) where it is more than the column's name.
#[derive(Debug, Clone, Copy)]
pub struct FieldSql {
    /// Its text as the entity folds it.
    pub folded: &'static str,
    /// Whether its value is one that its kind would refuse, or would write otherwise.
    pub unfit: &'static str,
    /// What lists are ordered by where it is a text; rows without one come last.
    pub text_order: &'static str,
    /// What lists are ordered by where it is a number; rows without one come last.
    pub number_order: &'static str,
}

/// What kind of thing a field holds, as people see it: a line of text, a year, an ISBN.
///
/// Reasons are sentences for the person who typed the value, without the field's name in front.
pub trait Kind: fmt::Debug + Sync {
    /// The word for it, by which a window chooses how to show and edit it.
    fn word(&self) -> &'static str;

    /// The form in which a value is stored, or why there is none. A text that says nothing becomes [`Value::Null`]. A value that is in
    /// its stored form already is handed back without being copied.
    fn check(&self, value: Value) -> Result<Value, String>;

    /// Reads what a person typed; [`Value::Null`] for nothing. It is not [checked](Self::check) yet.
    fn parse(&self, typed: &str) -> Result<Value, String> {
        if typed.trim().is_empty() {
            return Ok(Value::Null);
        }
        Ok(Value::Text(typed.to_owned()))
    }

    /// A value as a person would type it; `None` when it says nothing.
    fn print(&self, value: &Value) -> Option<String> {
        match value {
            Value::Null => None,
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Uuid(id) => Some(id.to_string()),
            Value::Real(number) => Some(number.to_string()),
        }
    }

    /// Reads the cell of another program's file, which may be written in ways that nobody types, into its stored form.
    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        self.parse(cell).and_then(|value| self.check(value))
    }

    /// The most characters that it may have, where that is limited.
    fn chars_max(&self) -> Option<usize> {
        None
    }

    /// The words of which it is one, where it is a choice.
    fn choices(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether it may have several lines.
    fn has_lines(&self) -> bool {
        false
    }

    /// Whether it is a number, which may begin with a minus.
    fn is_number(&self) -> bool {
        false
    }

    /// Whether it is read digit by digit, so that it is best shown in figures of one width.
    fn has_figures(&self) -> bool {
        self.is_number()
    }
}

/// What is offered with a field, beside its column. Made by naming its kind, and then what else holds:
/// `FieldOptions::of(&ISBN).unique().headers("isbn isbn13")`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of a declaration, and none excludes another"
)]
#[derive(Debug, Clone, Copy)]
pub struct FieldOptions {
    /// What it holds; `None` for what the program alone writes.
    pub kind: Option<&'static dyn Kind>,
    /// Whether a row must have it.
    pub is_required: bool,
    /// Whether no two rows may have the same value.
    pub is_unique: bool,
    /// Whether two people's changes of it are merged line by line.
    pub is_merged_by_line: bool,
    /// Whether rows are found by it.
    pub is_searched: bool,
    /// Whether it is one of the first that a person sees of a row, before its people and everything else.
    pub is_at_head: bool,
    /// Whether it names the record that the row is a part of: with that it goes, and with that it becomes part of another.
    pub is_whole: bool,
    /// The headers by which the files of other programs name it: folded, without spaces, parted by spaces, the surest first.
    pub headers: &'static str,
    /// What lists are ordered by in its order, where an index serves that: a column or an expression that is never NULL.
    pub order: Option<&'static str>,
    /// How its values are gathered to choose from, where they are.
    pub facet: Option<Facet>,
}

/// How the values of a field are gathered, so that one of them can be chosen by the number of rows that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// Each value by itself.
    Each,
    /// Numbers in spans of this many: years in decades.
    Spans(i64),
}

impl FieldOptions {
    /// A field that the program alone writes, and to which no rule applies.
    pub const NONE: Self = Self {
        kind: None,
        is_required: false,
        is_unique: false,
        is_merged_by_line: false,
        is_searched: false,
        is_at_head: false,
        is_whole: false,
        headers: "",
        order: None,
        facet: None,
    };

    /// The record that the row is a part of.
    pub const PART_OF: Self = Self {
        is_whole: true,
        ..Self::NONE
    };

    /// A field of a kind, which a person can type.
    pub const fn of(kind: &'static dyn Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::NONE
        }
    }

    /// A row must have it.
    #[must_use]
    pub const fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    /// No two rows may have the same.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self
        }
    }

    /// Two people's changes of it are merged line by line.
    #[must_use]
    pub const fn merged_by_line(self) -> Self {
        Self {
            is_merged_by_line: true,
            ..self
        }
    }

    /// Rows are found by it.
    #[must_use]
    pub const fn searched(self) -> Self {
        Self {
            is_searched: true,
            ..self
        }
    }

    /// It is one of the first that a person sees.
    #[must_use]
    pub const fn at_head(self) -> Self {
        Self {
            is_at_head: true,
            ..self
        }
    }

    /// The headers of other programs for it.
    #[must_use]
    pub const fn headers(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }

    /// An index serves lists in its order, which are ordered by this column or expression.
    #[must_use]
    pub const fn ordered_by(self, order: &'static str) -> Self {
        Self {
            order: Some(order),
            ..self
        }
    }

    /// Its values are gathered to choose from.
    #[must_use]
    pub const fn facet(self, facet: Facet) -> Self {
        Self {
            facet: Some(facet),
            ..self
        }
    }
}

/// A field as its entity declares it.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// Its column, whose name is the field's name everywhere.
    pub column: Column,
    /// Where its column stands in the table, and its value in a row of values.
    pub position: usize,
    /// Its doc comment, line by line.
    pub doc: &'static [&'static str],
    /// What is offered with it.
    pub options: FieldOptions,
    /// What it is called in a statement.
    pub sql: FieldSql,
}

impl Declared {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.column.name
    }

    /// What it is, as one text.
    pub fn help(&self) -> String {
        self.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// The headers that name it in files, the surest first.
    pub fn headers(&self) -> impl Iterator<Item = &'static str> {
        self.options.headers.split_ascii_whitespace()
    }

    /// Whether lists can be ordered by it: a person types it, and it is no text of several lines.
    pub fn is_sortable(&self) -> bool {
        self.options.kind.is_some_and(|kind| !kind.has_lines())
    }

    /// What lists are ordered by in its order: texts as they are folded, numbers by their size, and what says nothing last.
    pub fn order(&self) -> &'static str {
        let is_number = self.options.kind.is_some_and(Kind::is_number);
        let order = if is_number {
            self.sql.number_order
        } else {
            self.sql.text_order
        };
        self.options.order.unwrap_or(order)
    }

    /// Whether a value is not one that the field would be given today: its kind refuses it, or would write it otherwise.
    pub fn is_unfit(&self, value: &Value) -> bool {
        if *value == self.column.unsaid() {
            return self.options.is_required;
        }
        !matches!(self.check(value.clone()), Ok(checked) if checked == *value)
    }

    /// The stored form of a value, or why there is none.
    pub fn check(&self, value: Value) -> Result<Value> {
        let Some(kind) = self.options.kind else {
            return Ok(value);
        };
        let checked = kind
            .check(value)
            .map_err(|reason| Error::invalid(self.name(), reason))?;
        match checked {
            Value::Null if self.options.is_required => Err(self.missing()),
            Value::Null => Ok(self.column.unsaid()),
            checked => Ok(checked),
        }
    }

    /// Reads a cell of another program's file into its stored form; [`Value::Null`] when it says nothing.
    pub fn read_cell(&self, cell: &str) -> Result<Value> {
        let Some(kind) = self.options.kind else {
            return Ok(Value::Null);
        };
        match kind
            .read_cell(cell)
            .map_err(|reason| Error::invalid(self.name(), reason))?
        {
            Value::Null if self.options.is_required => Err(self.missing()),
            value => Ok(value),
        }
    }

    fn missing(&self) -> Error {
        Error::invalid(self.name(), "it is empty; it needs at least one visible character")
    }

    /// A value as a person would type it; `None` when it says nothing, or nobody types it.
    pub fn print(&self, value: &Value) -> Option<String> {
        self.options.kind.and_then(|kind| kind.print(value))
    }

    /// Reads what a person typed. It is not checked yet.
    pub fn parse(&self, typed: &str) -> Result<Value> {
        let Some(kind) = self.options.kind else {
            return Err(Error::invalid(self.name(), "it cannot be typed"));
        };
        match kind.parse(typed) {
            Ok(Value::Null) => Ok(self.column.unsaid()),
            Ok(value) => Ok(value),
            Err(reason) => Err(Error::invalid(self.name(), reason)),
        }
    }
}

/// The stored form of one field of a row, or why there is none; for [`entity!`](crate::entity!).
#[doc(hidden)]
pub fn check_field<T: Field>(declared: &'static Declared, field: T) -> Result<T> {
    if declared.options.kind.is_none() {
        return Ok(field);
    }
    let checked = declared.check(field.into_value())?;
    T::from_value(checked).ok_or_else(|| Error::invalid(declared.name(), "it is of another kind"))
}
