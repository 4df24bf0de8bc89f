//! The people of a record, as a format names them.

use super::{Record, Records, Whom};
use crate::contribution::Role;
use crate::import::people::Reader as PeopleReader;
use crate::import::record::{BookRow, Contributor, Person, person};

impl Records {
    /// The first who wrote it is its author; nobody is named twice in the same role.
    pub(super) fn people(
        &self,
        book: &mut BookRow,
        record: &Record,
        language: &str,
        problem: &mut dyn FnMut(&'static str, String),
    ) {
        let mut known = std::collections::HashSet::new();
        for (whom, role) in &record.people {
            let field = if *role == Role::Author {
                "author"
            } else {
                "contributors"
            };
            for (person, role) in self.meant(whom, role, language, &mut |reason| problem(field, reason)) {
                if !known.insert((person.known, person.name.clone(), person.birth_year, role.clone())) {
                    continue;
                }
                if role == Role::Author && book.author.is_none() && !record.has_no_author {
                    book.author = Some(person);
                } else {
                    book.contributors.push(Contributor { person, role });
                }
            }
        }
    }

    fn meant(&self, whom: &Whom, role: &Role, language: &str, problem: &mut dyn FnMut(String)) -> Vec<(Person, Role)> {
        let everybody = match whom {
            Whom::Known(person) => vec![(person.clone(), role.clone())],
            Whom::Described(key, person) => {
                let known = self.authors.get(key).cloned();
                let person = known.map_or_else(
                    || person.clone(),
                    |(id, name)| Person {
                        known: Some(id),
                        ..Person::named(name)
                    },
                );
                vec![(person, role.clone())]
            }
            Whom::InWords(words) => {
                let found = PeopleReader::read(&self.habit, words);
                found.doubts.into_iter().for_each(&mut *problem);
                let mut everybody = Vec::new();
                for named in found.named {
                    let roles = if named.roles.is_empty() {
                        vec![role.clone()]
                    } else {
                        named.roles
                    };
                    let person = Person {
                        sort_name: named.sort_name,
                        birth_year: named.birth_year,
                        death_year: named.death_year,
                        ..Person::named(named.name)
                    };
                    everybody.extend(roles.into_iter().map(|role| (person.clone(), role)));
                }
                everybody
            }
        };
        let checked = everybody
            .into_iter()
            .filter_map(|(one, role)| match person(one, language) {
                Ok(person) => Some((person, role)),
                Err(error) => {
                    problem(error.reason);
                    None
                }
            });
        checked.collect()
    }
}
