//! What a piece between two commas is: a name, or something that belongs to the name before it.

use super::dates::{Dates, dates};
use super::roles::{Roles, roles};

/// A piece between two commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'cell> {
    /// A name, a family name, or given names.
    Name(&'cell str),
    /// Initials: given names belonging to the family name before them.
    Initials(&'cell str),
    /// Particles belonging to the family name before them: `van den`.
    Particles(&'cell str),
    /// `Jr.`, `III`, `PhD`.
    Suffix(&'cell str),
    /// `Sir`, `Dr.`: it goes before the given names.
    Honorific(&'cell str),
    /// The years of a life.
    Dates(Dates),
    /// What the person did.
    Roles(Roles),
    /// “et al.”: nobody.
    Others,
}

impl<'cell> Part<'cell> {
    /// What a piece is. A person's first piece is always a name.
    pub(super) fn of(text: &'cell str) -> Self {
        if is_suffix(text) {
            Self::Suffix(text)
        } else if is_honorific(text) {
            Self::Honorific(text)
        } else if is_others(text) {
            Self::Others
        } else if let Some(dates) = dates(text) {
            Self::Dates(dates)
        } else if is_initials(text) {
            Self::Initials(text)
        } else if is_particles(text) {
            Self::Particles(text)
        } else if let Some(roles) = lower_case(text).and_then(roles) {
            Self::Roles(roles)
        } else {
            Self::Name(text)
        }
    }
}

/// Outside brackets a role is written in lower case; with a capital it may be somebody's name (“Reader”, “Com”).
fn lower_case(text: &str) -> Option<&str> {
    text.chars().next().is_some_and(char::is_lowercase).then_some(text)
}

/// A suffix of a name.
pub(super) fn is_suffix(text: &str) -> bool {
    matches!(
        text.trim_end_matches(['.', ',']),
        "Jr" | "Sr"
            | "jr"
            | "sr"
            | "II"
            | "III"
            | "IV"
            | "PhD"
            | "Ph.D"
            | "Ph. D"
            | "MD"
            | "M.D"
            | "M. D"
            | "Esq"
            | "SJ"
            | "S.J"
            | "OP"
            | "O.P"
            | "OSB"
            | "Filho"
            | "Neto"
            | "père"
            | "fils"
            | "Sohn"
            | "d.J"
            | "d. J"
            | "d. Ä"
            | "d.Ä"
            | "MBE"
            | "OBE"
            | "CBE"
            | "KBE"
    )
}

/// A title that goes before the given names.
pub(super) fn is_honorific(text: &str) -> bool {
    matches!(
        text.trim_end_matches('.'),
        "Sir"
            | "Dame"
            | "Lady"
            | "Lord"
            | "Dr"
            | "Prof"
            | "Prof. Dr"
            | "Professor"
            | "Mrs"
            | "Mr"
            | "Ms"
            | "Miss"
            | "Mme"
            | "Rev"
            | "Saint"
            | "St"
            | "Sister"
            | "Brother"
            | "Baron"
            | "Baroness"
            | "Countess"
            | "Graf"
            | "Gräfin"
            | "Freiherr"
            | "Abbé"
            | "Père"
            | "Capt"
            | "Rabbi"
            | "Imam"
            | "Swami"
            | "Chevalier"
            | "Comte"
            | "Comtesse"
    )
}

/// How long words for people whom nobody names are at most.
pub(super) const OTHERS_MAX_BYTES: usize = 40;

/// Words for people whom nobody names.
pub(super) fn is_others(text: &str) -> bool {
    const OTHERS: [&str; 28] = [
        "et al",
        "et alii",
        "et alia",
        "et. al",
        "al",
        "and others",
        "others",
        "u.a",
        "u. a",
        "und andere",
        "andere",
        "y otros",
        "otros",
        "et autres",
        "autres",
        "e outros",
        "outros",
        "e altri",
        "altri",
        "en anderen",
        "e.a",
        "m.fl",
        "i in",
        "и др",
        "и другие",
        "др",
        "等",
        "ほか",
    ];
    if text.len() > OTHERS_MAX_BYTES {
        return false;
    }
    let text = text.trim().trim_matches(['[', ']', '(', ')', '.', '…', ' ']);
    OTHERS.iter().any(|others| text.eq_ignore_ascii_case(others))
}

/// The name without an “et al.” at its end.
pub(super) fn without_others(text: &str) -> Option<&str> {
    const ENDS: [&str; 14] = [
        " et al.",
        " et al",
        " et. al.",
        " [et al.]",
        " (et al.)",
        " and others",
        " u.a.",
        " u. a.",
        " und andere",
        " y otros",
        " et autres",
        " e outros",
        " и др.",
        "等",
    ];
    ENDS.iter()
        .find_map(|end| text.strip_suffix(end))
        .map(str::trim_end)
        .filter(|name| !name.is_empty())
}

/// Whether a text consists only of initials: `J. R. R.`, `J.-P.`, `JRR`.
pub(super) fn is_initials(text: &str) -> bool {
    let mut letters = 0;
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '.' | ' ' | '-' | '\u{2010}' | '\u{2011}' => {}
            letter if letter.is_uppercase() && !before.is_alphabetic() => letters += 1,
            _ => return false,
        }
        before = character;
    }
    letters > 0 && (text.contains('.') || letters == 1) && text.len() <= 40
}

/// Whether the last word is an initial: family names are not initials.
pub(super) fn ends_in_initial(text: &str) -> bool {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let mut letters = last.trim_end_matches('.').chars().rev();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none_or(|before| before == '.')
}

/// Particles of family names, in lower case.
const PARTICLES: [&str; 36] = [
    "van", "von", "der", "den", "de", "del", "della", "dello", "di", "da", "dal", "dos", "das", "du", "des", "do",
    "la", "le", "les", "los", "las", "ten", "ter", "te", "zu", "zum", "zur", "vom", "af", "av", "el", "al", "ibn",
    "bint", "'t", "d'",
];

/// Whether a text consists only of particles.
pub(super) fn is_particles(text: &str) -> bool {
    !text.is_empty() && text.split(' ').all(|word| PARTICLES.contains(&word))
}

/// Whether a text begins as a family name with its particle does.
pub(super) fn begins_with_particle(text: &str) -> bool {
    const CAPITAL: [&str; 18] = [
        "Van", "Von", "De", "Del", "Della", "Di", "Da", "Dos", "Du", "Des", "La", "Le", "Los", "Las", "Ten", "Ter",
        "Saint", "St.",
    ];
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_one = |word: &str| PARTICLES.contains(&word) || CAPITAL.contains(&word);
    is_one(first)
        && (!rest.contains(' ')
            || rest
                .rsplit_once(' ')
                .is_some_and(|(before, _)| before.split(' ').all(is_one)))
}

/// How many leading words belong to the family name if it comes first without a comma: `De Luca Erri`, `Le Clézio
/// Jean-Marie`.
pub(super) fn family_words(words: &[&str]) -> usize {
    let mut family = 1;
    while family + 1 < words.len() && begins_with_particle(words[family - 1]) {
        family += 1;
    }
    family
}

/// Whether a name is written in Han, Kana or Hangul, where the family name comes first.
pub(super) fn is_east_asian(text: &str) -> bool {
    let mut letters = text.chars().filter(|character| character.is_alphabetic()).peekable();
    letters.peek().is_some()
        && letters.all(|letter| {
            matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
                | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}')
        })
}

/// Vietnamese family names, which stay in front even without a comma.
pub(super) fn is_vietnamese_family(text: &str) -> bool {
    matches!(
        text,
        "Nguyễn"
            | "Nguyen"
            | "Trần"
            | "Lê"
            | "Phạm"
            | "Huỳnh"
            | "Hoàng"
            | "Phan"
            | "Vũ"
            | "Võ"
            | "Đặng"
            | "Bùi"
            | "Đỗ"
            | "Hồ"
            | "Ngô"
            | "Dương"
            | "Lý"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_apart() {
        assert_eq!(Part::of("Jr."), Part::Suffix("Jr."));
        assert_eq!(Part::of("Sir"), Part::Honorific("Sir"));
        assert_eq!(Part::of("et al."), Part::Others);
        assert_eq!(Part::of("J.-P."), Part::Initials("J.-P."));
        assert_eq!(Part::of("van den"), Part::Particles("van den"));
        assert_eq!(Part::of("Ida"), Part::Name("Ida"));
        assert_eq!(Part::of("Reader"), Part::Name("Reader"));
        assert!(matches!(Part::of("editor"), Part::Roles(_)));
        assert!(matches!(Part::of("1820-1877"), Part::Dates(_)));
    }

    #[test]
    fn a_family_name_takes_its_particles_with_it() {
        assert_eq!(family_words(&["De", "Luca", "Erri"]), 2);
        assert_eq!(family_words(&["Low", "Ada"]), 1);
        assert!(begins_with_particle("de la Cruz") && begins_with_particle("Van Dyke"));
        assert!(!begins_with_particle("García"));
        assert!(!begins_with_particle("Van Thomas Berg"));
    }
}
