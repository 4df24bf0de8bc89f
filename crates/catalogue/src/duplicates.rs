//! Which books look as if they were in the catalogue twice.
//!
//! The rule is that of [`crate::alike`], for any two books of one file: folded titles and subtitles are the same, the
//! authors are one or look the same, and nothing else contradicts. It is a statement of SQLite's, because it is asked
//! about all books at once; those whose title nobody else has are left out by the index of titles.

/// A condition on a row of `book`.
pub(crate) const EXISTS: &str = "
    title_key IN (SELECT title_key FROM book WHERE title_key<>'' GROUP BY title_key HAVING count(*)>1)
    AND EXISTS(SELECT 1 FROM book AS other WHERE other.title_key=book.title_key AND other.id<>book.id
        AND folded_book(other.subtitle) IS folded_book(book.subtitle)
        AND (other.isbn IS NULL OR book.isbn IS NULL OR other.isbn=book.isbn)
        AND (other.published_year IS NULL OR book.published_year IS NULL OR other.published_year=book.published_year)
        AND (other.language IS NULL OR book.language IS NULL OR other.language=book.language)
        AND (other.series_position IS NULL OR book.series_position IS NULL
             OR other.series_position=book.series_position)
        AND (other.edition IS NULL OR book.edition IS NULL OR other.edition=book.edition)
        AND (other.format IS NULL OR book.format IS NULL OR other.format=book.format)
        AND (other.author_id IS book.author_id
             OR EXISTS(SELECT 1 FROM author AS one JOIN author AS two ON two.name_key=one.name_key
                       WHERE one.id=book.author_id AND two.id=other.author_id
                       AND (one.birth_year IS NULL OR two.birth_year IS NULL OR one.birth_year=two.birth_year)
                       AND (one.death_year IS NULL OR two.death_year IS NULL OR one.death_year=two.death_year))))";
