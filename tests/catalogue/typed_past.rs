//! A search whose answer nobody waits for any more, because somebody has typed on.

use std::sync::Barrier;

use colophon_catalogue::lists::{BookList, Lists};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::{Error, InterruptHandle, PageRequest, ReadSession, Result};
use colophon_tests::catalogue::Catalogue;

/// So many that building their index takes some time.
const BOOKS: usize = 3_000;
/// Those of them that have a twelve in their number.
const TWELVES: u64 = 159;
const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

fn library() -> (Catalogue, Lists) {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
            let books = tx.repo_mut::<Book>();
            (0..BOOKS).try_for_each(|at| books.create(&BookDraft::new(format!("Book {at}"), author.id)).map(drop))
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists)
}

fn typed(text: &str) -> BookList {
    BookList {
        text: text.to_owned(),
        ..BookList::default()
    }
}

/// Looks until nobody wants it any more.
fn endless(session: &ReadSession<'_>) -> Result<()> {
    loop {
        session.check_wanted()?;
        std::thread::yield_now();
    }
}

/// The statements that a search runs; none where the index is there.
fn statements(lists: &Lists) -> u64 {
    lists
        .books
        .found(&typed("book 12"), |session, _| Ok(session.statements_run()))
        .unwrap()
}

#[test]
fn a_search_that_is_typed_past_ends() {
    let (_catalogue, lists) = library();
    let handle = InterruptHandle::default();
    let begun = Barrier::new(2);
    std::thread::scope(|scope| {
        let search = scope.spawn(|| {
            lists
                .interruptible_by(&handle)
                .books
                .found(&typed("book 1"), |session, _| {
                    begun.wait();
                    endless(session)
                })
        });
        begun.wait();
        handle.interrupt();
        assert_eq!(search.join().unwrap(), Err(Error::Interrupted));
    });
    assert_eq!(lists.page(&typed("book 12"), FIRST).unwrap().meta.total, TWELVES);
}

#[test]
fn an_index_that_is_being_built_is_built_whoever_has_typed_past() {
    let (catalogue, lists) = library();
    let handle = InterruptHandle::default();
    std::thread::scope(|scope| {
        let search = scope.spawn(|| {
            let lists = lists.interruptible_by(&handle);
            lists.books.found(&typed("book 1"), |session, _| endless(session))
        });
        while catalogue.database.pool_status().unwrap().busy == 0 {
            std::thread::yield_now();
        }
        handle.interrupt();
        assert_eq!(search.join().unwrap(), Err(Error::Interrupted));
    });
    assert_eq!(statements(&lists), 0, "the next search builds no other");
}

#[test]
fn a_search_that_was_typed_past_before_its_turn_does_nothing() {
    let (_catalogue, lists) = library();
    let handle = InterruptHandle::default();
    handle.interrupt();
    let ended = lists.interruptible_by(&handle);
    for list in [typed("book 1"), BookList::default()] {
        assert_eq!(ended.page(&list, FIRST).map(|page| page.meta), Err(Error::Interrupted));
    }
    assert_ne!(statements(&lists), 0, "no index was built for it");
}

#[test]
fn whoever_types_steadily_has_the_answer_to_the_last_letter() {
    let (_catalogue, lists) = library();
    let letters = (1..=7).cycle().take(40).map(|length| typed(&"book 12"[..length]));
    std::thread::scope(|scope| {
        let mut searches = Vec::new();
        let mut last: Option<InterruptHandle> = None;
        for list in letters.chain([typed("book 12")]) {
            let handle = InterruptHandle::default();
            let lists = lists.interruptible_by(&handle);
            if let Some(last) = last.replace(handle) {
                last.interrupt();
            }
            searches.push(scope.spawn(move || lists.page(&list, FIRST).map(|page| page.meta.total)));
        }
        let mut answers: Vec<_> = searches.into_iter().map(|search| search.join().unwrap()).collect();
        assert_eq!(answers.pop(), Some(Ok(TWELVES)));
        let others = answers.iter().filter_map(|answer| answer.as_ref().err());
        assert!(others.clone().all(|error| *error == Error::Interrupted), "{answers:?}");
    });
}
