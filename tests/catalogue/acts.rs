//! What a person does, and what the journal says it was.

use colophon_acts::books::{self, BookForm};
use colophon_acts::headings;
use colophon_acts::subject::RecordRef;
use colophon_acts::undo::{self, Agreed, Asked, Step, Told};
use colophon_acts::{Deed, Did, Form, RecordKind, Somebody, authors, belongings, contributors};
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::tag::{TAGS, find_tag};
use colophon_catalogue::{Author, Book, Role, Tag};
use colophon_store::{EntityId as _, Query, Result, WriteSession};
use colophon_tests::catalogue::Catalogue;

fn write<T: Send + 'static>(
    catalogue: &Catalogue,
    act: impl FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
) -> T {
    catalogue.database.write_blocking(act).unwrap()
}

fn titled(title: &str, author: &str) -> BookForm {
    BookForm {
        fields: Form::default().with(Book::FIELDS.title, title),
        author: Some(Somebody::Typed(author.to_owned())),
        people: Vec::new(),
    }
}

/// What the latest act says it was.
fn deed(catalogue: &Catalogue) -> Deed {
    let acts = catalogue.database.read_blocking(|s| s.acts(i64::MAX, 1)).unwrap();
    Deed::of(&acts[0])
}

fn done(step: Step) -> Told {
    match step {
        Step::Done(told) => told,
        other => panic!("it was to be done: {other:?}"),
    }
}

#[test]
fn every_act_says_what_it_was() {
    let catalogue = Catalogue::empty();
    let book = write(&catalogue, |tx| books::add(tx, &titled("Emma", "Jane Austen")));
    assert_eq!(deed(&catalogue), Deed::created(RecordKind::Book, "Emma"));

    let (id, author) = (book.id, book.author_id.unwrap());
    write(&catalogue, move |tx| {
        contributors::add(tx, id, &Role::Editor, &Somebody::New("James Kinsley".to_owned()))
    });
    assert_eq!(deed(&catalogue), Deed::edited(RecordKind::Book, "Emma"));

    let form = Form::default().with(Author::FIELDS.birth_year, "1775");
    write(&catalogue, move |tx| authors::change(tx, &[author], &form));
    assert_eq!(deed(&catalogue), Deed::edited(RecordKind::Author, "Jane Austen"));

    let second = write(&catalogue, |tx| books::add(tx, &titled("Persuasion", "Jane Austen"))).id;
    let form = BookForm {
        fields: Form::default().with(Book::FIELDS.publisher, "Murray"),
        ..BookForm::default()
    };
    write(&catalogue, move |tx| books::change(tx, &[id, second], &form));
    assert_eq!(deed(&catalogue), Deed::edited(RecordKind::Book, "Emma").of_several(2));

    write(&catalogue, move |tx| books::delete(tx, &[second]));
    assert_eq!(deed(&catalogue), Deed::deleted(RecordKind::Book, "Persuasion"));
}

#[test]
fn who_is_typed_is_found_and_who_is_new_is_made_once() {
    let catalogue = Catalogue::empty();
    let twice = BookForm {
        people: vec![(
            Role::Translator,
            ["Robert Fagles", "Robert Fagles", " "]
                .map(|name| Somebody::Typed(name.to_owned()))
                .to_vec(),
        )],
        ..titled("The Iliad", "Homer")
    };
    write(&catalogue, move |tx| books::add(tx, &twice));
    let authors = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().count(&Query::all()))
        .unwrap();
    assert_eq!(authors, 2, "Homer and Fagles");
    assert_eq!(
        super::deleting::parts(&catalogue),
        [
            "The Iliad: Homer as author",
            "The Iliad: Robert Fagles as translator",
            "The Iliad: Robert Fagles as translator"
        ]
    );
}

#[test]
fn a_step_back_names_the_act_and_the_record_and_a_step_forth_does_it_again() {
    let catalogue = Catalogue::empty();
    let id = write(&catalogue, |tx| books::add(tx, &titled("Emma", "Jane Austen"))).id;
    write(&catalogue, move |tx| books::delete(tx, &[id]));
    let told = done(write(&catalogue, |tx| undo::undo(tx, Asked::default())));
    assert_eq!((told.deed.did, told.deed.name.as_str()), (Did::Deleted, "Emma"));
    assert!(told.open.is_some(), "it is there again, and can be shown");
    let told = done(write(&catalogue, |tx| undo::redo(tx, Asked::default())));
    assert_eq!((told.deed.did, told.open), (Did::Deleted, None));
}

#[test]
fn what_is_done_to_a_list_is_told_as_a_change_of_the_record_that_has_it() {
    let catalogue = Catalogue::empty();
    let emma = write(&catalogue, |tx| books::add(tx, &titled("Emma", "Jane Austen")));
    let (book, author) = (emma.id.uuid(), emma.author_id.unwrap().uuid());
    write(&catalogue, move |tx| {
        belongings::add(tx, RecordKind::Book, book, "tags", "novels")
    });
    assert_eq!(deed(&catalogue), Deed::edited(RecordKind::Book, "Emma"));
    let refused = move |tx: &WriteSession<'_>| belongings::add(tx, RecordKind::Book, book, "other_names", "A Lady");
    assert!(
        catalogue.database.write_blocking(refused).is_err(),
        "books have no such list"
    );

    write(&catalogue, |tx| {
        let tag = find_tag(tx, "novels")?.unwrap();
        headings::rename::<Tag>(tx, tag.id, "novel")
    });
    let renamed = deed(&catalogue);
    assert_eq!(
        (renamed.did, renamed.record, renamed.name.as_str()),
        (Did::Edited, None, "novel")
    );
    done(write(&catalogue, |tx| undo::undo(tx, Asked::default())));

    // An act that says nothing about itself is interpreted from its edits: the part before the tag that was made for
    // it.
    let told_back = |kind, id, name: &str| {
        let told = done(write(&catalogue, |tx| undo::undo(tx, Asked::default())));
        assert_eq!(
            (told.deed.did, told.deed.record, told.deed.name.as_str()),
            (Did::Edited, Some(kind), name)
        );
        assert_eq!(told.open, Some(RecordRef { kind, id }));
    };
    write(&catalogue, move |tx| TAGS.add(tx, book, "Regency"));
    told_back(RecordKind::Book, book, "Emma");
    write(&catalogue, move |tx| TAGS.remove(tx, book, "novels"));
    told_back(RecordKind::Book, book, "Emma");
    write(&catalogue, move |tx| OTHER_NAMES.add(tx, author, "A Lady"));
    told_back(RecordKind::Author, author, "Jane Austen");
}

#[test]
fn a_large_act_and_one_of_before_are_asked_about_by_number() {
    let catalogue = Catalogue::empty();
    write(&catalogue, |tx| books::add(tx, &titled("Emma", "Jane Austen")));
    let before = catalogue.database.read_blocking(|s| s.latest_act()).unwrap();
    let opened = Asked {
        last_act: before,
        ..Asked::default()
    };
    let Step::Asks(question) = write(&catalogue, move |tx| undo::undo(tx, opened)) else {
        panic!("it is of before the opening");
    };
    assert!(question.before_opening && question.number == before);
    let agreed_to = move |number| Asked {
        agreed: Agreed::To(number),
        ..opened
    };
    let wrong = write(&catalogue, move |tx| undo::undo(tx, agreed_to(before + 1)));
    assert!(matches!(wrong, Step::Asks(_)), "another act was agreed to");
    done(write(&catalogue, move |tx| undo::undo(tx, agreed_to(before))));
    assert_eq!(write(&catalogue, |tx| undo::undo(tx, Asked::default())), Step::Nothing);
}

#[test]
fn what_an_earlier_version_or_another_program_noted_is_read_from_its_edits() {
    let catalogue = Catalogue::empty();
    let id = write(&catalogue, |tx| {
        let added = books::add(tx, &titled("Emma", "Jane Austen"))?;
        tx.describe("Added “Emma”");
        Ok(added.id)
    });
    assert_eq!(
        (deed(&catalogue).did, deed(&catalogue).record),
        (Did::Created, Some(RecordKind::Book))
    );
    write(&catalogue, move |tx| tx.repo_mut::<Book>().delete(id));
    assert_eq!(deed(&catalogue), Deed::deleted(RecordKind::Book, "Emma"));
}
