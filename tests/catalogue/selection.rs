//! Records chosen in a list: one by one, and as everything that the list shows.

use colophon_acts::books::{self, BookForm};
use colophon_acts::selected::{self, Deleted, Deletion};
use colophon_acts::undo::{self, Asked, Step};
use colophon_acts::{Deed, Did, Form, RecordKind, Somebody};
use colophon_catalogue::lists::{List, Listed, Lists, Selection};
use colophon_catalogue::{Author, Book, BookId};
use colophon_store::Query;
use colophon_tests::catalogue::Catalogue;

/// Books of two publishers: eight of one, three of the other, and one of nobody.
fn shelf() -> (Catalogue, Lists, Vec<BookId>) {
    let catalogue = Catalogue::empty();
    let of = |at: usize| match at {
        0..8 => "Fennel Press",
        8..11 => "Hollow Tree",
        _ => "",
    };
    let ids = catalogue.database.write_blocking(move |tx| {
        (0..12)
            .map(|at| {
                let form = BookForm {
                    fields: Form::default()
                        .with(Book::FIELDS.title, format!("Book {at:02}"))
                        .with(Book::FIELDS.publisher, of(at)),
                    author: Some(Somebody::Typed(if at % 2 == 0 { "Ada" } else { "Bo" }.to_owned())),
                    people: Vec::new(),
                };
                Ok(books::add(tx, &form)?.id)
            })
            .collect::<colophon_store::Result<Vec<_>>>()
    });
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists, ids.unwrap())
}

fn filtered(filter: &str, text: &str) -> List<Book> {
    List {
        text: text.to_owned(),
        filters: if filter.is_empty() {
            Vec::new()
        } else {
            vec![filter.parse().unwrap()]
        },
        ..List::default()
    }
}

fn titles(lists: &Lists, selection: &Selection<Book>) -> Vec<String> {
    let books = lists.selected(selection, |session, query| session.repo::<Book>().filter(query));
    books.unwrap().into_iter().map(|book| book.title).collect()
}

#[test]
fn everything_that_a_list_shows_is_chosen_whatever_it_is_narrowed_by() {
    let (_catalogue, lists, _) = shelf();
    let chosen = |filter, text| titles(&lists, &Selection::all_of(filtered(filter, text)));
    assert_eq!(chosen("", "").len(), 12);
    assert_eq!(chosen("publisher:Hollow Tree", ""), ["Book 08", "Book 09", "Book 10"]);
    assert_eq!(
        chosen("", "ada 0"),
        ["Book 00", "Book 02", "Book 04", "Book 06", "Book 08", "Book 10"]
    );
    assert_eq!(chosen("publisher~hollow", "ada"), ["Book 08", "Book 10"]);
    assert_eq!(chosen("publisher:none", ""), ["Book 11"]);
    assert_eq!(chosen("publisher~nowhere", ""), [""; 0]);
    let reversed = List {
        descending: true,
        ..filtered("publisher:Hollow Tree", "")
    };
    assert_eq!(
        titles(&lists, &Selection::all_of(reversed)),
        ["Book 10", "Book 09", "Book 08"]
    );
}

#[test]
fn single_records_are_taken_out_and_others_are_taken_in() {
    let (_catalogue, lists, ids) = shelf();
    let selection = Selection {
        except: vec![ids[9]],
        also: vec![ids[0], ids[10]],
        ..Selection::all_of(filtered("publisher:Hollow Tree", ""))
    };
    assert_eq!(titles(&lists, &selection), ["Book 00", "Book 08", "Book 10"]);
    let selection = Selection {
        except: vec![ids[8]],
        also: vec![ids[1]],
        ..Selection::all_of(filtered("publisher~tree", "ada"))
    };
    assert_eq!(titles(&lists, &selection), ["Book 01", "Book 10"]);
    let all_but_one = Selection {
        except: vec![ids[3]],
        ..Selection::all_of(List::default())
    };
    assert_eq!(titles(&lists, &all_but_one).len(), 11);
    assert_eq!(
        titles(&lists, &Selection::these([ids[5], ids[2]])),
        ["Book 02", "Book 05"]
    );
    assert_eq!(titles(&lists, &Selection::these([])), [""; 0]);
}

#[test]
fn how_many_are_chosen_and_which_of_those_on_the_screen_is_one_question() {
    let (catalogue, lists, ids) = shelf();
    let selection = Selection {
        also: vec![ids[0]],
        ..Selection::all_of(filtered("publisher:Hollow Tree", ""))
    };
    let (count, among) = lists.among_selected(&selection, &ids[..9]).unwrap();
    assert_eq!((count, among), (4, vec![ids[0], ids[8]]));
    let gone = ids[0];
    catalogue
        .database
        .write_blocking(move |tx| books::delete(tx, &[gone]))
        .unwrap();
    let (count, among) = lists.among_selected(&selection, &ids[..9]).unwrap();
    assert_eq!((count, among), (3, vec![ids[8]]), "what is gone is not chosen any more");
}

fn chosen<E: Listed>(lists: &Lists, selection: &Selection<E>) -> Vec<E::Id> {
    lists
        .selected(selection, |session, query| session.repo::<E>().ids(query))
        .unwrap()
}

fn delete<E: Listed>(catalogue: &Catalogue, ids: Vec<E::Id>, agreed: bool) -> Deletion {
    let deleted = catalogue
        .database
        .write_blocking(move |tx| selected::delete::<E>(tx, &ids, agreed, |_| {}));
    deleted.unwrap()
}

#[test]
fn chosen_books_are_deleted_as_one_act_that_one_step_takes_back() {
    let (catalogue, lists, ids) = shelf();
    let these = chosen(&lists, &Selection::all_of(filtered("publisher:Hollow Tree", "")));
    let expected = Deleted {
        count: 3,
        left_alone: 0,
        first: Some(colophon_store::EntityId::uuid(ids[8])),
        name: "Book 08".to_owned(),
    };
    assert_eq!(delete::<Book>(&catalogue, these, false), Deletion::Done(expected));
    let act = catalogue.database.read_blocking(|s| s.acts(i64::MAX, 1)).unwrap();
    assert_eq!(
        Deed::of(&act[0]),
        Deed::deleted(RecordKind::Book, "Book 08").of_several(3)
    );
    assert_eq!(titles(&lists, &Selection::all_of(List::default())).len(), 9);
    let undone = catalogue
        .database
        .write_blocking(|tx| undo::undo(tx, Asked::default()))
        .unwrap();
    assert!(matches!(undone, Step::Done(told) if told.deed.did == Did::Deleted && told.left_alone == 0));
    assert_eq!(titles(&lists, &Selection::all_of(List::default())).len(), 12);
}

#[test]
fn of_more_than_twenty_a_person_is_asked_first() {
    let (catalogue, lists, _) = shelf();
    catalogue
        .database
        .write_blocking(|tx| {
            (0..9).try_for_each(|at| {
                let form = BookForm {
                    fields: Form::default().with(Book::FIELDS.title, format!("More {at}")),
                    ..BookForm::default()
                };
                books::add(tx, &form).map(drop)
            })
        })
        .unwrap();
    let all = chosen(&lists, &Selection::all_of(List::<Book>::default()));
    assert_eq!(delete::<Book>(&catalogue, all.clone(), false), Deletion::Asks);
    let there = || {
        catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().count(&Query::all()))
            .unwrap()
    };
    assert_eq!(there(), 21, "nothing is done before the answer");
    assert!(matches!(
        delete::<Book>(&catalogue, all, true),
        Deletion::Done(Deleted { count: 21, .. })
    ));
    assert_eq!(there(), 0);
}

#[test]
fn an_author_who_has_books_stays() {
    let (catalogue, lists, _) = shelf();
    catalogue
        .database
        .write_blocking(|tx| {
            let form = Form::default().with(Author::FIELDS.name, "Nobody Yet");
            colophon_acts::authors::add(tx, &form)
        })
        .unwrap();
    let all = chosen(&lists, &Selection::all_of(List::<Author>::default()));
    let Deletion::Done(deleted) = delete::<Author>(&catalogue, all, false) else {
        panic!("there are only three");
    };
    assert_eq!(
        (deleted.count, deleted.left_alone, deleted.name.as_str()),
        (1, 2, "Nobody Yet")
    );
}
