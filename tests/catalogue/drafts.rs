//! What is typed is kept up to a length that no field reaches.

use colophon_catalogue::drafts::{self, CONTENT_BYTES_MAX, Draft};
use colophon_catalogue::text::NOTES_MAX_CHARS;
use colophon_tests::catalogue::Catalogue;

const SLOT: &str = "0190/notes";

fn keep(catalogue: &Catalogue, content: String) -> bool {
    let draft = Draft {
        slot: SLOT.to_owned(),
        content,
    };
    catalogue
        .database
        .write_blocking(move |tx| drafts::keep(tx, &draft))
        .unwrap()
}

fn kept(catalogue: &Catalogue) -> Vec<usize> {
    let all = catalogue.database.read_blocking(drafts::all).unwrap();
    all.into_iter().map(|draft| draft.content.len()).collect()
}

#[test]
fn the_longest_notes_typed_over_such_are_kept() {
    let catalogue = Catalogue::empty();
    // Letters of four bytes, the most that a letter can have.
    let longest = "𝔸".repeat(NOTES_MAX_CHARS);
    let content = serde_json::json!({ "text": longest, "reason": null, "base": longest }).to_string();
    let length = content.len();
    assert!(keep(&catalogue, content));
    assert_eq!(kept(&catalogue), [length]);
}

#[test]
fn what_is_longer_than_any_field_takes_is_not_kept_and_what_was_kept_before_stays() {
    let catalogue = Catalogue::empty();
    assert!(keep(&catalogue, "x".repeat(CONTENT_BYTES_MAX)));
    assert!(!keep(&catalogue, "x".repeat(CONTENT_BYTES_MAX + 1)));
    assert_eq!(kept(&catalogue), [CONTENT_BYTES_MAX]);
    // The limit is in bytes, whatever the letters.
    assert!(!keep(&catalogue, "é".repeat(CONTENT_BYTES_MAX / 2 + 1)));
    assert!(keep(&catalogue, "short".to_owned()));
    assert_eq!(kept(&catalogue), ["short".len()]);
}
