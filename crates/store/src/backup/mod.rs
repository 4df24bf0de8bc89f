//! Backups: copies of the file that have been checked, and how old ones are thinned out.
//!
//! They lie in a folder of their own, beside the file or where the settings say, and are catalogues like any other:
//! whoever opens one sees what had been saved by then. Their names carry the time of that (UTC), so they sort. A clock
//! can be set back: the name is then one second after the previous one, whatever the clock says, so that the newest
//! name is always the backup made last. When it was really made comes from the file's own time ([`Backup::at`]), so
//! that days and weeks do not run together because a clock was once years ahead.
//!
//! A copy is made page by page (`copying`) and not by `VACUUM INTO`: it is exactly what the file is, it can be
//! abandoned between two steps when somebody wants to leave, and it costs reading and writing but no sorting. It is
//! made from one snapshot, so no writer waits for it, however long it takes. It gets its name once it has been checked
//! and is on the disk (`unfinished`), and only then are old ones removed ([`Backups::make`]): the newest of each of the
//! last days and of each of the last weeks is kept.

mod copying;
mod keeping;
mod restoring;
mod settings;
mod unfinished;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::DateTime, tz::TimeZone};
use rusqlite::Connection;
use siphasher::sip::SipHasher13;

pub use self::copying::Stop;
use self::copying::{copy_pages, look_through};
use self::unfinished::{Unfinished, with};
use crate::database::Database;
use crate::error::{Error, Result, is_without_room};
use crate::expected::FileSchema;
use crate::file::transaction::{Kind, OpenTransaction};
use crate::settings::private;
pub use keeping::Pace;
pub use restoring::Replaced;
pub use settings::BackupSettings;

/// How the time is written in the name of a backup.
const TIME: &str = "%Y-%m-%d-%H%M%SZ";
/// What its name ends with.
const ENDING: &str = ".sqlite";
/// The most backups that are looked at: no folder of ours holds more.
const LISTED_MAX: usize = 1_000;
/// A system may date a write slightly before it happened.
const FILE_TIMES_ARE_ROUGH: SignedDuration = SignedDuration::from_secs(1);

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its file.
    pub file: PathBuf,
    /// When it was made, by the clock at that time.
    pub at: Timestamp,
    /// The time in its name: after all that were made before it.
    named: Timestamp,
    /// Its size in bytes.
    pub size: u64,
}

/// The result of making one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The new one.
    pub backup: Backup,
    /// The old ones that were removed.
    pub gone: Vec<PathBuf>,
}

/// The backups of one file.
#[derive(Debug, Clone)]
pub struct Backups {
    file: PathBuf,
    folder: PathBuf,
    settings: BackupSettings,
}

impl Backups {
    /// The backups of a file, which need not exist any more.
    pub fn of(file: &Path, settings: BackupSettings) -> Self {
        let file = whole_path(file);
        let name = file.file_name().unwrap_or_default().to_owned();
        let folder = match &settings.folder {
            None => file.with_file_name(with(name, ".backups")),
            // Catalogues in different folders may have the same name.
            Some(folder) => {
                let path_hash = SipHasher13::new().hash(file.as_os_str().as_encoded_bytes());
                folder.join(with(name, &format!("-{:08x}", path_hash & 0xffff_ffff)))
            }
        };
        Self { file, folder, settings }
    }

    /// The folder in which they lie. It need not exist.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file name of a backup made now.
    pub fn name_for(&self, at: Timestamp) -> OsString {
        with(self.stem(), &format!("{}{ENDING}", at.strftime(TIME)))
    }

    /// Whether backups are made automatically.
    pub fn are_kept(&self) -> bool {
        self.settings.daily + self.settings.weekly > 0
    }

    /// All of them, the newest first.
    pub fn all(&self) -> Result<Vec<Backup>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("the folder of the backups cannot be read", &error)),
        };
        let stem = self.stem();
        let found = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let at = name
                .strip_prefix(stem.to_string_lossy().as_ref())?
                .strip_suffix(ENDING)?;
            let named = DateTime::strptime(TIME, at).ok()?.to_zoned(TimeZone::UTC).ok()?;
            let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let file = entry.path();
            Some(Backup {
                at: made_at(named.timestamp(), modified_at(&file)),
                named: named.timestamp(),
                file,
                size: found.len(),
            })
        });
        let mut found: Vec<_> = found.take(LISTED_MAX).collect();
        found.sort_by_key(|backup| std::cmp::Reverse(backup.named));
        Ok(found)
    }

    /// The newest one.
    pub fn newest(&self) -> Result<Option<Backup>> {
        Ok(self.all()?.into_iter().next())
    }

    /// Whether the file has been written to since the newest backup, or may have been.
    pub fn has_changed(&self, newest: Option<&Backup>, now: Timestamp) -> bool {
        // A backup carries the time of its snapshot. If the clock has been set back since, nothing can be concluded
        // from it.
        let made = newest
            .and_then(|newest| modified_at(&newest.file))
            .filter(|made| *made <= now);
        match (made, changed_at(&self.file)) {
            (Some(made), Some(changed)) => changed.duration_since(made) >= -FILE_TIMES_ARE_ROUGH,
            _ => true,
        }
    }

    /// Makes a backup of the open file, checks it, and removes old ones. Abandoned when `stop` says so.
    pub fn make(&self, database: &Database, schema: &FileSchema, stop: &Stop) -> Result<Made> {
        let now = database.origin().clock.now();
        let unfit = |error: io::Error| self.failed(&error);
        private::new_folder(&self.folder).map_err(unfit)?;
        unfinished::sweep(&self.folder);
        let (named, file) = self.next_name(now)?;
        let copy = Unfinished::beside(&file).map_err(unfit)?;
        copy_into(database, copy.path(), schema, stop).map_err(|error| self.because(error))?;
        copy.date(now).map_err(unfit)?;
        copy.finish(&file).map_err(unfit)?;
        let size = fs::metadata(&file).map_or(0, |found| found.len());
        let gone = self.let_old_ones_go()?;
        Ok(Made {
            backup: Backup {
                at: made_at(named, Some(now)),
                file,
                named,
                size,
            },
            gone,
        })
    }

    fn stem(&self) -> OsString {
        with(self.file.file_stem().unwrap_or_default().to_owned(), "-")
    }

    /// The name for a backup made now: after all existing ones, whatever the clock says.
    fn next_name(&self, now: Timestamp) -> Result<(Timestamp, PathBuf)> {
        let newest = self.newest()?.map_or(i64::MIN, |newest| newest.named.as_second());
        let at = now.as_second().max(newest.saturating_add(1));
        let at = Timestamp::from_second(at).unwrap_or(now);
        Ok((at, self.folder.join(self.name_for(at))))
    }

    /// Which backups stay: the newest of all, the newest of each of the last days that have one, and the newest of each of the last
    /// such weeks.
    fn let_old_ones_go(&self) -> Result<Vec<PathBuf>> {
        let all = self.all()?;
        let kept = kept(all.iter().map(|backup| backup.at), &self.settings);
        let old = all.into_iter().zip(kept).filter(|(_, is_kept)| !is_kept);
        // Failing to remove an old one is no reason to report that there is no backup: the new one is there.
        Ok(old
            .map(|(backup, _)| backup.file)
            .filter(|file| fs::remove_file(file).is_ok())
            .collect())
    }

    fn failed(&self, error: &io::Error) -> Error {
        let reason = match error.kind() {
            _ if is_without_room(error) => return self.because(Error::DiskFull),
            io::ErrorKind::NotFound => "it is not there and cannot be made".to_owned(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "it cannot be written".to_owned(),
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "it is no folder".to_owned(),
            _ => error.to_string(),
        };
        Error::NoBackup {
            folder: self.folder.clone(),
            reason,
            is_full: false,
        }
    }

    fn because(&self, error: Error) -> Error {
        let reason = match error {
            Error::DiskFull => "the disk is full: free some space, then try again".to_owned(),
            Error::ReadOnly | Error::CannotOpen => "it cannot be written".to_owned(),
            Error::Disk { code } => format!("the disk could not be written (code {code})"),
            // A damaged catalogue matters more than the missing backup of it.
            error => return error,
        };
        Error::NoBackup {
            folder: self.folder.clone(),
            is_full: error == Error::DiskFull,
            reason,
        }
    }
}

/// A backup into a file that somebody names, which must not exist yet. It is checked; no other is removed for it.
pub fn back_up_into(database: &Database, file: &Path, schema: &FileSchema, stop: &Stop) -> Result<()> {
    make_one(file, |copy| copy_into(database, copy, schema, stop))
}

/// The same for whatever a connection has open, outside any transaction. A file already at that name is replaced once
/// the copy is complete.
pub(crate) fn back_up_connection(connection: &Connection, file: &Path, schema: &FileSchema) -> Result<()> {
    make_one(file, |copy| {
        let snapshot = OpenTransaction::begin(connection, Kind::Read)?;
        copy_pages(snapshot.connection(), copy, &|| Ok(()))?;
        snapshot.commit()?;
        look_through(copy, schema, &Stop::default())
    })
}

/// Makes a single file, which `copy_it` writes under another name.
fn make_one(file: &Path, copy_it: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let backups = Backups {
        file: file.to_owned(),
        folder: file.parent().unwrap_or(Path::new("")).to_owned(),
        settings: BackupSettings::default(),
    };
    let copy = Unfinished::beside(file).map_err(|error| backups.failed(&error))?;
    copy_it(copy.path()).map_err(|error| backups.because(error))?;
    copy.finish(file).map_err(|error| backups.failed(&error))
}

fn copy_into(database: &Database, copy: &Path, schema: &FileSchema, stop: &Stop) -> Result<()> {
    database.read_blocking(|session| {
        let check = || stop.check().and_then(|()| session.check_wanted());
        copy_pages(session.connection(), copy, &check)
    })?;
    look_through(copy, schema, stop)
}

/// When a backup was made. Its name is later than that if the clock had been set back; the file's own time is later if
/// somebody has copied it since.
fn made_at(named: Timestamp, modified: Option<Timestamp>) -> Timestamp {
    let seconds = modified.and_then(|at| Timestamp::from_second(at.as_second()).ok());
    seconds.map_or(named, |modified| named.min(modified))
}

/// Which of them are kept.
fn kept(newest_first: impl Iterator<Item = Timestamp>, settings: &BackupSettings) -> Vec<bool> {
    let (mut days, mut weeks) = (HashSet::new(), HashSet::new());
    let is_one_of = |seen: &mut HashSet<_>, most: u32, period| {
        let is_new = !seen.contains(&period) && seen.len() < most as usize;
        is_new && seen.insert(period)
    };
    newest_first
        .enumerate()
        .map(|(index, at)| {
            let day = at.to_zoned(TimeZone::UTC).date();
            let monday = day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
            let is_daily = is_one_of(&mut days, settings.daily, day);
            let is_weekly = is_one_of(&mut weeks, settings.weekly, monday);
            index == 0 || is_daily || is_weekly
        })
        .collect()
}

/// The path with all links resolved, even where there is nothing at its end.
fn whole_path(file: &Path) -> PathBuf {
    let file = private::led_to(file).unwrap_or_else(|_| file.to_owned());
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (file.canonicalize(), folder.canonicalize(), file.file_name()) {
        (Ok(file), _, _) => file,
        (_, Ok(folder), Some(name)) => folder.join(name),
        _ => file,
    }
}

/// When the file, or the log beside it, was last written.
fn changed_at(file: &Path) -> Option<Timestamp> {
    let log = with(file.as_os_str().to_owned(), "-wal");
    modified_at(file).max(modified_at(Path::new(&log)))
}

fn modified_at(file: &Path) -> Option<Timestamp> {
    let at = fs::metadata(file).and_then(|found| found.modified()).ok()?;
    Timestamp::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_of_each_day_and_week_stay() {
        let settings = BackupSettings {
            daily: 2,
            weekly: 3,
            ..BackupSettings::default()
        };
        let times = [
            "2026-11-26T10:00:00Z", // Thursday: the newest of all
            "2026-11-26T08:00:00Z",
            "2026-11-25T23:00:00Z", // the second day
            "2026-11-24T23:00:00Z",
            "2026-11-22T12:00:00Z", // Sunday: the week before
            "2026-11-16T12:00:00Z", // its Monday
            "2026-11-15T12:00:00Z", // the third week
            "2026-11-01T12:00:00Z",
        ];
        let stay = kept(times.iter().map(|text| at(text)), &settings);
        assert_eq!(stay, [true, false, true, false, true, false, true, false]);
    }

    #[test]
    fn the_newest_stays_whatever_the_numbers_say() {
        let settings = BackupSettings {
            daily: 0,
            weekly: 0,
            ..BackupSettings::default()
        };
        let times = [at("2026-11-26T10:00:00Z"), at("2026-11-25T10:00:00Z")];
        assert_eq!(kept(times.into_iter(), &settings), [true, false]);
    }

    #[test]
    fn files_of_one_name_in_several_folders_keep_their_backups_apart() {
        let settings = BackupSettings {
            folder: Some("/backup".into()),
            ..BackupSettings::default()
        };
        let of = |file: &str| Backups::of(Path::new(file), settings.clone()).folder;
        assert_ne!(of("/one/catalogue.sqlite"), of("/two/catalogue.sqlite"));
        assert_eq!(of("/one/catalogue.sqlite"), of("/one/catalogue.sqlite"));
        let beside = Backups::of(Path::new("/one/catalogue.sqlite"), BackupSettings::default());
        assert_eq!(beside.folder, Path::new("/one/catalogue.sqlite.backups"));
    }
}
