//! One name in a cell with everything that follows it and belongs to it, and the person that it makes.

use super::dates::{Dates, Life, dates};
use super::named::Named;
use super::parts::{Part, family_words, is_east_asian, is_honorific, is_suffix, is_vietnamese_family, without_others};
use super::roles::{last_bracket, without_brackets, without_leading};
use crate::contribution::Role;

/// A name with what belongs to it.
#[derive(Debug, Default)]
pub(super) struct Group<'cell> {
    /// The name.
    pub(super) name: &'cell str,
    /// Whether it consists only of initials.
    pub(super) is_initials: bool,
    /// Particles of a family name that come after it.
    pub(super) particles: Option<&'cell str>,
    /// Suffixes and titles, in order.
    pub(super) extras: Vec<&'cell str>,
    /// The years of the life.
    pub(super) life: Option<Life>,
    /// What they did.
    pub(super) roles: Vec<Role>,
    /// Whether the role also applies to those before.
    pub(super) is_plural: bool,
    /// A year about which nothing else is said.
    pub(super) has_year: bool,
}

/// The result of reading a list of pieces.
#[derive(Debug, Default)]
pub(super) struct Groups<'cell> {
    /// The names, in order.
    pub(super) groups: Vec<Group<'cell>>,
    /// Whether it mentions people without naming them.
    pub(super) has_others: bool,
}

impl<'cell> Groups<'cell> {
    /// Puts together what stands between commas.
    pub(super) fn of(pieces: impl IntoIterator<Item = &'cell str>) -> Self {
        let mut found = Self::default();
        for piece in pieces {
            found.add(piece.trim());
        }
        found
    }

    fn add(&mut self, piece: &'cell str) {
        if piece.is_empty() {
            return;
        }
        let part = match (Part::of(piece), self.groups.last_mut()) {
            (Part::Others, _) => {
                self.has_others = true;
                return;
            }
            (part @ (Part::Name(_) | Part::Initials(_)), _) => part,
            // With nobody before it, it is somebody's name.
            (_, None) => Part::Name(piece),
            (part, Some(last)) => {
                last.take(part);
                return;
            }
        };
        let is_initials = matches!(part, Part::Initials(_));
        let mut group = Group {
            is_initials,
            ..Group::default()
        };
        self.has_others |= group.name(piece);
        if !group.name.is_empty() {
            self.groups.push(group);
        }
    }
}

impl<'cell> Group<'cell> {
    fn take(&mut self, part: Part<'cell>) {
        match part {
            Part::Suffix(text) | Part::Honorific(text) => self.extras.push(text),
            Part::Particles(text) => self.particles = Some(text),
            Part::Dates(Dates::Life(life)) => self.life = Some(life),
            Part::Dates(Dates::Year) => self.has_year = true,
            Part::Roles(roles) => {
                self.is_plural |= roles.is_plural;
                self.roles.extend(roles.roles);
            }
            Part::Name(_) | Part::Initials(_) | Part::Others => {}
        }
    }

    /// Takes off the name what is not part of it: a role, years, “et al.”. True if others are meant.
    fn name(&mut self, piece: &'cell str) -> bool {
        let (piece, leading) = without_leading(piece);
        let (piece, bracket) = without_brackets(piece);
        self.roles.extend(leading);
        if let Some(bracket) = bracket {
            self.is_plural = bracket.is_plural;
            self.roles.extend(bracket.roles);
        }
        let others = without_others(piece);
        let piece = without_role_behind_dash(others.unwrap_or(piece), &mut self.roles);
        self.name = self.without_years(piece);
        others.is_some()
    }

    /// “Ida Fell (1820-1877)”, “Ida Fell 1820-1877”.
    fn without_years(&mut self, piece: &'cell str) -> &'cell str {
        if let Some((name, inner)) = last_bracket(piece)
            && let Some(Dates::Life(life)) = dates(inner)
            && !name.is_empty()
        {
            self.life = Some(life);
            return name;
        }
        if let Some((name, last)) = piece.rsplit_once(' ')
            && last.len() > 4
            && let Some(Dates::Life(life)) = dates(last)
            && (life.birth.is_some() || life.death.is_some())
        {
            self.life = Some(life);
            return name.trim_end();
        }
        piece
    }

    /// How many words the name has.
    pub(super) fn words(&self) -> usize {
        self.name.split_whitespace().count()
    }

    /// Whether something follows it that belongs to a whole name.
    pub(super) fn is_ended(&self) -> bool {
        self.life.is_some() || self.has_year || !self.extras.is_empty() || !self.roles.is_empty()
    }

    /// The person, if this is a whole name in direct order.
    pub(super) fn direct(self) -> Named {
        let name = with_extras(self.name, &self.extras);
        self.person(name, None)
    }

    /// The person, if this is a whole name with the family name first and no comma after it.
    pub(super) fn family_first(self) -> Named {
        let words: Vec<&str> = self.name.split_whitespace().collect();
        if words.len() < 2 || is_east_asian(self.name) || is_suffix(words[words.len() - 1]) {
            return self.direct();
        }
        let (family, given) = words.split_at(family_words(&words));
        let (family, given) = (family.join(" "), given.join(" "));
        let name = with_extras(&joined(&given, &family), &self.extras);
        let sort_name = sorted(&family, &given, &self.extras);
        self.person(name, Some(sort_name))
    }

    /// The person whose family name this is and whose given names the other is.
    pub(super) fn inverted(mut self, given: Self) -> Named {
        self.extras.extend(given.extras);
        self.life = given.life.or(self.life);
        self.roles.extend(given.roles);
        self.is_plural |= given.is_plural;
        self.has_year |= given.has_year;
        let particles = self.particles.or(given.particles);
        // Libraries say in brackets what initials stand for; that is for sorting.
        let short = match last_bracket(given.name) {
            Some((short, _)) if !short.is_empty() => short,
            _ => given.name,
        };
        let short = match particles {
            Some(particles) => format!("{short} {particles}"),
            None => short.to_owned(),
        };
        let shown = match particles {
            Some(particles) => format!("{} {particles}", given.name),
            None => given.name.to_owned(),
        };
        let stays_in_front = is_vietnamese_family(self.name);
        let name = if is_east_asian(self.name) && is_east_asian(&short) {
            format!("{}{short}", self.name)
        } else if stays_in_front {
            format!("{} {short}", self.name)
        } else {
            joined(&short, self.name)
        };
        let name = with_extras(&name, &self.extras);
        let sort_name = sorted(self.name, &shown, &self.extras);
        self.person(name, Some(sort_name))
    }

    fn person(self, name: String, sort_name: Option<String>) -> Named {
        let life = self.life.unwrap_or_default();
        Named {
            name,
            sort_name,
            roles: self.roles,
            birth_year: life.birth,
            death_year: life.death,
        }
    }
}

/// “Ida Fell - Translator”, where a role follows a dash with spaces.
fn without_role_behind_dash<'cell>(piece: &'cell str, roles: &mut Vec<Role>) -> &'cell str {
    if let Some((name, role)) = piece.rsplit_once(" - ")
        && let Some(found) = super::roles::roles(role)
    {
        roles.extend(found.roles);
        return name.trim_end();
    }
    piece
}

/// Given names before the family name; no space after an apostrophe.
fn joined(given: &str, family: &str) -> String {
    let space = if given.ends_with(['\'', '’']) { "" } else { " " };
    format!("{given}{space}{family}")
}

fn sorted(family: &str, given: &str, extras: &[&str]) -> String {
    let mut sort_name = format!("{family}, {given}");
    for extra in extras {
        sort_name.push_str(", ");
        sort_name.push_str(extra);
    }
    sort_name
}

/// The name with its titles before it and its suffixes after it.
fn with_extras(name: &str, extras: &[&str]) -> String {
    let mut full = String::with_capacity(name.len());
    for title in extras.iter().filter(|extra| is_honorific(extra)) {
        full.push_str(title);
        full.push(' ');
    }
    full.push_str(name);
    for suffix in extras.iter().filter(|extra| !is_honorific(extra)) {
        full.push(' ');
        full.push_str(suffix);
    }
    full
}
