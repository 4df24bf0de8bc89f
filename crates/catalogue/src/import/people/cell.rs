//! The people of one cell.

use super::corporate::{is_body, is_form};
use super::group::{Group, Groups};
use super::parts::{begins_with_particle, ends_in_initial, is_east_asian, is_suffix};
use super::roles::without_brackets;
use super::separators::{Mark, MarkKind, between, marks};
use super::{Commas, Habit, Named, People};
use crate::contribution::Role;

/// The greatest length of a piece that can be the name of one body.
const BODY_MAX_BYTES: usize = 300;
/// The most commas that the name of a body may have.
const BODY_MAX_COMMAS: usize = 3;

/// Reads the cells of a column by its habit.
pub(in crate::import) struct Reader<'habit> {
    habit: &'habit Habit,
    found: People,
    /// How many of those at the beginning surely have a role, as one that speaks of several was given to them.
    with_roles: usize,
}

/// What two names with a comma between them are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    One,
    Two,
    Body,
    /// Two, as far as can be told.
    PerhapsTwo,
}

impl<'habit> Reader<'habit> {
    /// The people of a cell, in its order.
    pub(in crate::import) fn read(habit: &'habit Habit, cell: &str) -> People {
        let mut reader = Self {
            habit,
            found: People::default(),
            with_roles: 0,
        };
        match habit.separator.as_deref().filter(|separator| !separator.is_empty()) {
            // A person said what separates people, so a comma is within a name.
            Some(separator) => cell.split(separator).for_each(|piece| reader.told(piece)),
            None => reader.cell(cell),
        }
        reader.found
    }

    fn cell(&mut self, cell: &str) {
        let all = marks(cell);
        let sure = all.iter().copied().filter(|mark| mark.kind == MarkKind::Sure);
        let pieces = between(cell, sure);
        let is_list = pieces.iter().filter(|piece| !piece.trim().is_empty()).count() > 1;
        for piece in pieces {
            let slashes: Vec<Mark> = marks(piece)
                .into_iter()
                .filter(|mark| mark.kind == MarkKind::Slash)
                .collect();
            let parts = between(piece, slashes.into_iter());
            if parts.len() > 1 && parts.iter().any(|part| part.contains([' ', ',']) || !part.is_ascii()) {
                for part in parts {
                    self.piece(part.trim(), true);
                }
            } else {
                self.piece(piece.trim(), is_list);
            }
        }
    }

    /// One person, whose names a comma separates.
    fn told(&mut self, piece: &str) {
        let commas = marks(piece).into_iter().filter(|mark| is_comma(*mark));
        let Groups { groups, has_others } = Groups::of(between(piece, commas));
        self.others(has_others);
        if matches!(groups.len(), 1 | 2) && !is_body(piece) {
            self.pairs(groups);
        } else if !groups.is_empty() {
            self.single(piece.trim());
        }
    }

    /// What lies between two places that certainly separate people.
    fn piece(&mut self, piece: &str, is_list: bool) {
        if piece.is_empty() {
            return;
        }
        let marks = marks(piece);
        let commas = marks.iter().filter(|mark| is_comma(**mark)).count();
        let may_be_body = piece.len() <= BODY_MAX_BYTES && commas <= BODY_MAX_COMMAS;
        if may_be_body && self.is_one_body(piece, &marks) {
            self.single(piece);
            return;
        }
        let joins: Vec<Mark> = marks
            .into_iter()
            .filter(|mark| matches!(mark.kind, MarkKind::And | MarkKind::Ampersand))
            .collect();
        let is_several = !joins.is_empty() || is_list;
        for part in self.joined(piece, &joins) {
            self.names(part, is_several);
        }
    }

    /// Whether a whole piece is the name of a body, with its commas and conjunctions.
    fn is_one_body(&self, piece: &str, marks: &[Mark]) -> bool {
        if marks.is_empty() {
            return is_body(piece);
        }
        let (name, _) = without_brackets(piece);
        let parts = between(
            name,
            marks
                .iter()
                .copied()
                .filter(|mark| is_comma(*mark) && mark.end <= name.len()),
        );
        let (first, rest) = parts
            .split_first()
            .map_or((name, &[][..]), |(first, rest)| (*first, rest));
        let is_all_single = parts
            .iter()
            .all(|part| part.split_whitespace().filter(|word| *word != "&").count() <= 2);
        if marks.iter().any(|mark| mark.kind == MarkKind::Ampersand)
            && parts.len() > 1
            && is_all_single
            && parts
                .iter()
                .all(|part| part.split(" & ").all(|one| !one.trim().contains(' ')))
            && !Self::is_inverted_list(name)
        {
            return true;
        }
        if rest.is_empty() {
            return is_body(first);
        }
        // “University of Graz, Ida Fell” are two if names are direct.
        is_body(first) && rest.iter().all(|part| self.goes_on(part.trim()))
            || rest.iter().all(|part| is_form(part.trim()))
    }

    /// “Holm, Eva & Ignatova, Vera”: there is a comma on both sides of the conjunction.
    fn is_inverted_list(piece: &str) -> bool {
        piece.split(" & ").all(|side| side.contains(','))
    }

    /// Whether a part after a comma belongs to the body before it.
    fn goes_on(&self, part: &str) -> bool {
        is_body(part)
            || is_form(part)
            || !part.contains(' ')
            || self.habit.commas == Commas::PartNames
            || part
                .split_whitespace()
                .any(|word| matches!(word, "of" | "für" | "de" | "des" | "the" | "and" | "di"))
    }

    /// Splits a piece at the words that join people, and leaves those that join the words of one name.
    fn joined<'piece>(&mut self, piece: &'piece str, joins: &[Mark]) -> Vec<&'piece str> {
        if joins.is_empty() {
            return vec![piece];
        }
        let sides = between(piece, joins.iter().copied());
        let mut taken = Vec::new();
        for (join, pair) in joins.iter().zip(sides.windows(2)) {
            let (left, right) = (pair[0].trim().trim_end_matches(','), pair[1].trim());
            if self.is_whole(left) && self.is_whole(right) {
                taken.push(*join);
            } else if !left.contains(' ') && !left.is_empty() && right.contains(' ') && self.found.doubts.len() < 3 {
                self.found.doubts.push(format!(
                    "“{left} … {right}”: whether this is one name or two people with one family name cannot be told; it was left whole"
                ));
            }
        }
        between(piece, taken.into_iter())
    }

    /// Whether one side of a conjunction is somebody's whole name.
    fn is_whole(&self, side: &str) -> bool {
        let (name, roles) = without_brackets(side);
        let first = name.split([',', '،', '，']).next().unwrap_or_default();
        let has_comma = first.len() < name.len() && !name[first.len()..].trim_start_matches(',').trim().is_empty();
        let words = name.split_whitespace().filter(|word| !is_suffix(word)).count();
        roles.is_some() || has_comma || words >= 2 || is_east_asian(name) || self.habit.known.contains(name)
    }

    /// Names with commas and what belongs to them.
    fn names(&mut self, piece: &str, is_several: bool) {
        let all = marks(piece);
        let is_wide = all.iter().any(|mark| mark.kind == MarkKind::WideComma);
        let Groups { groups, has_others } = Groups::of(between(piece, all.into_iter().filter(|mark| is_comma(*mark))));
        self.others(has_others);
        let before = self.found.named.len();
        let plural = groups.iter().filter(|group| group.is_plural);
        let plural: Vec<Role> = plural.flat_map(|group| group.roles.clone()).collect();
        self.groups(groups, is_wide, is_several);
        if !plural.is_empty() {
            let from = if is_several { self.with_roles } else { before };
            let people = self.found.named[from..].iter_mut().filter(|one| one.roles.is_empty());
            people.for_each(|one| one.roles.clone_from(&plural));
            self.with_roles = self.found.named.len();
        }
    }

    fn groups(&mut self, groups: Vec<Group<'_>>, is_wide: bool, is_several: bool) {
        match groups.len() {
            0 => {}
            1 => {
                for group in groups {
                    self.alone(group);
                }
            }
            2 => self.two(groups, is_wide, is_several),
            _ => self.many(groups),
        }
    }

    fn alone(&mut self, group: Group<'_>) {
        self.year(&group);
        let is_family_first = self.habit.is_family_first && !is_body(group.name);
        if self.habit.commas == Commas::PartNames
            && group.words() > 1
            && !is_body(group.name)
            && !is_east_asian(group.name)
        {
            self.found.differs = true;
        }
        self.found.named.push(if is_family_first {
            group.family_first()
        } else {
            group.direct()
        });
    }

    fn two(&mut self, groups: Vec<Group<'_>>, is_wide: bool, is_several: bool) {
        let is_inverted = self.habit.commas == Commas::PartNames;
        match self.verdict(&groups[0], &groups[1], is_wide, is_several) {
            Verdict::One => {
                self.found.differs |= !is_inverted;
                self.pairs(groups);
            }
            Verdict::Body => {
                let name = groups.iter().map(|group| group.name).collect::<Vec<_>>().join(", ");
                self.found.named.push(Named::plain(name));
            }
            verdict => {
                self.found.differs |= is_inverted;
                if verdict == Verdict::PerhapsTwo {
                    let (first, second) = (groups[0].name, groups[1].name);
                    self.found.doubts.push(format!(
                        "“{first}, {second}”: it was read as two people, and may be one with the family name first; --names says which"
                    ));
                }
                for group in groups {
                    self.direct(group);
                }
            }
        }
    }

    fn verdict(&self, first: &Group<'_>, second: &Group<'_>, is_wide: bool, is_several: bool) -> Verdict {
        let habit = self.habit;
        let (words, words_after) = (first.words(), second.words());
        if habit.is_told {
            return match habit.commas {
                Commas::PartNames => Verdict::One,
                _ if second.is_initials => Verdict::One,
                _ => Verdict::Two,
            };
        }
        if first.is_ended() {
            return Verdict::Two;
        }
        if is_body(first.name) && !second.is_ended() && words_after == 1 {
            return Verdict::Body;
        }
        if is_wide && (is_east_asian(first.name) || words > 1 && words_after > 1) {
            return Verdict::Two;
        }
        let is_direct = habit.commas == Commas::PartPeople;
        let ends_a_person = second.life.is_some() || second.has_year || !second.extras.is_empty() && words == 1;
        if second.is_initials
            || ends_a_person && (!is_direct || words == 1 || second.life.is_some() && habit.is_mixed)
            || first.particles.is_some()
            || habit.known.contains(&format!("{} {}", second.name, first.name))
        {
            return Verdict::One;
        }
        if habit.known.contains(first.name) {
            return Verdict::Two;
        }
        if !is_direct {
            return Verdict::One;
        }
        match (words, words_after) {
            (1, 1) if is_east_asian(first.name) || is_east_asian(second.name) => Verdict::Two,
            (1, 1) => Verdict::One,
            // In a list separated by semicolons, a comma has another purpose.
            _ if is_several && (words == 1 || words_after == 1 || ends_in_initial(second.name)) => Verdict::One,
            _ if begins_with_particle(first.name) && words > 1 && words_after < 3 => Verdict::One,
            (1, _) if ends_in_initial(second.name) => Verdict::One,
            (1, _) if habit.is_mixed => Verdict::PerhapsTwo,
            (_, 1) if habit.is_mixed => Verdict::One,
            _ => Verdict::Two,
        }
    }

    /// Three or more names with commas between them.
    fn many(&mut self, groups: Vec<Group<'_>>) {
        let is_direct = self.habit.commas == Commas::PartPeople;
        let is_even = groups.len().is_multiple_of(2);
        let initials = groups.iter().skip(1).step_by(2).all(|group| group.is_initials);
        let is_list = groups.iter().all(|group| group.words() > 1);
        if is_even && (initials || !is_direct && !is_list) {
            self.found.differs |= is_direct;
            self.pairs(groups);
        } else if is_direct || is_list || groups.len() > 3 {
            self.found.differs |= !is_direct;
            self.list(groups);
        } else {
            let shown: Vec<&str> = groups.iter().map(|group| group.name).collect();
            self.found.doubts.push(format!(
                "“{}”: the family name stands first, and what the last part means cannot be told; it was left with the name",
                shown.join(", ")
            ));
            let last = groups[2].name;
            let mut pair = groups;
            pair.truncate(2);
            pair[1].extras.push(last);
            self.pairs(pair);
        }
    }

    /// People in direct order, some of whom may have their initials after a comma.
    fn list(&mut self, groups: Vec<Group<'_>>) {
        let mut groups = groups.into_iter().peekable();
        while let Some(group) = groups.next() {
            let given = groups.next_if(|next| next.is_initials && group.words() == 1 && !group.is_ended());
            match given {
                Some(given) => self.found.named.push(group.inverted(given)),
                None => self.direct(group),
            }
        }
    }

    /// Family names, each followed by its given names.
    fn pairs(&mut self, groups: Vec<Group<'_>>) {
        let mut groups = groups.into_iter();
        while let Some(family) = groups.next() {
            match groups.next() {
                Some(given) => {
                    self.year(&family);
                    self.year(&given);
                    self.found.named.push(family.inverted(given));
                }
                None => self.direct(family),
            }
        }
    }

    fn direct(&mut self, group: Group<'_>) {
        self.year(&group);
        let is_family_first = self.habit.is_family_first && !is_body(group.name);
        self.found.named.push(if is_family_first {
            group.family_first()
        } else {
            group.direct()
        });
    }

    /// A name in which a comma separates nothing.
    fn single(&mut self, piece: &str) {
        let (name, roles) = without_brackets(piece);
        self.found.named.push(Named {
            roles: roles.map(|found| found.roles).unwrap_or_default(),
            ..Named::plain(name)
        });
    }

    fn others(&mut self, has_others: bool) {
        if has_others {
            self.found
                .doubts
                .push("“et al.”: the others are not named in the file, so nobody was made of them".to_owned());
        }
    }

    fn year(&mut self, group: &Group<'_>) {
        if group.has_year {
            self.found.doubts.push(format!(
                "“{}”: a year stands behind the name, and whether of birth or of death is not told; it was left out",
                group.name
            ));
        }
    }
}

fn is_comma(mark: Mark) -> bool {
    matches!(mark.kind, MarkKind::Comma | MarkKind::WideComma)
}
