//! Who of the catalogue is meant by a name of a file.
//!
//! People are matched by name, exactly (once spaces and Unicode are in their stored form). "J.R.R. Tolkien" and "J. R. R.
//! Tolkien" stay two records, unless one is written down as another form of the other's name: to merge two people is easy, to part two that
//! an import has merged is not. Of several people with one name in the catalogue, the one who was entered first is meant. Looking people up is left out as long as the
//! catalogue had none before the import.

use std::collections::{HashMap, HashSet};

use colophon_store::{Entity as _, Patch, Query, Sql, WriteSession};
use rusqlite::params;

use super::ImportError;
use super::record::Person;
use super::write::Existing;
use crate::author::{Author, AuthorDraft, AuthorId};
use crate::person_name::sort_name;

/// The people of a file under way.
pub(super) struct Namesakes<'s, 'c> {
    session: &'s WriteSession<'c>,
    found: HashMap<String, AuthorId>,
    /// Those who were made by [`author`](Self::author).
    made: HashSet<AuthorId>,
    /// Whether the catalogue had people before, who may be among those of the file.
    had_people: bool,
}

impl<'s, 'c> Namesakes<'s, 'c> {
    pub(super) fn of(session: &'s WriteSession<'c>) -> Result<Self, ImportError> {
        let had_people = session.repo::<Author>().count(&Query::all())? > 0;
        Ok(Self {
            session,
            found: HashMap::new(),
            made: HashSet::new(),
            had_people,
        })
    }

    /// The person who is meant, made when there is none of that name.
    pub(super) fn person(&mut self, person: &Person) -> Result<AuthorId, ImportError> {
        if let Some(id) = self.find(person)? {
            return Ok(id);
        }
        let authors = self.session.repo_mut::<Author>();
        let draft = AuthorDraft {
            sort_name: person.sort_name.clone().unwrap_or_else(|| sort_name(&person.name)),
            ..AuthorDraft::named(person.name.clone())
        };
        let author = Author::from_draft(&draft, authors.stamp());
        authors.create_checked(&author)?;
        self.found.insert(author.name, author.id);
        Ok(author.id)
    }

    /// The person who is meant, if there is one.
    pub(super) fn find(&mut self, person: &Person) -> Result<Option<AuthorId>, ImportError> {
        if let Some(id) = person.known.or_else(|| self.found.get(&person.name).copied()) {
            return Ok(Some(id));
        }
        let id = self.id_before(&person.name)?;
        if let Some(id) = id {
            self.found.insert(person.name.clone(), id);
        }
        Ok(id)
    }

    /// Whether an author was made by [`author`](Self::author), and not found.
    pub(super) fn has_made(&self, id: AuthorId) -> bool {
        self.made.contains(&id)
    }

    /// Brings an author of the file together with the one of that name who was there before, or makes a new one: namesakes
    /// within one file that tells people apart are different people.
    pub(super) fn author(&mut self, said: Patch<Author>, existing: Existing) -> colophon_store::Result<Author> {
        let authors = self.session.repo_mut::<Author>();
        let name = said.text(Author::FIELDS.name).unwrap_or_default();
        let Some(id) = self.id_before(name)? else {
            let mut author = Author::from_draft(&AuthorDraft::default(), authors.stamp());
            said.apply(&mut author)?;
            let author = author.checked_in_full()?;
            authors.create_checked(&author)?;
            self.made.insert(author.id);
            return Ok(author);
        };
        let mut author = authors.get(id)?;
        match existing {
            Existing::Skip => return Ok(author),
            Existing::Fill => said.complete(&mut author)?,
            Existing::Overwrite => said.apply(&mut author)?,
        }
        authors.update(author)
    }

    /// The person of that name whom the catalogue had before the import.
    fn id_before(&self, name: &str) -> colophon_store::Result<Option<AuthorId>> {
        // The index is on the folded name; the name itself decides.
        const NAMED: Sql = Sql::new("SELECT id FROM author WHERE name_key=? AND name=? ORDER BY id");
        const ALSO_NAMED: Sql =
            Sql::new("SELECT author_id FROM author_name WHERE name_key=? AND name=? ORDER BY author_id");
        if !self.had_people {
            return Ok(None);
        }
        let key = crate::folding::fold(name);
        for named in [&NAMED, &ALSO_NAMED] {
            let namesakes: Vec<AuthorId> = self
                .session
                .query(named, params![key, name], |row| colophon_store::read_field(row, 0))?;
            if let Some(id) = namesakes.into_iter().find(|id| !self.made.contains(id)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}
