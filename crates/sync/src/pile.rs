//! Records that came from the server, however many and however large.
//!
//! What a pull brings is applied in one local transaction, which looks at it more than once: values are released before
//! others take them, conflicts are taken before the rest, and if a row is in the way everything is done again, row by
//! row. So it is kept until the transaction has ended. How much that is, others decide: ten thousand records with notes
//! of a megabyte are allowed.
//!
//! A pile keeps the first [`MEMORY_BYTES`] of records in memory. Of everything after that, it keeps only the positions,
//! and the records themselves go into a file without a name, beside the catalogue: there is room there, privacy is the
//! same, and however the program ends, the system removes the file. (On many systems, a folder for temporary files is
//! itself in memory.) Cutting a pull into several would instead let others see half of it, and park conflicts that the
//! other half settles.
//!
//! If the disk is too full to write a record there, whoever reads is told, and nothing that came with it is applied.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use colophon_store::schema::{Real, Value};
use colophon_store::{Error, Result};
use uuid::Uuid;

use crate::key::Key;
use crate::remote::{Incoming, Story};

/// How much a pile holds in memory, in bytes of text.
pub const MEMORY_BYTES: usize = 2 << 20;

/// How much of the file the program has in hand at a time.
const BUFFER_BYTES: usize = 64 << 10;

/// How much a value takes besides its text, roughly.
const VALUE_BYTES: usize = 32;

/// Records in a given order.
#[derive(Debug, Clone, Default)]
pub struct Pile {
    entries: Vec<Entry>,
    /// Bytes that are held in memory.
    held: usize,
    /// Where a file may be made; if unset, in the system's folder for temporary files.
    folder: Option<PathBuf>,
    spill: Option<Arc<Spill>>,
    /// What the server reported besides the records.
    stories: Arc<HashMap<Key, Story>>,
    failed: Option<Error>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: Key,
    revision: i64,
    held: Held,
}

#[derive(Debug, Clone)]
enum Held {
    Memory(Arc<Incoming>),
    File(Arc<Spill>, u64),
}

impl Pile {
    /// An empty one, for a catalogue in this folder.
    pub fn beside(folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(Path::to_owned),
            ..Self::default()
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a record.
    pub fn push(&mut self, incoming: Incoming) {
        if self.failed.is_some() {
            return;
        }
        let (key, revision) = (incoming.key, incoming.revision);
        let size = size_of(&incoming.values);
        let held = if self.held + size <= MEMORY_BYTES {
            self.held += size;
            Held::Memory(Arc::new(incoming))
        } else {
            match self.write(&incoming) {
                Ok(held) => held,
                Err(error) => {
                    self.failed = Some(trouble(&error));
                    return;
                }
            }
        };
        self.entries.push(Entry { key, revision, held });
    }

    /// Adds all records of another pile.
    pub fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.held += other.held;
        self.failed = self.failed.take().or(other.failed);
    }

    /// Which records they are, in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = Key> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// The positions of the records, to be read by.
    pub fn positions(&self) -> HashMap<Key, usize> {
        self.keys().enumerate().map(|(position, key)| (key, position)).collect()
    }

    /// The revision of a record, which is known without reading it.
    pub fn revision(&self, position: usize) -> Option<i64> {
        self.entries.get(position).map(|entry| entry.revision)
    }

    /// The record at a position.
    pub fn get(&self, position: usize) -> Result<Option<Cow<'_, Incoming>>> {
        self.check()?;
        self.entries.get(position).map(|entry| self.read(entry)).transpose()
    }

    /// All records, one at a time.
    pub fn iter(&self) -> impl Iterator<Item = Result<Cow<'_, Incoming>>> {
        self.iter_where(|_| true)
    }

    /// Those of some keys; the others are not read.
    pub fn iter_where(&self, is_wanted: impl Fn(Key) -> bool) -> impl Iterator<Item = Result<Cow<'_, Incoming>>> {
        let failed = self.failed.clone().map(Err);
        let wanted = self.entries.iter().filter(move |entry| is_wanted(entry.key));
        failed.into_iter().chain(wanted.map(|entry| self.read(entry)))
    }

    /// Keeps only some of them.
    pub fn retain(&mut self, mut is_kept: impl FnMut(Key) -> bool) {
        self.entries.retain(|entry| is_kept(entry.key));
    }

    /// Sorts them; records that are equal in the order keep theirs.
    pub fn sort_by_key<K: Ord>(&mut self, mut order: impl FnMut(Key) -> K) {
        self.entries.sort_by_key(|entry| order(entry.key));
    }

    /// From now on, records are read together with what was reported about them.
    pub fn tell(&mut self, stories: Arc<HashMap<Key, Story>>) {
        self.stories = stories;
    }

    /// An error if a record could not be kept.
    pub fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn write(&mut self, incoming: &Incoming) -> io::Result<Held> {
        let spill = match &self.spill {
            Some(spill) => Arc::clone(spill),
            None => Arc::clone(self.spill.insert(Arc::new(Spill::make(self.folder.as_deref())?))),
        };
        let at = spill.with(|file| file.append(incoming))?;
        Ok(Held::File(spill, at))
    }

    fn read<'p>(&'p self, entry: &'p Entry) -> Result<Cow<'p, Incoming>> {
        let told = self.stories.get(&entry.key);
        let mut incoming = match &entry.held {
            Held::Memory(incoming) if told.is_none() => return Ok(Cow::Borrowed(incoming)),
            Held::Memory(incoming) => Incoming::clone(incoming),
            Held::File(spill, at) => spill
                .with(|file| file.read(entry, *at))
                .map_err(|error| trouble(&error))?,
        };
        incoming.story = told.cloned().or(incoming.story);
        Ok(Cow::Owned(incoming))
    }
}

impl FromIterator<Incoming> for Pile {
    fn from_iter<I: IntoIterator<Item = Incoming>>(records: I) -> Self {
        let mut pile = Self::default();
        for incoming in records {
            pile.push(incoming);
        }
        pile
    }
}

/// How much the values of a row take in memory, roughly.
pub(crate) fn size_of(values: &[Value]) -> usize {
    let values = values.iter().map(|value| match value {
        Value::Text(text) => VALUE_BYTES + text.len(),
        _ => VALUE_BYTES,
    });
    values.sum()
}

fn trouble(error: &io::Error) -> Error {
    Error::io(
        "the temporary file beside the catalogue, for what has come from the server (nothing was changed)",
        error,
    )
}

/// A file without a name that records are written to and read from.
#[derive(Debug)]
struct Spill(Mutex<SpillFile>);

#[derive(Debug)]
enum SpillFile {
    /// And how long it is.
    Writing(BufWriter<File>, u64),
    /// And the current position in it.
    Reading(BufReader<File>, u64),
}

impl Spill {
    fn make(folder: Option<&Path>) -> io::Result<Self> {
        let file = match folder {
            Some(folder) => tempfile::tempfile_in(folder)?,
            None => tempfile::tempfile()?,
        };
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self(Mutex::new(SpillFile::Writing(file, 0))))
    }

    fn with<T>(&self, work: impl FnOnce(&mut SpillFile) -> io::Result<T>) -> io::Result<T> {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const UUID: u8 = 3;
const REAL: u8 = 4;

impl SpillFile {
    /// Writes a record after all others and returns where it is.
    fn append(&mut self, incoming: &Incoming) -> io::Result<u64> {
        if let Self::Reading(reader, _) = self {
            let mut file = reader.get_ref().try_clone()?;
            let end = file.seek(SeekFrom::End(0))?;
            *self = Self::Writing(BufWriter::with_capacity(BUFFER_BYTES, file), end);
        }
        let Self::Writing(file, end) = self else {
            return Err(io::ErrorKind::Other.into());
        };
        let at = *end;
        let mut write = |bytes: &[u8]| {
            *end += bytes.len() as u64;
            file.write_all(bytes)
        };
        write(&[u8::from(incoming.is_own)])?;
        for value in &incoming.values {
            match value {
                Value::Null => write(&[NULL])?,
                Value::Integer(number) => {
                    write(&[INTEGER])?;
                    write(&number.to_le_bytes())?;
                }
                Value::Text(text) => {
                    write(&[TEXT])?;
                    write(&(text.len() as u64).to_le_bytes())?;
                    write(text.as_bytes())?;
                }
                Value::Uuid(id) => write(&[UUID]).and_then(|()| write(id.as_bytes()))?,
                Value::Real(number) => write(&[REAL]).and_then(|()| write(&number.number().to_le_bytes()))?,
            }
        }
        Ok(at)
    }

    /// Reads the record at a position. Records are mostly read one after another.
    fn read(&mut self, entry: &Entry, at: u64) -> io::Result<Incoming> {
        if let Self::Writing(writer, _) = self {
            writer.flush()?;
            let mut file = writer.get_ref().try_clone()?;
            file.seek(SeekFrom::Start(at))?;
            *self = Self::Reading(BufReader::with_capacity(BUFFER_BYTES, file), at);
        }
        let Self::Reading(file, position) = self else {
            return Err(io::ErrorKind::Other.into());
        };
        if at != *position {
            let step = i64::try_from(at).and_then(|at| i64::try_from(*position).map(|from| at - from));
            file.seek_relative(step.map_err(io::Error::other)?)?;
            *position = at;
        }
        let is_own = bytes::<1>(file, position)?[0] != 0;
        let columns = entry.key.table.columns.iter();
        Ok(Incoming {
            key: entry.key,
            values: columns.map(|_| value(file, position)).collect::<io::Result<_>>()?,
            revision: entry.revision,
            is_own,
            story: None,
        })
    }
}

fn value(file: &mut BufReader<File>, position: &mut u64) -> io::Result<Value> {
    Ok(match bytes::<1>(file, position)?[0] {
        NULL => Value::Null,
        INTEGER => Value::Integer(i64::from_le_bytes(bytes(file, position)?)),
        UUID => Value::Uuid(Uuid::from_bytes(bytes(file, position)?)),
        REAL => Real::new(f64::from_le_bytes(bytes(file, position)?)).map_or(Value::Null, Value::Real),
        _ => {
            let length = u64::from_le_bytes(bytes(file, position)?);
            let mut text = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            file.read_exact(&mut text)?;
            *position += length;
            Value::Text(String::from_utf8(text).map_err(io::Error::other)?)
        }
    })
}

fn bytes<const COUNT: usize>(file: &mut BufReader<File>, position: &mut u64) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.read_exact(&mut bytes)?;
    *position += COUNT as u64;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use colophon_catalogue::Author;
    use colophon_store::Columns as _;
    use proptest::prelude::*;

    use super::*;

    fn author(number: u128, notes: Value) -> Incoming {
        let table = Author::TABLE;
        let mut values: Vec<Value> = table.columns.iter().map(|_| Value::Null).collect();
        values[0] = Value::Uuid(Uuid::from_u128(number));
        values[3] = Value::Integer(-750);
        values[7] = notes;
        Incoming {
            key: Key {
                table,
                id: Uuid::from_u128(number),
            },
            values,
            revision: 7,
            is_own: number.is_multiple_of(2),
            story: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_pile_gives_back_what_was_put_there_in_any_order(
            sizes in proptest::collection::vec(prop_oneof![Just(0_usize), 1..9_usize, 300_000..900_000_usize], 0..24),
            looks in proptest::collection::vec(0..24_usize, 0..12),
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let mut pile = Pile::beside(Some(folder.path()));
            let mut records = Vec::new();
            for (number, size) in (0..).zip(sizes) {
                let record = author(number, Value::Text("é".repeat(size)));
                records.push(record.clone());
                pile.push(record);
                // Reading between two writes does no harm.
                if let Some(position) = looks.get(usize::try_from(number).unwrap_or(0)) {
                    let read = pile.get(*position).expect("reads").map(Cow::into_owned);
                    prop_assert_eq!(read, records.get(*position).cloned());
                }
            }
            let read: Vec<_> = pile.iter().map(|record| record.expect("reads").into_owned()).collect();
            prop_assert_eq!(&read, &records);
            pile.sort_by_key(|key| std::cmp::Reverse(key.id));
            let read: Vec<_> = pile.iter().map(|record| record.expect("reads").into_owned()).collect();
            prop_assert!(read.iter().rev().eq(&records));
            prop_assert!(std::fs::read_dir(folder.path()).expect("a folder").next().is_none(), "nothing is seen beside the file");
        }
    }

    #[test]
    fn what_could_not_be_kept_is_told_to_whoever_reads() {
        let mut pile = Pile::beside(Some(Path::new("/nowhere/at/all")));
        pile.push(author(1, Value::Null));
        assert!(pile.iter().all(|record| record.is_ok()));
        pile.push(author(2, Value::Text("x".repeat(MEMORY_BYTES))));
        assert!(pile.check().is_err() && pile.iter().any(|record| record.is_err()));
    }
}
