//! Which books look as if they were in the catalogue twice.
//!
//! The rule is that of [`crate::alike`], for any two books of one file: folded titles and subtitles are the same, the
//! authors are one or look the same, and nothing else contradicts. It is a statement of SQLite's, because it is asked
//! about all books at once; those whose title nobody else has are left out by the index of titles.

use colophon_store::Sql;

use crate::agreement::{OF_BOOKS, OF_PEOPLE, and_agree};

/// A condition on a row of `book`.
pub(crate) fn exist() -> Sql {
    let mut sql = Sql::new(
        "title_key IN (SELECT title_key FROM book WHERE title_key<>'' GROUP BY title_key HAVING count(*)>1)
    AND EXISTS(SELECT 1 FROM book AS other WHERE other.title_key=book.title_key AND other.id<>book.id
        AND folded_book(other.subtitle) IS folded_book(book.subtitle)",
    );
    and_agree(&mut sql, "other", "book", &OF_BOOKS);
    sql.push(
        " AND (other.author_id IS book.author_id
             OR EXISTS(SELECT 1 FROM author AS one JOIN author AS two ON two.name_key=one.name_key
                       WHERE one.id=book.author_id AND two.id=other.author_id",
    );
    and_agree(&mut sql, "one", "two", &OF_PEOPLE);
    sql.push(")))");
    sql
}
