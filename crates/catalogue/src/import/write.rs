//! Writing what was read into the catalogue.
//!
//! The caller's transaction holds the whole import: a crash, a full disk or a file that breaks off half way leaves the
//! catalogue as it was.
//!
//! **People** are matched by name ([`namesakes`](super::namesakes)).
//!
//! **Books** are matched by ISBN and by nothing else. What happens to a book that is already there is the caller's
//! choice ([`Existing`]); the default fills what is empty and overwrites nothing. A second row with the same ISBN in
//! the same file is rejected: there is no telling which of the two is right.
//!
//! Values come from this crate's rules in their stored form, so rows are made without checking them a second time, and
//! existing people and books are not looked up as long as there are none.

use std::collections::HashMap;
use std::io::{Read, Seek};

use colophon_store::{Entity as _, EntityId, Query, WriteSession};
use serde::Serialize;

use super::namesakes::Namesakes;
use super::record::{BookRow, Contributor, Row};
use super::rejected::RejectedRows;
use super::source::CsvFile;
use super::{ImportError, Problem};
use crate::author::AuthorId;
use crate::belongings::Belongings;
use crate::book::{Book, BookDraft, BookFilter, BookId};
use crate::contribution::{Contribution, ContributionFilter, ContributionId};
use crate::words;

/// How many problems a report lists; the others are counted, and every rejected row is in its file.
const PROBLEMS_LISTED: usize = 100_000;
/// How many rows pass between two reports of progress.
pub(super) const ROWS_PER_PROGRESS: u64 = 512;

words! {
    /// What becomes of a book whose ISBN is in the catalogue already.
    pub enum Existing {
        /// It stays as it is.
        Skip = "skip",
        /// Its empty fields are filled.
        ///
        /// What somebody has entered stays.
        Fill = "fill",
        /// Its fields are replaced.
        ///
        /// Every value that the file has takes the place of the one in the catalogue.
        Overwrite = "overwrite",
    }
}

/// What a person who says nothing would want.
impl Default for Existing {
    fn default() -> Self {
        Self::Fill
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read so far.
    pub rows: u64,
    /// Bytes of the file read so far.
    pub bytes_read: u64,
    /// The size of the file.
    pub bytes_total: u64,
}

/// The result of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Books made.
    pub imported: u64,
    /// Books that were already there and have been changed.
    pub updated: u64,
    /// Rows that changed nothing: rejected ones, and books that were already there and stay as they are.
    pub skipped: u64,
    /// How the file was read, one line for each thing that was decided.
    pub reading: Vec<String>,
    /// What is wrong with which row, in the order of the file.
    pub problems: Vec<Problem>,
    /// Problems beyond those that are listed.
    pub problems_not_listed: u64,
}

/// Imports the rest of a file in the caller's transaction.
pub(super) fn import_csv<R: Read + Seek>(
    session: &WriteSession<'_>,
    file: &mut CsvFile<R>,
    existing: Existing,
    rejected: &mut RejectedRows,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let mut import = Import::begin(session, existing)?;
    let mut rows = 0;
    while let Some(row) = file.next_row()? {
        if let Some(problems) = import.row(row)? {
            rejected.add(file.headers(), file.cells(), &problems)?;
        }
        rows += 1;
        if rows % ROWS_PER_PROGRESS == 0 {
            progress(Progress {
                rows,
                bytes_read: file.bytes_read(),
                bytes_total: file.bytes_total(),
            });
        }
    }
    progress(Progress {
        rows,
        bytes_read: file.bytes_total(),
        bytes_total: file.bytes_total(),
    });
    rejected.finish()?;
    let mut report = import.finish();
    report.reading = file.reading();
    Ok(report)
}

/// An import under way.
pub(super) struct Import<'s, 'c> {
    session: &'s WriteSession<'c>,
    pub(super) existing: Existing,
    pub(super) people: Namesakes<'s, 'c>,
    /// The ISBNs in this file and the lines of their rows.
    isbns: HashMap<String, u64>,
    /// Whether the catalogue had books before.
    may_know_books: bool,
    report: Report,
}

impl<'s, 'c> Import<'s, 'c> {
    pub(super) fn begin(session: &'s WriteSession<'c>, existing: Existing) -> Result<Self, ImportError> {
        Ok(Self {
            session,
            existing,
            people: Namesakes::of(session, existing)?,
            isbns: HashMap::new(),
            may_know_books: session.repo::<Book>().count(&Query::all())? > 0,
            report: Report::default(),
        })
    }

    /// Takes a row into the catalogue, or returns why it is rejected.
    pub(super) fn row(&mut self, mut row: Row) -> Result<Option<Vec<Problem>>, ImportError> {
        let is_taken = match row.book {
            Some(book) => self.book(row.line, book, &mut row.problems)?,
            None => false,
        };
        let rejected = (!is_taken).then(|| row.problems.clone());
        self.report.skipped += u64::from(!is_taken);
        row.problems.into_iter().for_each(|problem| self.problem(problem));
        Ok(rejected)
    }

    /// Reports something that is wrong.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.report.problems.len() < PROBLEMS_LISTED {
            self.report.problems.push(problem);
        } else {
            self.report.problems_not_listed += 1;
        }
    }

    /// Fills the lists of an author whom the file describes.
    pub(super) fn lists_of_author(
        &mut self,
        author: AuthorId,
        lists: Vec<(&'static Belongings, Vec<String>)>,
    ) -> Result<(), ImportError> {
        if self.existing == Existing::Skip && !self.people.has_made(author) {
            return Ok(());
        }
        for (list, texts) in lists {
            list.fill(
                self.session,
                author.uuid(),
                &texts,
                self.existing == Existing::Overwrite,
            )?;
        }
        Ok(())
    }

    /// Makes records with these names, where they do not exist yet.
    pub(super) fn make_named(&mut self, list: &Belongings, names: &[String]) -> Result<(), ImportError> {
        let make = list.named.map(|named| named.make);
        for name in names {
            make.map_or(Ok(()), |make| make(self.session, name))?;
        }
        Ok(())
    }

    /// Names the act for the journal and returns the report.
    pub(super) fn finish(self) -> Report {
        self.report
    }

    /// Makes the book or changes the one that is already there. False if the row is rejected after all.
    fn book(&mut self, line: u64, row: BookRow, problems: &mut Vec<Problem>) -> Result<bool, ImportError> {
        if let Some(isbn) = row.fields.text(Book::FIELDS.isbn) {
            if let Some(earlier) = self.isbns.get(isbn) {
                let reason = format!("“{isbn}”: line {earlier} of this file has it already, and it is given only once");
                problems.push(Problem {
                    line,
                    field: "isbn",
                    reason,
                });
                return Ok(false);
            }
            self.isbns.insert(isbn.to_owned(), line);
            if self.may_know_books
                && let Some(book) = self.book_with(isbn)?
            {
                self.meet(&book, row)?;
                return Ok(true);
            }
        }
        self.make_book(row)?;
        self.report.imported += 1;
        Ok(true)
    }

    fn book_with(&self, isbn: &str) -> Result<Option<Book>, ImportError> {
        let query = Query::filtered(BookFilter::with_isbn(isbn));
        Ok(self.session.repo::<Book>().one_or_none(&query)?)
    }

    fn make_book(&mut self, row: BookRow) -> Result<(), ImportError> {
        let author_id = row.author.map(|author| self.people.person(&author)).transpose()?;
        let books = self.session.repo_mut::<Book>();
        let mut book = Book::from_draft(
            &BookDraft {
                author_id,
                ..BookDraft::default()
            },
            books.stamp(),
        );
        row.fields.apply(&mut book)?;
        books.create_checked(&book)?;
        self.contributions(book.id, row.contributors)?;
        for (list, texts) in row.lists {
            list.add_all(self.session, book.id.uuid(), &texts)?;
        }
        Ok(())
    }

    fn contributions(&mut self, book_id: BookId, contributors: Vec<Contributor>) -> Result<(), ImportError> {
        for (position, contributor) in (1..).zip(contributors) {
            let author_id = self.people.person(&contributor.person)?;
            let contributions = self.session.repo_mut::<Contribution>();
            let stamp = contributions.stamp();
            contributions.create_checked(&Contribution {
                id: ContributionId::from_uuid(stamp.id),
                book_id,
                author_id,
                role: contributor.role,
                position,
                created_at: stamp.now,
                updated_at: stamp.now,
            })?;
        }
        Ok(())
    }

    /// Combines a book of the catalogue with a row that has the same ISBN.
    fn meet(&mut self, before: &Book, row: BookRow) -> Result<(), ImportError> {
        let overwrite = match self.existing {
            Existing::Skip => {
                self.report.skipped += 1;
                return Ok(());
            }
            Existing::Fill => false,
            Existing::Overwrite => true,
        };
        let mut after = before.clone();
        if overwrite {
            if let Some(author) = &row.author {
                after.author_id = Some(self.people.person(author)?);
            }
            row.fields.apply(&mut after)?;
        } else {
            row.fields.complete(&mut after)?;
        }
        let is_changed = after != *before;
        if is_changed {
            self.session.repo_mut::<Book>().update(after)?;
        }
        let mut is_changed = self.meet_contributions(before.id, row.contributors, overwrite)? || is_changed;
        for (list, texts) in row.lists {
            is_changed |= list.fill(self.session, before.id.uuid(), &texts, overwrite)?;
        }
        if is_changed {
            self.report.updated += 1;
        } else {
            self.report.skipped += 1;
        }
        Ok(())
    }

    /// Gives a book the contributions of a row, if it has none, or if they are to replace its own. Returns whether it
    /// did.
    fn meet_contributions(
        &mut self,
        book_id: BookId,
        contributors: Vec<Contributor>,
        overwrite: bool,
    ) -> Result<bool, ImportError> {
        let known = self
            .session
            .repo::<Contribution>()
            .filter(&Query::filtered(ContributionFilter::OfBook(book_id)))?;
        let mut wanted = Vec::new();
        for contributor in &contributors {
            wanted.push((self.people.find(&contributor.person)?, &contributor.role));
        }
        let is_same = known.iter().map(|one| (Some(one.author_id), &one.role)).eq(wanted);
        if contributors.is_empty() || is_same || (!known.is_empty() && !overwrite) {
            return Ok(false);
        }
        for contribution in known {
            self.session.repo_mut::<Contribution>().delete(contribution.id)?;
        }
        self.contributions(book_id, contributors)?;
        Ok(true)
    }
}
