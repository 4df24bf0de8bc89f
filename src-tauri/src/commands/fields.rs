//! The fields of a record, as the window draws them: each with its value and how it is edited.
//!
//! A record describes itself, so that a field declared by an entity is drawn without a line here or in the window,
//! where it only needs its word in each language.

use colophon_store::{Columns, FieldOf};
use serde::Serialize;
use specta::Type;

/// One field of a record.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else about how the field is drawn"
)]
#[derive(Debug, Serialize, Type)]
pub(crate) struct RecordField {
    /// Its name, which is also the name of its word in the window's messages.
    pub(crate) name: &'static str,
    /// What it says, as it would be typed; empty when it says nothing.
    pub(crate) value: String,
    /// The kind of thing it holds: `line`, `lines`, `year`, `number`, `isbn`, `language`, `email`, `website`, `choice`.
    pub(crate) kind: &'static str,
    /// The words of which it is one, where it is a choice; the window's messages have each as `format_ebook`.
    pub(crate) choices: &'static [&'static str],
    /// Whether it cannot be left empty.
    pub(crate) required: bool,
    /// Whether it may have several lines.
    pub(crate) lines: bool,
    /// Whether it is best shown in figures of one width.
    pub(crate) figures: bool,
    /// Whether it stands at the head of the record.
    pub(crate) head: bool,
}

/// The fields of a row, in the order of their declaration.
pub(crate) fn fields_of<E: Columns>(row: &E) -> Vec<RecordField> {
    let values = row.values();
    let shown = |field: FieldOf<E>| {
        let declared = field.declared();
        let kind = declared.options.kind?;
        Some(RecordField {
            name: declared.name(),
            value: declared.print(&values[declared.position]).unwrap_or_default(),
            kind: kind.word(),
            choices: kind.choices(),
            required: declared.options.is_required,
            lines: kind.has_lines(),
            figures: kind.has_figures(),
            head: declared.options.is_at_head,
        })
    };
    FieldOf::typed().filter_map(shown).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use colophon_catalogue::{Author, Book};
    use colophon_store::Columns;

    #[test]
    fn every_field_that_can_be_typed_has_its_word_in_each_language() {
        let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/messages");
        for language in ["en", "de"] {
            let text = fs::read_to_string(messages.join(format!("{language}.json"))).expect("the messages are read");
            let words: serde_json::Value = serde_json::from_str(&text).expect("the messages are JSON");
            for declared in Author::typed_fields().chain(Book::typed_fields()) {
                let name = declared.name();
                let choices = declared.options.kind.map_or(&[][..], |kind| kind.choices());
                let choices = choices.iter().map(|choice| format!("{name}_{choice}"));
                for word in choices.chain([name.to_owned()]) {
                    assert!(
                        words[&word].is_string(),
                        "ui/messages/{language}.json has no word “{word}”"
                    );
                }
            }
        }
    }
}
