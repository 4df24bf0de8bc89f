//! What the window remembers for a person on this computer: how it looks, and where they left off in each catalogue.
//!
//! It is kept in a file of ours and not in the web view's storage, which writes when it likes: whoever chose a column and
//! closed the window at once came back to the old ones. Nor is it kept in the catalogue, which may be read-only, and
//! which is brought to another computer with another screen. Here a choice is on the disk before the command that keeps
//! it answers, and the page has it before it draws anything, so that a dark window never flashes white.
//!
//! What is kept is the page's own affair, and a text here. A file that cannot be read means that nothing is
//! remembered; that costs a person a few clicks and must not cost them the window.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use colophon_store::private;
use serde::{Deserialize, Serialize};
use specta::Type;

/// As many catalogues are remembered, those of which something was kept last.
const CATALOGUES_MAX: usize = 30;
/// As many notes are kept in one place; the page has a handful.
const NOTES_MAX: usize = 20;
/// The longest name of a note, in bytes.
const NAME_BYTES_MAX: usize = 40;
/// The longest text of a note, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How long another window may take to write. Whoever has stopped it must not stop this one.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// One thing to be remembered.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct ViewNote {
    /// The file of the catalogue that it is about; absent if it is about none.
    pub(crate) catalogue: Option<String>,
    /// What is remembered, by the page's own name.
    pub(crate) name: String,
    /// How it is, as the page writes it.
    pub(crate) text: String,
}

/// All that is remembered.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ViewState {
    /// What is about no catalogue.
    everywhere: BTreeMap<String, String>,
    /// What is about one; that of which something was kept last comes first.
    catalogues: Vec<OfCatalogue>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct OfCatalogue {
    file: String,
    notes: BTreeMap<String, String>,
}

impl ViewState {
    /// What is remembered in a file; nothing if it is not there or cannot be read.
    pub(crate) fn read(file: &Path) -> Self {
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "what the window remembers cannot be read");
                }
                return Self::default();
            }
        };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "what the window remembers is not readable");
            Self::default()
        })
    }

    /// Keeps notes in a file, all or none, in place of those with the same names; what another window has kept there
    /// stays. Notes beyond any sensible size are left out.
    pub(crate) fn keep(file: &Path, notes: Vec<ViewNote>) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            private::new_folder(folder)?;
        }
        let _lock = lock(file)?;
        let mut state = Self::read(file);
        for note in notes {
            state.take_in(note);
        }
        private::rewrite(file, &serde_json::to_vec(&state)?)
    }

    /// A script that gives this to the page before it draws anything.
    pub(crate) fn script(&self) -> serde_json::Result<String> {
        Ok(format!(
            "globalThis.colophonViewState = {};",
            serde_json::to_string(self)?
        ))
    }

    fn take_in(&mut self, ViewNote { catalogue, name, text }: ViewNote) {
        if name.len() > NAME_BYTES_MAX || text.len() > TEXT_BYTES_MAX {
            tracing::warn!("a note of the window is too long to be kept");
            return;
        }
        let notes = match catalogue {
            None => &mut self.everywhere,
            Some(file) => self.of(file),
        };
        if notes.len() < NOTES_MAX || notes.contains_key(&name) {
            notes.insert(name, text);
        }
    }

    /// The notes about a catalogue, which now comes first.
    fn of(&mut self, file: String) -> &mut BTreeMap<String, String> {
        let known = self.catalogues.iter().position(|one| one.file == file);
        let moved = match known {
            Some(at) => self.catalogues.remove(at),
            None => OfCatalogue {
                file,
                ..OfCatalogue::default()
            },
        };
        self.catalogues.insert(0, moved);
        self.catalogues.truncate(CATALOGUES_MAX);
        &mut self.catalogues[0].notes
    }
}

/// Keeps other windows from writing until it is dropped.
fn lock(file: &Path) -> io::Result<File> {
    let mut beside = PathBuf::from(file).into_os_string();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let lock = match private::new_file(&beside) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(&beside),
        made => made,
    }?;
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            #[expect(clippy::disallowed_methods, reason = "a lock of a file tells nobody when it is free")]
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        "another window of Colophon is writing it",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(catalogue: Option<&str>, name: &str, text: &str) -> ViewNote {
        ViewNote {
            catalogue: catalogue.map(str::to_owned),
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("deep/view.json");
        (folder, file)
    }

    #[test]
    fn what_is_kept_is_remembered_and_the_last_one_counts() {
        let (_folder, file) = file();
        assert_eq!(ViewState::read(&file), ViewState::default());
        ViewState::keep(&file, vec![note(None, "view", "1"), note(Some("/a"), "left-off", "2")]).expect("kept");
        ViewState::keep(&file, vec![note(None, "view", "3"), note(Some("/b"), "left-off", "4")]).expect("kept");
        let state = ViewState::read(&file);
        assert_eq!(state.everywhere.get("view").map(String::as_str), Some("3"));
        let of: Vec<_> = state
            .catalogues
            .iter()
            .map(|one| (&*one.file, &*one.notes["left-off"]))
            .collect();
        assert_eq!(of, [("/b", "4"), ("/a", "2")]);
    }

    #[test]
    fn the_catalogues_of_which_something_was_kept_last_are_remembered() {
        let (_folder, file) = file();
        for number in 0..CATALOGUES_MAX {
            ViewState::keep(&file, vec![note(Some(&number.to_string()), "left-off", "")]).expect("kept");
        }
        ViewState::keep(&file, vec![note(Some("0"), "left-off", "again")]).expect("kept");
        ViewState::keep(&file, vec![note(Some("new"), "left-off", "")]).expect("kept");
        let state = ViewState::read(&file);
        let files: Vec<_> = state.catalogues.iter().map(|one| &*one.file).collect();
        assert_eq!(files.len(), CATALOGUES_MAX);
        assert_eq!((&files[..2], files.last()), (&["new", "0"][..], Some(&"2")));
    }

    #[test]
    fn a_file_that_cannot_be_read_means_nothing_and_is_written_anew() {
        let (_folder, file) = file();
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        for content in [&b"{"[..], b"[1]", b"\xff", br#"{"everywhere":7}"#] {
            fs::write(&file, content).expect("written");
            assert_eq!(ViewState::read(&file), ViewState::default());
            ViewState::keep(&file, vec![note(None, "view", "1")]).expect("kept");
            assert_eq!(ViewState::read(&file).everywhere.len(), 1);
        }
    }

    #[test]
    fn nothing_grows_beyond_reason() {
        let (_folder, file) = file();
        let many = (0..100).map(|number| note(None, &number.to_string(), "")).collect();
        ViewState::keep(&file, many).expect("kept");
        let long = "x".repeat(TEXT_BYTES_MAX + 1);
        ViewState::keep(&file, vec![note(None, "0", &long), note(Some("/a"), &long[..50], "")]).expect("kept");
        let state = ViewState::read(&file);
        assert_eq!(state.everywhere.len(), NOTES_MAX);
        assert_eq!(state.everywhere["0"], "");
        assert_eq!(state.catalogues, []);
    }

    #[test]
    fn windows_that_write_at_the_same_time_lose_nothing_of_each_other() {
        let (_folder, file) = file();
        thread::scope(|scope| {
            for window in 0..4 {
                let file = &file;
                scope.spawn(move || {
                    for round in 0..5 {
                        let kept = ViewState::keep(file, vec![note(Some(&window.to_string()), &round.to_string(), "")]);
                        kept.expect("kept");
                    }
                });
            }
        });
        let state = ViewState::read(&file);
        let notes: usize = state.catalogues.iter().map(|one| one.notes.len()).sum();
        assert_eq!(notes, 20);
    }
}
