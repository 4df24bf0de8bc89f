//! The years of a life as libraries write them after a name: `1835-1910`, `1950-`, `approximately 1540-1600`, `active
//! 16th century`.

/// The years of a life, as far as they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::import) struct Life {
    /// The year of birth.
    pub(in crate::import) birth: Option<i32>,
    /// The year of death.
    pub(in crate::import) death: Option<i32>,
}

/// What a text says about a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Dates {
    /// Its years.
    Life(Life),
    /// A year, without saying what happened in it.
    Year,
}

const ABOUT: [&str; 17] = [
    "approximately",
    "approx",
    "about",
    "ca",
    "c",
    "circa",
    "cca",
    "um",
    "vers",
    "env",
    "hacia",
    "verso",
    "probably",
    "possibly",
    "or",
    "ok",
    "около",
];
const ACTIVE: [&str; 12] = [
    "active",
    "activ",
    "fl",
    "flourished",
    "floruit",
    "century",
    "cent",
    "jh",
    "jahrhundert",
    "siecle",
    "siècle",
    "actif",
];
const BORN: [&str; 10] = [
    "b", "born", "geb", "geboren", "né", "née", "nacido", "nacida", "род", "f",
];
const DIED: [&str; 9] = ["d", "died", "gest", "gestorben", "mort", "morte", "muerto", "ум", "m"];
const BEFORE: [&str; 6] = ["bc", "bce", "vchr", "avjc", "ac", "aec"];
const NOW: [&str; 5] = ["present", "heute", "living", "today", "p"];

/// Reads a text that consists only of the years of a life; `None` for any other text.
pub(in crate::import) fn dates(text: &str) -> Option<Dates> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || text.len() > 80 {
        return None;
    }
    let text: String = text
        .trim_matches(['(', ')', '[', ']', ' ', '.', ','])
        .chars()
        .map(|character| match character {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' => '-',
            other => other,
        })
        .collect();
    let text = text.to_lowercase();
    match text.split_once('-') {
        Some((first, second)) => {
            let (first, second) = (Half::read(first)?, Half::read(second)?);
            if first.is_active || second.is_active {
                return Some(Dates::Life(Life::default()));
            }
            if second.year.is_none() && !second.is_empty || first.year.is_none() && second.year.is_none() {
                return None;
            }
            let is_before = first.is_before
                || second.is_before
                    && first
                        .year
                        .zip(second.year)
                        .is_some_and(|(first, second)| first > second);
            Some(Dates::Life(
                Life {
                    birth: first.year.map(|year| if is_before { -year } else { year }),
                    death: second.year.map(|year| if second.is_before { -year } else { year }),
                }
                .sound(),
            ))
        }
        None => Half::read(&text).and_then(Half::alone),
    }
}

impl Life {
    /// If the death is before the birth, neither is believed.
    fn sound(self) -> Self {
        match (self.birth, self.death) {
            (Some(birth), Some(death)) if death < birth || death - birth > 130 => Self::default(),
            _ => self,
        }
    }
}

/// One side of the dash.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word that may stand beside the year, and any of them together"
)]
struct Half {
    year: Option<i32>,
    is_active: bool,
    is_before: bool,
    is_born: bool,
    is_dead: bool,
    is_empty: bool,
}

impl Half {
    /// `None` if there is anything that occurs in no date.
    fn read(text: &str) -> Option<Self> {
        let mut half = Self {
            is_born: text.trim_start().starts_with('*'),
            is_dead: text.trim_start().starts_with(['†', '+']),
            is_empty: text.trim().is_empty(),
            ..Self::default()
        };
        let joined = text
            .replace(". ", ".")
            .replace("b.c.e.", " bce ")
            .replace("b.c.", " bc ")
            .replace("b.c", " bc ");
        let joined = joined
            .replace("v.chr", " vchr ")
            .replace("av.j", " avjc ")
            .replace("avjc c.", "avjc");
        let words = joined.split(|character: char| character.is_whitespace() || "?.*†+/".contains(character));
        for word in words.filter(|word| !word.is_empty()) {
            half.word(word)?;
        }
        Some(half)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let behind = &word[digits..];
        match (digits, behind) {
            // `c1850`, `b1950`
            (0, _)
                if word.len() > 4
                    && word.as_bytes()[1..].iter().all(u8::is_ascii_digit)
                    && word.is_char_boundary(1) =>
            {
                self.word(&word[..1])?;
                self.word(&word[1..])?;
            }
            (0, _) if ACTIVE.contains(&word) => self.is_active = true,
            (0, _) if ABOUT.contains(&word) || NOW.contains(&word) => {}
            (0, _) if BORN.contains(&word) => self.is_born = true,
            (0, _) if DIED.contains(&word) => self.is_dead = true,
            (0, _) if BEFORE.contains(&word) => self.is_before = true,
            (1..=4, "") => {
                if self.year.is_none() {
                    self.year = word.parse().ok();
                }
            }
            (1..=2, "th" | "st" | "nd" | "rd" | "e" | "è") => self.is_active = true,
            _ => return None,
        }
        Some(())
    }

    /// A date without a dash.
    fn alone(self) -> Option<Dates> {
        let year = self.year.map(|year| if self.is_before { -year } else { year });
        if self.is_active {
            // A century needs its ordinal: “50 Cent” is somebody.
            let is_century_or_year = self.year.is_none_or(|year| year >= 100);
            return is_century_or_year.then(|| Dates::Life(Life::default()));
        }
        let year = year.filter(|year| self.is_before || *year >= 100)?;
        let life = match (self.is_born, self.is_dead) {
            (true, false) => Life {
                birth: Some(year),
                death: None,
            },
            (false, true) => Life {
                birth: None,
                death: Some(year),
            },
            _ => return Some(Dates::Year),
        };
        Some(Dates::Life(life))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_years_of_a_life_are_read_in_the_spellings_of_libraries() {
        for (text, birth, death) in [
            ("1820-1877", Some(1820), Some(1877)),
            ("1961-", Some(1961), None),
            ("1961 -", Some(1961), None),
            ("-1604", None, Some(1604)),
            ("approximately 1490-1555", Some(1490), Some(1555)),
            ("ca. 1490–ca. 1555", Some(1490), Some(1555)),
            ("1490?-1555?", Some(1490), Some(1555)),
            ("b. 1961", Some(1961), None),
            ("geb. 1961", Some(1961), None),
            ("*1961", Some(1961), None),
            ("died 1604", None, Some(1604)),
            ("† 1604", None, Some(1604)),
            ("70-19 B.C.", Some(-70), Some(-19)),
            ("43 B.C.-17", Some(-43), Some(17)),
            ("427-347 v. Chr.", Some(-427), Some(-347)),
            ("(1820-1877)", Some(1820), Some(1877)),
            ("active 16th century", None, None),
            ("fl. 1550", None, None),
            ("20th cent.", None, None),
            ("1877-1820", None, None),
        ] {
            assert_eq!(dates(text), Some(Dates::Life(Life { birth, death })), "{text}");
        }
        assert_eq!(dates("1903"), Some(Dates::Year));
    }

    #[test]
    fn what_is_no_date_is_a_name() {
        for text in [
            "Group 47",
            "3-D Studio",
            "Catch-22",
            "12",
            "R2-D2",
            "N.Y.",
            "50 Cent",
            "Area 51",
        ] {
            assert_eq!(dates(text), None, "{text}");
        }
    }
}
