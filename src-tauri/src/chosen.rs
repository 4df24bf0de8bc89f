//! Files that a person has chosen: the only ones that the page can have opened.
//!
//! A page that somebody has taken over could name any path, and the core, which may read what the person may read,
//! would open it. So the page never names a path. It gets a number for each file that came from one of our dialogs, or
//! from the account's own list of catalogues, and passes that number. A number is valid only for the purpose for which
//! the file was chosen. Whoever tries all the numbers reaches only files that were chosen, so the numbers need not be
//! hard to guess. Nor does a path need to be text: only its name is shown.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use specta::Type;

use crate::error::{Code, CommandError};

/// The purpose for which a file was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be imported.
    Import,
    /// To be written by an export.
    Export,
    /// To be opened as a catalogue.
    Catalogue,
    /// To be trusted as a server's certificates.
    Certificates,
}

/// The files that have been chosen since the program was started.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    files: Mutex<Vec<(Purpose, PathBuf)>>,
}

/// A file that a person has chosen, as the page knows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ChosenFile {
    /// What the page says in place of its path.
    pub(crate) token: u32,
    /// Its name, to be shown.
    pub(crate) name: String,
}

impl Chosen {
    /// Notes that a file was chosen, and returns what the page may call it. The same file gets the same number again.
    pub(crate) fn give(&self, purpose: Purpose, file: &Path) -> ChosenFile {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let known = files.iter().position(|(of, path)| *of == purpose && path == file);
        let at = known.unwrap_or_else(|| {
            files.push((purpose, file.to_owned()));
            files.len() - 1
        });
        ChosenFile {
            token: u32::try_from(at).unwrap_or(u32::MAX),
            name: file
                .file_name()
                .unwrap_or(file.as_os_str())
                .to_string_lossy()
                .into_owned(),
        }
    }

    /// The file that was given to the page under this number, for this purpose.
    pub(crate) fn file(&self, purpose: Purpose, token: u32) -> Result<PathBuf, CommandError> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let given = usize::try_from(token).ok().and_then(|at| files.get(at));
        given
            .filter(|(of, _)| *of == purpose)
            .map(|(_, file)| file.clone())
            .ok_or_else(|| CommandError::new(Code::NotFound, "Nobody has chosen this file. Choose it once more."))
    }

    /// Whether this file was chosen for this purpose.
    pub(crate) fn has(&self, purpose: Purpose, file: &Path) -> bool {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().any(|(of, path)| *of == purpose && path == file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_good_for_what_the_file_was_chosen_for() {
        let chosen = Chosen::default();
        let list = chosen.give(Purpose::Import, Path::new("/books/list.csv"));
        let catalogue = chosen.give(Purpose::Catalogue, Path::new("/books/east.sqlite"));
        assert_eq!(list.name, "list.csv");
        let opened = chosen.file(Purpose::Catalogue, catalogue.token).expect("it was chosen");
        assert_eq!(opened, Path::new("/books/east.sqlite"));
        assert!(chosen.file(Purpose::Catalogue, list.token).is_err());
        assert!(chosen.file(Purpose::Import, 7).is_err());
        assert!(!chosen.has(Purpose::Certificates, Path::new("/books/list.csv")));
    }

    #[test]
    fn the_same_file_has_the_same_number_again() {
        let chosen = Chosen::default();
        let file = Path::new("/books/east.sqlite");
        let first = chosen.give(Purpose::Catalogue, file).token;
        chosen.give(Purpose::Import, file);
        assert_eq!(chosen.give(Purpose::Catalogue, file).token, first);
    }
}
