//! What can be asked about when a record came into the catalogue, and when it last changed.
//!
//! `changed:7d` is the last seven days, whenever it is asked: kept as a filter, it means other days tomorrow. So the
//! clock is read by the statement. Days are those of the place where it is asked.

use std::fmt;

use colophon_store::jiff::civil::Date;
use colophon_store::{Bound, Condition, Error, Result, Sql, Where};

/// Which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamped {
    /// When it came.
    Added,
    /// When it last changed.
    Changed,
}

/// One question about a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFilter {
    stamped: Stamped,
    test: When,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    /// So many of a unit ago at most.
    Within(u16, Unit),
    /// From one day on, to another, which are both within.
    Days(Option<Date>, Option<Date>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
    Weeks,
}

const RANGE: &str = "..";

impl Unit {
    /// By its letter; also by that of the German word.
    fn called(letter: &str) -> Option<Self> {
        match letter {
            "h" => Some(Self::Hours),
            "d" | "t" => Some(Self::Days),
            "w" => Some(Self::Weeks),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Hours => 'h',
            Self::Days => 'd',
            Self::Weeks => 'w',
        }
    }

    fn seconds(self) -> i64 {
        const HOUR: i64 = 60 * 60;
        match self {
            Self::Hours => HOUR,
            Self::Days => 24 * HOUR,
            Self::Weeks => 7 * 24 * HOUR,
        }
    }
}

impl Stamped {
    /// By its name, or by a word for it.
    pub(super) fn called(key: &str) -> Option<Self> {
        match key {
            "added" | "created" | "hinzugefugt" | "angelegt" => Some(Self::Added),
            "changed" | "modified" | "updated" | "geandert" => Some(Self::Changed),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Added => "created_at",
            Self::Changed => "updated_at",
        }
    }
}

impl TimeFilter {
    /// Reads what follows a time: a sign and a value.
    pub(super) fn read(stamped: Stamped, how: &str, value: &str) -> Result<Self> {
        let reason = "ask for the last days, as in “:7d” (or 12h, 2w), for a day, as in “:2026-11-20”, or for some, \
                      as in “:2026-11-01..2026-11-20”";
        let unread = || Error::invalid(stamped.name(), reason);
        if how != ":" {
            return Err(unread());
        }
        let value = value.trim();
        let day = |text: &str| -> Result<Option<Date>> {
            match text.trim() {
                "" => Ok(None),
                day => day.parse().map(Some).map_err(|_| unread()),
            }
        };
        let test = match value.split_once(RANGE) {
            Some((first, last)) => When::Days(day(first)?, day(last)?),
            None => match ago(value) {
                Some((count, unit)) => When::Within(count, unit),
                None => When::Days(day(value)?, day(value)?),
            },
        };
        if test == When::Days(None, None) {
            return Err(unread());
        }
        Ok(Self { stamped, test })
    }
}

fn ago(text: &str) -> Option<(u16, Unit)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    Some((count.parse().ok()?, Unit::called(unit)?))
}

impl Condition for TimeFilter {
    fn add_to(&self, conditions: &mut Where) {
        let column = self.stamped.column();
        let mut and = |rest: &'static str, value: Bound| {
            let mut condition = Sql::new(column);
            condition.push(rest);
            conditions.and_sql(&condition, [value]);
        };
        match self.test {
            When::Within(count, unit) => {
                let seconds = i64::from(count) * unit.seconds();
                and(">=(unixepoch()-?)*1000000", Bound::Integer(seconds));
            }
            When::Days(first, last) => {
                let day = |day: Date| Bound::Text(day.to_string());
                if let Some(first) = first {
                    and(">=unixepoch(?,'utc')*1000000", day(first));
                }
                if let Some(last) = last {
                    and("<unixepoch(?,'+1 day','utc')*1000000", day(last));
                }
            }
        }
    }
}

impl fmt::Display for TimeFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.stamped.name();
        let shown = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        match self.test {
            When::Within(count, unit) => write!(formatter, "{name}:{count}{}", unit.letter()),
            When::Days(first, last) if first == last => write!(formatter, "{name}:{}", shown(first)),
            When::Days(first, last) => write!(formatter, "{name}:{}{RANGE}{}", shown(first), shown(last)),
        }
    }
}
