//! What somebody who helps needs to know about a program and its file, safe to send to a stranger.
//!
//! Nothing of a person's can get into it: a fact is a number, a time, or a word of ours, and there is no way to put any
//! other text in. So nobody has to remember to leave something out: not a title, not a name, not a server, not a
//! path. What a finding of `doctor` says in words stays here; only what was looked at and whether it is sound goes
//! out.

use std::fmt::{self, Display};
use std::fs;

use colophon_store::{ReadSession, Result};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::health::{self, Finding};
use crate::schema::TABLES;
use crate::status::Status;

/// What is said before the facts.
const PREFACE: &str = "This report is for whoever helps you with Colophon. It has numbers, times\n\
                       and words of the program, and nothing else: no title, no name,\n\
                       no password, no server and no path. Read it before you send it.";
/// The bookkeeping of the store that grows, by its table.
const BOOKKEEPING: [&str; 3] = ["edit", "deleted", "pending"];

/// One thing that is known. There is deliberately no kind that takes a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// How many, or how much.
    Number(u64),
    /// A size in bytes.
    Bytes(u64),
    /// Whether something is so.
    Flag(bool),
    /// A word of the program.
    Word(&'static str),
    /// A time, to the second.
    Time(Timestamp),
    /// Which system this is.
    System(System),
}

/// What a system says of itself in `/etc/os-release`, where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System(String);

impl System {
    /// This system.
    pub fn this() -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let of = |name: &str| {
            let line = release.lines().find_map(|line| line.strip_prefix(name))?;
            let word = line.strip_prefix('=')?.trim_matches('"');
            let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            (word.len() <= 40 && word.chars().all(plain)).then(|| word.to_owned())
        };
        let words = [of("ID"), of("VERSION_ID")].into_iter().flatten();
        Self(words.collect::<Vec<_>>().join(" "))
    }
}

impl Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Bytes(bytes) => write!(f, "{bytes} bytes"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Word(word) => f.write_str(word),
            Self::Time(time) => write!(f, "{}", time.strftime("%Y-%m-%d %H:%M:%S UTC")),
            Self::System(System(words)) => f.write_str(words),
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) | Self::Bytes(number) => serializer.serialize_u64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Word(_) | Self::Time(_) | Self::System(_) => serializer.collect_str(self),
        }
    }
}

/// The report: parts with facts by their names, in the order in which they were added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupportReport {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Part {
    part: &'static str,
    facts: Vec<(&'static str, Fact)>,
}

impl SupportReport {
    /// A report about this program (`version`) on this system, made now.
    pub fn new(program: &'static str, version: &'static str, now: Timestamp) -> Self {
        let mut report = Self { parts: Vec::new() };
        report.add(
            "program",
            vec![
                ("name", Fact::Word(program)),
                ("version", Fact::Word(version)),
                ("system", Fact::Word(std::env::consts::OS)),
                ("release", Fact::System(System::this())),
                ("processor", Fact::Word(std::env::consts::ARCH)),
                ("made", Fact::Time(now)),
            ],
        );
        report
    }

    /// Adds a part.
    pub fn add(&mut self, part: &'static str, facts: Vec<(&'static str, Fact)>) {
        self.parts.push(Part { part, facts });
    }

    /// Adds what is in the file, from one snapshot.
    pub fn add_file(&mut self, session: &ReadSession<'_>) -> Result<()> {
        let version = u64::try_from(health::version(session)?).unwrap_or_default();
        let mut facts = vec![("version", Fact::Number(version))];
        for table in TABLES {
            facts.push((table.name, Fact::Bytes(session.size_of_table(table.name)?)));
        }
        for table in BOOKKEEPING {
            facts.push((table, Fact::Bytes(session.size_of_table(table)?)));
        }
        self.add("file", facts);
        let counts = Status::of(session)?;
        self.add(
            "counts",
            vec![
                ("authors", Fact::Number(counts.authors)),
                ("books", Fact::Number(counts.books)),
                ("pending", Fact::Number(counts.pending)),
                ("conflicts", Fact::Number(counts.conflicts)),
                ("quarantined", Fact::Number(counts.quarantined)),
                ("not kept", Fact::Number(counts.not_kept)),
                ("revision", Fact::Number(counts.revision)),
            ],
        );
        Ok(())
    }

    /// Adds what was looked at and whether it is sound; not what was found in words.
    pub fn add_findings(&mut self, findings: &[Finding]) {
        let words = |healthy| Fact::Word(if healthy { "ok" } else { "needs care" });
        self.add(
            "checks",
            findings
                .iter()
                .map(|found| (found.check, words(found.healthy)))
                .collect(),
        );
    }
}

impl Display for SupportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PREFACE}")?;
        for Part { part, facts } in &self.parts {
            writeln!(f, "\n{part}")?;
            if facts.is_empty() {
                writeln!(f, "  none")?;
            }
            for (name, fact) in facts {
                writeln!(f, "  {name}: {fact}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_doctor_says_in_words_does_not_go_out() {
        let mut report = SupportReport::new("colophon", "1.0.0", Timestamp::UNIX_EPOCH);
        report.add_findings(&[
            Finding::healthy("backups", "3 in /home/ada/backups"),
            Finding::needs_care("values", "book 1: “My diary”"),
        ]);
        let told = format!("{report}{}", serde_json::to_string(&report).unwrap());
        assert!(
            told.contains("backups: ok") && told.contains("values: needs care"),
            "{told}"
        );
        for secret in ["ada", "diary"] {
            assert!(!told.contains(secret), "{told}");
        }
    }

    #[test]
    fn a_system_is_told_in_plain_words() {
        let System(words) = System::this();
        assert!(
            words
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || " ._-".contains(letter)),
            "{words}"
        );
    }
}
