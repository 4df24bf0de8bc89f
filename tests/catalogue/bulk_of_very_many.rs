//! One change of very many records.

use std::collections::HashSet;

use colophon_acts::Form;
use colophon_acts::books::{self, BookForm};
use colophon_acts::undo::Step;
use colophon_catalogue::Book;
use colophon_store::Query;

use crate::bulk::{replace, shelf};

#[test]
fn a_change_of_very_many_is_one_act_that_is_told_of_on_its_way() {
    let shelf = shelf(&[]);
    let made = shelf.catalogue.database.write_blocking(|tx| {
        (0..2_500).try_for_each(|at| {
            let form = BookForm {
                fields: Form::default()
                    .with(Book::FIELDS.title, format!("Book {at:04}"))
                    .with(Book::FIELDS.publisher, "Pengiun"),
                ..BookForm::default()
            };
            books::add(tx, &form).map(drop)
        })
    });
    made.unwrap();
    let preview = shelf
        .preview::<Book>(replace("publisher", "Pengiun", "Penguin"))
        .unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let applied = shelf
        .catalogue
        .database
        .write_blocking(move |tx| {
            preview.apply::<Book>(tx, &HashSet::new(), |records| told.send(records).unwrap_or_default())
        })
        .unwrap();
    assert_eq!(applied.changed, 2_500);
    assert_eq!(heard.iter().collect::<Vec<_>>(), [1_000, 2_000]);
    assert!(matches!(shelf.undo(), Step::Done(told) if told.left_alone == 0));
    let typos = Query::all().matching(Book::FIELDS.publisher.is("Pengiun"));
    let counted = shelf
        .catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().count(&typos));
    assert_eq!(counted.unwrap(), 2_500);
}
