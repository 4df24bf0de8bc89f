use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use colophon_catalogue::{Author, AuthorDraft, file_schema};
use colophon_store::backup::{Pace, Stop, back_up_into};
use colophon_store::clock::{Clock, Origin};
use colophon_store::settings::Access;
use colophon_store::{BackupSettings, Backups, Database, Error, Query, Settings, Uptime};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::device::pause;
use colophon_tests::ending::Deadline;
use jiff::{Timestamp, ToSpan as _};

fn add(database: &Database, name: &str) {
    let draft = AuthorDraft::named(name);
    database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))
        .unwrap();
}

fn authors(file: &Path) -> u64 {
    let settings = Settings {
        access: Access::Fixed,
        ..Settings::for_file(file)
    };
    let (database, _) = colophon_catalogue::open_blocking(&settings).unwrap();
    database
        .read_blocking(|s| s.repo::<Author>().count(&Query::all()))
        .unwrap()
}

/// A clock that stands where a test puts it.
struct Day {
    now: Mutex<Timestamp>,
    asked: AtomicU64,
}

impl Day {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new("2027-03-01T09:00:00Z".parse().unwrap()),
            asked: AtomicU64::new(0),
        })
    }

    /// Somebody sets it, or a battery is flat.
    fn stand_at(&self, time: &str) {
        *self.now.lock().unwrap() = time.parse().unwrap();
    }

    fn pass(&self) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(24.hours()).unwrap();
    }

    /// Waits until the time has been asked for this many times more.
    async fn until_asked(&self, times: u64) {
        let enough = self.asked.load(Ordering::SeqCst) + times;
        let deadline = Deadline::until("whoever keeps backups looks again");
        while self.asked.load(Ordering::SeqCst) < enough {
            deadline.check().unwrap();
            pause().await;
        }
    }
}

impl Clock for Day {
    fn now(&self) -> Timestamp {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.now.lock().unwrap()
    }

    fn uptime(&self) -> Uptime {
        Uptime {
            boot: uuid::Uuid::nil(),
            micros: self.now().as_microsecond(),
        }
    }
}

fn with_clock(day: &Arc<Day>) -> Catalogue {
    let clock = Arc::clone(day);
    Catalogue::with(move |settings| {
        settings.origin = Origin {
            clock,
            ..Origin::default()
        };
    })
}

fn backups(catalogue: &Catalogue) -> Backups {
    Backups::of(&catalogue.file(), BackupSettings::default())
}

fn make(catalogue: &Catalogue) -> Result<PathBuf, Error> {
    backups(catalogue)
        .make(&catalogue.database, &file_schema()?, &Stop::default())
        .map(|made| made.backup.file)
}

/// By the clock of the test, the file is written to now.
fn touch(catalogue: &Catalogue, day: &Day) {
    let file = fs::File::options().write(true).open(catalogue.file()).unwrap();
    file.set_modified(day.now().into()).unwrap();
}

/// All files below a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        names.push(entry.unwrap().file_name().to_string_lossy().into_owned());
    }
    names.sort();
    names
}

#[test]
fn a_backup_is_a_whole_catalogue_for_its_owner_alone() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One");
    let backup = make(&catalogue).unwrap();
    add(&catalogue.database, "Two");
    assert_eq!(authors(&backup), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&backup), mode(backup.parent().unwrap())), (0o600, 0o700));
    }
    assert_eq!(files(backup.parent().unwrap()).len(), 1, "nothing lies beside it");
}

#[test]
fn a_backup_is_one_snapshot_and_no_writer_waits_for_it() {
    let catalogue = Catalogue::empty();
    for number in 0..300 {
        add(&catalogue.database, &format!("Before {number}"));
    }
    let (writing, database) = (Stop::default(), catalogue.database.clone());
    let told = writing.clone();
    let writer = std::thread::spawn(move || {
        let mut written = 0;
        while !told.is_told() {
            add(&database, &format!("Meanwhile {written}"));
            written += 1;
        }
        written
    });
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(authors(&make(&catalogue).unwrap()));
    }
    writing.leave_off();
    let written = writer.join().unwrap();
    assert!(written > 0 && seen.is_sorted(), "{seen:?}");
    assert!(
        seen.iter().all(|count| (300..=300 + written).contains(count)),
        "{seen:?}"
    );
}

#[test]
fn old_backups_go_when_the_new_one_was_looked_through() {
    let day = Day::new();
    let catalogue = with_clock(&day);
    for _ in 0..40 {
        make(&catalogue).unwrap();
        day.pass();
    }
    let all = backups(&catalogue).all().unwrap();
    // Seven days, of which the first is in the week before; and two weeks before that.
    assert_eq!(all.len(), 9, "{all:?}");
    assert!(all.windows(2).all(|pair| pair[0].at > pair[1].at));
}

#[test]
fn by_a_clock_that_was_ahead_once_the_days_are_kept_apart_and_told_as_they_were() {
    let day = Day::new();
    let catalogue = with_clock(&day);
    day.stand_at("2030-01-01T09:00:00Z");
    make(&catalogue).unwrap();
    day.stand_at("2027-03-01T09:00:00Z");
    let mut made: Vec<_> = (0..10)
        .map(|_| {
            make(&catalogue).unwrap();
            let at = day.now();
            day.pass();
            at
        })
        .collect();
    made.reverse();
    let all = backups(&catalogue).all().unwrap();
    let times: Vec<_> = all.iter().map(|backup| backup.at).collect();
    // The last one made is the newest, whatever the clock said before.
    assert_eq!(times[..7], made[..7], "seven days");
    assert_eq!(
        times[7..],
        ["2030-01-01T09:00:00Z".parse().unwrap()],
        "one of another week"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_clock_that_was_put_back_one_is_made_each_day() {
    let day = Day::new();
    let catalogue = with_clock(&day);
    add(&catalogue.database, "One");
    day.stand_at("2030-01-01T09:00:00Z");
    make(&catalogue).unwrap();
    day.stand_at("2027-03-01T09:00:00Z");
    touch(&catalogue, &day);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let pace = Pace {
        first: std::time::Duration::from_millis(1),
        every: std::time::Duration::from_millis(1),
    };
    let keeping = backups(&catalogue).keep(catalogue.database.clone(), file_schema().unwrap(), pace, move |made| {
        tell.send(made.unwrap().backup.at).unwrap();
    });
    let keeping = tokio::spawn(keeping);
    for _ in 0..3 {
        touch(&catalogue, &day);
        assert_eq!(told.recv().await.unwrap(), day.now());
        // It was checked many times since, and written to.
        touch(&catalogue, &day);
        day.until_asked(20).await;
        assert!(told.try_recv().is_err(), "one a day");
        day.pass();
    }
    keeping.abort();
}

#[test]
fn a_damaged_catalogue_is_found_out_and_costs_no_earlier_backup() {
    let day = Day::new();
    let catalogue = with_clock(&day);
    for number in 0..400 {
        add(
            &catalogue.database,
            &format!("Somebody of a name as long as this {number}"),
        );
    }
    let kept: Vec<_> = (0..8)
        .map(|_| {
            day.pass();
            make(&catalogue).unwrap()
        })
        .collect();
    let before = files(kept[0].parent().unwrap());
    catalogue.database.close_blocking().unwrap();
    // In one of the last pages, so that the file opens.
    let mut bytes = fs::read(catalogue.file()).unwrap();
    let late = bytes.len() / 4096 * 4096 - 5 * 4096;
    bytes[late..late + 4096].fill(0);
    fs::write(catalogue.file(), bytes).unwrap();
    let (database, _) = colophon_catalogue::open_blocking(&Settings::for_file(catalogue.file())).unwrap();
    day.pass();
    let made = backups(&catalogue).make(&database, &file_schema().unwrap(), &Stop::default());
    assert!(matches!(made, Err(Error::Corrupt { .. })), "{made:?}");
    assert_eq!(files(kept[0].parent().unwrap()), before);
}

#[test]
fn a_backup_that_fails_leaves_nothing() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One");
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("in the way");
    fs::write(&in_the_way, "a file").unwrap();
    let settings = BackupSettings {
        folder: Some(in_the_way),
        ..BackupSettings::default()
    };
    let schema = file_schema().unwrap();
    let made = Backups::of(&catalogue.file(), settings).make(&catalogue.database, &schema, &Stop::default());
    assert!(matches!(made, Err(Error::NoBackup { .. })), "{made:?}");
    let stopped = Stop::default();
    stopped.leave_off();
    let made = backups(&catalogue).make(&catalogue.database, &schema, &stopped);
    assert_eq!(made, Err(Error::Interrupted));
    assert_eq!(files(backups(&catalogue).folder()), Vec::<String>::new());
    let named = folder.path().join("no/such/folder/mine.sqlite");
    assert!(matches!(
        back_up_into(&catalogue.database, &named, &schema, &Stop::default()),
        Err(Error::NoBackup { .. })
    ));
}

#[test]
fn what_a_killed_program_left_is_swept_out() {
    let catalogue = Catalogue::empty();
    let folder = backups(&catalogue).folder().to_owned();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".catalogue-2026-01-01-000000Z.sqlite.part"), "half").unwrap();
    let held = fs::File::create(folder.join(".catalogue-2026-01-02-000000Z.sqlite.part")).unwrap();
    held.lock().unwrap();
    make(&catalogue).unwrap();
    let left = files(&folder);
    assert!(
        left.len() == 2 && left[0] == ".catalogue-2026-01-02-000000Z.sqlite.part",
        "{left:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_is_open_one_is_made_each_day_and_at_the_end_what_came_since() {
    let day = Day::new();
    let catalogue = with_clock(&day);
    add(&catalogue.database, "One");
    let kept = backups(&catalogue);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let pace = Pace {
        first: std::time::Duration::from_millis(1),
        every: std::time::Duration::from_millis(1),
    };
    let keeping = tokio::spawn(kept.clone().keep(
        catalogue.database.clone(),
        file_schema().unwrap(),
        pace,
        move |made| tell.send(made).unwrap(),
    ));
    let first = told.recv().await.unwrap().unwrap();
    assert_eq!(authors(&first.backup.file), 1);
    day.pass();
    touch(&catalogue, &day);
    let second = told.recv().await.unwrap().unwrap();
    assert!(second.backup.at > first.backup.at && second.gone.is_empty());
    keeping.abort();
    let _ = keeping.await;
    assert!(told.try_recv().is_err(), "one a day");
    let schema = file_schema().unwrap();
    touch(&catalogue, &day);
    add(&catalogue.database, "Two");
    let last = kept.make_at_the_end(&catalogue.database, &schema).unwrap().unwrap();
    assert_eq!((authors(&last.backup.file), last.gone), (2, vec![second.backup.file]));
}

#[test]
fn a_backup_takes_the_place_of_the_file_and_what_was_there_is_kept() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One");
    let backup = make(&catalogue).unwrap();
    add(&catalogue.database, "Two");
    catalogue.database.close_blocking().unwrap();
    fs::write(catalogue.file().with_file_name("catalogue.sqlite-wal"), "").unwrap();
    let now = "2027-03-01T09:00:00Z".parse().unwrap();
    let kept = backups(&catalogue);
    let schema = file_schema().unwrap();
    let replaced = kept
        .restore(&backup, &schema, now, &Stop::default())
        .unwrap()
        .kept
        .unwrap();
    assert_eq!((authors(&catalogue.file()), authors(&replaced)), (1, 2));
    assert!(!catalogue.file().with_file_name("catalogue.sqlite-wal").exists());
    let again = kept
        .restore(&replaced, &schema, now, &Stop::default())
        .unwrap()
        .kept
        .unwrap();
    assert!(again != replaced, "nothing that is kept is written over");
    assert_eq!((authors(&catalogue.file()), authors(&again)), (2, 1));
    fs::remove_file(catalogue.file()).unwrap();
    assert_eq!(
        kept.restore(&backup, &schema, now, &Stop::default()).unwrap().kept,
        None
    );
    assert_eq!(authors(&catalogue.file()), 1);
}

#[test]
fn a_backup_that_is_damaged_itself_changes_nothing() {
    let catalogue = Catalogue::empty();
    for number in 0..100 {
        add(&catalogue.database, &format!("Somebody {number}"));
    }
    let backup = make(&catalogue).unwrap();
    catalogue.database.close_blocking().unwrap();
    let whole = fs::read(&backup).unwrap();
    let schema = file_schema().unwrap();
    let before = files(catalogue.file().parent().unwrap());
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle..middle + 4096].fill(0xff);
    for bytes in [&whole[..middle], &flipped, &[], b"something else"] {
        fs::write(&backup, bytes).unwrap();
        let restored = backups(&catalogue).restore(&backup, &schema, Timestamp::UNIX_EPOCH, &Stop::default());
        assert!(matches!(restored, Err(Error::UnusableBackup { .. })), "{restored:?}");
    }
    assert_eq!(authors(&catalogue.file()), 100);
    assert_eq!(files(catalogue.file().parent().unwrap()), before);
}
