//! Deleting an author, and what happens to the books.

use colophon_acts::{BooksOfDeleted, authors};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution, ContributionDraft, Role};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

/// Who did what for which book, in order.
pub(crate) fn parts(catalogue: &Catalogue) -> Vec<String> {
    let sql =
        "SELECT title || ': ' || name || ' as author' FROM book JOIN author ON author.id = book.author_id UNION ALL
        SELECT title || ': ' || name || ' as ' || role FROM contribution
          JOIN book ON book.id = book_id JOIN author ON author.id = contribution.author_id ORDER BY 1";
    let file = catalogue.other_program();
    let mut found = file.prepare(sql).unwrap();
    let rows = found.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn who_takes_over_from_an_author_is_in_no_role_of_a_book_twice_and_undo_brings_all_back() {
    let catalogue = Catalogue::empty();
    let made = catalogue.database.write_blocking(|tx| {
        let author = |name: &str| tx.repo_mut::<Author>().create(&AuthorDraft::named(name));
        let (first, heir, other) = (author("First")?.id, author("Heir")?.id, author("Other")?.id);
        let book = |title: &str, by| tx.repo_mut::<Book>().create(&BookDraft::new(title, by));
        let (own, theirs, with) = (
            book("Own", first)?.id,
            book("Theirs", other)?.id,
            book("With", heir)?.id,
        );
        for (book_id, author_id, role) in [
            // Both have edited it, and only the first has translated it.
            (theirs, first, Role::Editor),
            (theirs, heir, Role::Editor),
            (theirs, first, Role::Translator),
            // They wrote these together, whichever of them they are listed under.
            (own, heir, Role::Author),
            (own, heir, Role::Illustrator),
            (with, first, Role::Author),
        ] {
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id,
                author_id,
                role,
                position: 1,
            })?;
        }
        Ok((first, heir))
    });
    let (first, heir) = made.unwrap();
    let before = parts(&catalogue);
    let hand_over =
        move |tx: &colophon_store::WriteSession<'_>| authors::delete(tx, first, BooksOfDeleted::HandOver(heir));
    catalogue.database.write_blocking(hand_over).unwrap();
    let after = [
        "Own: Heir as author",
        "Own: Heir as illustrator",
        "Theirs: Heir as editor",
        "Theirs: Heir as translator",
        "Theirs: Other as author",
        "With: Heir as author",
    ];
    assert_eq!(parts(&catalogue), after);
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap();
    assert!(undone.is_some_and(|undone| undone.left_alone == 0));
    assert_eq!(parts(&catalogue), before);
}

#[test]
fn books_stay_without_a_deleted_author_and_the_next_one_named_takes_the_place() {
    let catalogue = Catalogue::empty();
    let gone = catalogue.database.write_blocking(|tx| {
        let author = |name: &str| tx.repo_mut::<Author>().create(&AuthorDraft::named(name));
        let (gone, second, third) = (author("Gone")?.id, author("Second")?.id, author("Third")?.id);
        let book = |title: &str, by| tx.repo_mut::<Book>().create(&BookDraft::new(title, by));
        let (alone, together, theirs) = (
            book("Alone", gone)?.id,
            book("Together", gone)?.id,
            book("Theirs", second)?.id,
        );
        for (book_id, author_id, role, position) in [
            (together, third, Role::Editor, 1),
            (together, second, Role::Author, 2),
            (together, third, Role::Author, 3),
            (theirs, gone, Role::Translator, 1),
            (alone, third, Role::Illustrator, 1),
        ] {
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id,
                author_id,
                role,
                position,
            })?;
        }
        Ok(gone)
    });
    let gone = gone.unwrap();
    let before = parts(&catalogue);
    let keep = move |tx: &colophon_store::WriteSession<'_>| authors::delete(tx, gone, BooksOfDeleted::Keep);
    catalogue.database.write_blocking(keep).unwrap();
    let after = [
        "Alone: Third as illustrator",
        "Theirs: Second as author",
        "Together: Second as author",
        "Together: Third as author",
        "Together: Third as editor",
    ];
    assert_eq!(parts(&catalogue), after);
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap();
    assert!(undone.is_some_and(|undone| undone.left_alone == 0));
    assert_eq!(parts(&catalogue), before);
}
