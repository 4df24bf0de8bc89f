//! Who in the catalogue is meant by a name in a file.
//!
//! People are matched by name, exactly (once spaces and Unicode are in their stored form), and by the years of their
//! lives: somebody born or died in another year is another person. Years and a sort name that come further down in the
//! file fill what is empty in somebody whom the import made; years also fill what is empty in somebody who was there
//! before. "J.R.R. Tolkien" and "J. R. R. Tolkien" remain two records, unless one is recorded as another form of the
//! other's name: merging two people is easy, separating two that an import has merged is not. If the catalogue has
//! several people with the same name, the one who was entered first is meant. Nobody is looked up if the catalogue had
//! no people before the import.

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
    found: HashMap<String, Vec<Known>>,
    /// Those who were made by [`author`](Self::author).
    made: HashSet<AuthorId>,
    /// Whether the catalogue had people before, who may be among those in the file.
    had_people: bool,
    existing: Existing,
}

/// Somebody whom the file has mentioned.
#[derive(Debug, Clone, Copy)]
struct Known {
    id: AuthorId,
    birth_year: Option<i32>,
    death_year: Option<i32>,
    /// Whether the file has given a sort name, or must not.
    has_sort_name: bool,
    /// Whether the import may fill the years.
    may_fill: bool,
}

impl Known {
    /// Whether a mention may mean this person: no year contradicts.
    fn may_be(&self, person: &Person) -> bool {
        let fits = |known: Option<i32>, said: Option<i32>| known.zip(said).is_none_or(|(known, said)| known == said);
        fits(self.birth_year, person.birth_year) && fits(self.death_year, person.death_year)
    }

    /// How many years both have in common.
    fn shared(&self, person: &Person) -> usize {
        usize::from(self.birth_year.is_some() && self.birth_year == person.birth_year)
            + usize::from(self.death_year.is_some() && self.death_year == person.death_year)
    }
}

impl<'s, 'c> Namesakes<'s, 'c> {
    pub(super) fn of(session: &'s WriteSession<'c>, existing: Existing) -> Result<Self, ImportError> {
        let had_people = session.repo::<Author>().count(&Query::all())? > 0;
        Ok(Self {
            session,
            found: HashMap::new(),
            made: HashSet::new(),
            had_people,
            existing,
        })
    }

    /// The person who is meant, made if there is none of that name.
    pub(super) fn person(&mut self, person: &Person) -> Result<AuthorId, ImportError> {
        if let Some(id) = self.find(person)? {
            self.fill(person)?;
            return Ok(id);
        }
        let authors = self.session.repo_mut::<Author>();
        let draft = AuthorDraft {
            sort_name: person.sort_name.clone().unwrap_or_else(|| sort_name(&person.name)),
            birth_year: person.birth_year,
            death_year: person.death_year,
            ..AuthorDraft::named(person.name.clone())
        };
        let author = Author::from_draft(&draft, authors.stamp());
        authors.create_checked(&author)?;
        self.found.entry(author.name).or_default().push(Known {
            id: author.id,
            birth_year: person.birth_year,
            death_year: person.death_year,
            has_sort_name: person.sort_name.is_some(),
            may_fill: true,
        });
        Ok(author.id)
    }

    /// The person who is meant, if there is one.
    pub(super) fn find(&mut self, person: &Person) -> Result<Option<AuthorId>, ImportError> {
        if person.known.is_some() {
            return Ok(person.known);
        }
        if !self.found.contains_key(&person.name) {
            let before = self.known_before(&person.name)?;
            self.found.insert(person.name.clone(), before);
        }
        Ok(self.meant(person).map(|known| known.id))
    }

    /// Among those of a name, the one with whom most years agree; if there is a tie, the first.
    fn meant(&self, person: &Person) -> Option<&Known> {
        let of_name = self
            .found
            .get(&person.name)?
            .iter()
            .filter(|known| known.may_be(person));
        of_name.reduce(|best, other| {
            if other.shared(person) > best.shared(person) {
                other
            } else {
                best
            }
        })
    }

    /// Fills in what a mention further down says and earlier ones did not.
    fn fill(&mut self, person: &Person) -> Result<(), ImportError> {
        let Some(mut known) = self.meant(person).copied().filter(|_| person.known.is_none()) else {
            return Ok(());
        };
        let fills_birth = known.birth_year.is_none() && person.birth_year.is_some();
        let fills_death = known.death_year.is_none() && person.death_year.is_some();
        let fills_years = known.may_fill && (fills_birth || fills_death);
        let fills_sort_name = !known.has_sort_name && person.sort_name.is_some();
        if !fills_years && !fills_sort_name {
            return Ok(());
        }
        let authors = self.session.repo_mut::<Author>();
        let mut author = authors.get(known.id)?;
        if fills_years {
            known.birth_year = known.birth_year.or(person.birth_year);
            known.death_year = known.death_year.or(person.death_year);
            (author.birth_year, author.death_year) = (known.birth_year, known.death_year);
        }
        if let Some(sort_name) = person.sort_name.as_ref().filter(|_| fills_sort_name) {
            author.sort_name.clone_from(sort_name);
            known.has_sort_name = true;
        }
        authors.update(author)?;
        let of_name = self.found.get_mut(&person.name).into_iter().flatten();
        of_name
            .filter(|other| other.id == known.id)
            .for_each(|other| *other = known);
        Ok(())
    }

    /// Those of that name whom the catalogue had before the import.
    fn known_before(&self, name: &str) -> Result<Vec<Known>, ImportError> {
        let mut known = Vec::new();
        for id in self.ids_before(name)? {
            let author = self.session.repo::<Author>().get(id)?;
            known.push(Known {
                id,
                birth_year: author.birth_year,
                death_year: author.death_year,
                has_sort_name: true,
                may_fill: self.existing != Existing::Skip,
            });
        }
        Ok(known)
    }

    /// Whether an author was made by [`author`](Self::author), rather than found.
    pub(super) fn has_made(&self, id: AuthorId) -> bool {
        self.made.contains(&id)
    }

    /// Identifies an author of the file with somebody of that name and those years who was there before, or makes a new
    /// one: namesakes within a file that tells people apart are different people.
    pub(super) fn author(&mut self, said: Patch<Author>, existing: Existing) -> Result<Author, ImportError> {
        let authors = self.session.repo_mut::<Author>();
        let name = said.text(Author::FIELDS.name).unwrap_or_default();
        let year = |field| said.number(field).and_then(|year| i32::try_from(year).ok());
        let person = Person {
            name: name.to_owned(),
            sort_name: None,
            birth_year: year(Author::FIELDS.birth_year),
            death_year: year(Author::FIELDS.death_year),
            known: None,
        };
        let before = self
            .known_before(name)?
            .into_iter()
            .filter(|known| known.may_be(&person));
        let best = before.reduce(|best, other| {
            if other.shared(&person) > best.shared(&person) {
                other
            } else {
                best
            }
        });
        let Some(Known { id, .. }) = best else {
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
        Ok(authors.update(author)?)
    }

    /// The people of that name whom the catalogue had before the import: by their names, then by other forms of them.
    fn ids_before(&self, name: &str) -> colophon_store::Result<Vec<AuthorId>> {
        // The index is on the folded name; the name itself decides.
        const NAMED: Sql = Sql::new("SELECT id FROM author WHERE name_key=? AND name=? ORDER BY id");
        const ALSO_NAMED: Sql =
            Sql::new("SELECT author_id FROM author_name WHERE name_key=? AND name=? ORDER BY author_id");
        if !self.had_people {
            return Ok(Vec::new());
        }
        let key = crate::folding::fold(name);
        let mut ids: Vec<AuthorId> = Vec::new();
        for named in [&NAMED, &ALSO_NAMED] {
            let namesakes: Vec<AuthorId> = self
                .session
                .query(named, params![key, name], |row| colophon_store::read_field(row, 0))?;
            let others = namesakes.into_iter().filter(|id| !self.made.contains(id));
            ids.extend(others);
        }
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        Ok(ids)
    }
}
