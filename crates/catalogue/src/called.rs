//! What a person and a computer are called, as others read it beside what was done.
//!
//! Both are settings of the account, not of a catalogue: whoever shares several is the same person in all of them. The
//! server lists a device under one name; it is made of both, so that older programs and older servers show it, too.

use std::fmt;

use colophon_store::settings::Sources;
use colophon_store::{Error, Result};

use crate::location::device_name;

/// Longer names are refused: a list must have room for them, and a server takes 500 characters for both.
pub const NAME_MAX_CHARS: usize = 100;

/// What a person and a computer are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The person, if they have given a name.
    pub person: Option<String>,
    /// The computer: as it was named, or else its host name.
    pub device: String,
}

impl Called {
    /// The setting for the person's name.
    pub const PERSON: &'static str = "COLOPHON_PERSON";
    /// The setting for the computer's name.
    pub const DEVICE: &'static str = "COLOPHON_DEVICE";

    /// As the settings have it. A name that is too long is an error, and says so.
    pub fn from_sources(sources: &Sources) -> Result<Self> {
        let named = |setting: &str| -> Result<Option<String>> {
            let name = sources.get(setting)?.unwrap_or_default();
            checked(setting, name)
        };
        Ok(Self {
            person: named(Self::PERSON)?,
            device: named(Self::DEVICE)?.unwrap_or_else(device_name),
        })
    }

    /// Whether a name that was given to a device is, or was, this one's.
    pub fn is_this(&self, name: &str) -> bool {
        name == self.to_string() || name == self.device || name == device_name()
    }
}

impl Default for Called {
    fn default() -> Self {
        Self {
            person: None,
            device: device_name(),
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.person {
            Some(person) => write!(formatter, "{person} ({})", self.device),
            None => formatter.write_str(&self.device),
        }
    }
}

/// A name as it is kept: on one line, and nothing if nothing is in it.
pub fn checked(setting: &str, name: &str) -> Result<Option<String>> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        return Err(Error::Setting {
            name: setting.to_owned(),
            reason: format!("must be a name of at most {NAME_MAX_CHARS} characters"),
        });
    }
    Ok((!name.is_empty()).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_and_a_computer_are_called_as_they_are_set() {
        let sources = Sources::of([(Called::PERSON, " Ada \n Lovelace "), (Called::DEVICE, "reading-room")]);
        let called = Called::from_sources(&sources).unwrap();
        assert_eq!(called.to_string(), "Ada Lovelace (reading-room)");
        assert!(called.is_this("reading-room") && !called.is_this("attic"));
    }

    #[test]
    fn without_names_it_is_the_computer_by_its_own() {
        assert_eq!(Called::from_sources(&Sources::default()).unwrap(), Called::default());
        assert_eq!(Called::default().to_string(), device_name());
    }

    #[test]
    fn a_name_that_no_list_has_room_for_is_refused() {
        let long = "a".repeat(NAME_MAX_CHARS + 1);
        assert!(Called::from_sources(&Sources::of([(Called::PERSON, &long)])).is_err());
    }
}
