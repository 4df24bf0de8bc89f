//! Reading rows off single pages, whatever leads to them.
//!
//! SQLite's file format is public and does not change. A page that holds rows says so in its first byte, then how many
//! there are, and where each lies; a row says how long it is and of which types its values are, and what does not fit
//! on its page continues on others. A row belongs to a table if it has as many values as the table has columns, each of
//! a type that the column takes. That is enough to tell our tables apart.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::found::{Found, Layout, SalvagedRow};
use crate::error::{Error, Result};
use crate::schema::Table;

/// The first byte of a page that holds rows of a table.
const LEAF_OF_A_TABLE: u8 = 0x0d;
/// The bytes before the first page's own content.
const FILE_HEADER: usize = 100;
/// The page size of our files, where the file itself no longer tells.
const USUAL_PAGE_SIZE: usize = 4096;
/// A row that claims to be longer is not a row.
const ROW_BYTES_MAX: usize = 64 << 20;

/// Looks at every page, and hands over each row that could belong to the table.
pub(super) fn visit(
    file: &Path,
    layout: &Layout,
    table: &'static Table,
    take: &mut dyn FnMut(SalvagedRow),
) -> Result<()> {
    let failed = |error: io::Error| Error::io("the damaged file cannot be read", &error);
    let mut pages = Pages::open(file).map_err(failed)?;
    for number in 1..=pages.count {
        let Ok(page) = pages.read(number) else { continue };
        for cell in cells(&page, if number == 1 { FILE_HEADER } else { 0 }) {
            let row = pages.payload(&page, cell).and_then(|payload| record(&payload));
            let row = row.filter(|values| is_of(values, layout)).and_then(|values| {
                SalvagedRow::of(table, |name| {
                    let index = layout.columns.iter().position(|column| column.name == name)?;
                    Some(values.get(index).cloned().unwrap_or(Found::Null))
                })
            });
            row.into_iter().for_each(&mut *take);
        }
    }
    Ok(())
}

struct Pages {
    file: File,
    size: usize,
    count: u32,
}

impl Pages {
    fn open(file: &Path) -> io::Result<Self> {
        let mut file = File::open(file)?;
        let mut header = [0; 18];
        let _ = file.read_exact(&mut header);
        let told = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            told => usize::from(told),
        };
        let size = if told.is_power_of_two() && told >= 512 {
            told
        } else {
            USUAL_PAGE_SIZE
        };
        let bytes = file.metadata()?.len();
        Ok(Self {
            file,
            size,
            count: u32::try_from(bytes.div_ceil(size as u64)).unwrap_or(u32::MAX),
        })
    }

    /// A page, padded with zeros where the file ends within it.
    fn read(&mut self, number: u32) -> io::Result<Vec<u8>> {
        let start = u64::from(number.max(1) - 1) * self.size as u64;
        self.file.seek(SeekFrom::Start(start))?;
        let mut page = Vec::with_capacity(self.size);
        self.file.by_ref().take(self.size as u64).read_to_end(&mut page)?;
        page.resize(self.size, 0);
        Ok(page)
    }

    /// The bytes of a row that begins at an offset of a page.
    fn payload(&mut self, page: &[u8], at: usize) -> Option<Vec<u8>> {
        let mut rest = page.get(at..)?;
        let length = usize::try_from(varint(&mut rest)?)
            .ok()
            .filter(|length| *length <= ROW_BYTES_MAX)?;
        varint(&mut rest)?;
        let here = self.bytes_here(length);
        let mut payload = rest.get(..here)?.to_vec();
        let mut next = rest.get(here..here + 4).map(number);
        while payload.len() < length {
            let further = next.filter(|number| (1..=self.count).contains(number))?;
            let page = self.read(further).ok()?;
            next = page.get(..4).map(number);
            let missing = length - payload.len();
            payload.extend(page.get(4..)?.iter().take(missing));
        }
        Some(payload)
    }

    /// How many bytes of a row are on the page where it begins.
    fn bytes_here(&self, length: usize) -> usize {
        let (most, least) = (self.size - 35, (self.size - 12) * 32 / 255 - 23);
        if length <= most {
            return length;
        }
        let fitting = least + (length - least) % (self.size - 4);
        if fitting <= most { fitting } else { least }
    }
}

/// Where the rows of a page begin; none for a page of another kind.
fn cells(page: &[u8], header: usize) -> Vec<usize> {
    let is_leaf = page.get(header) == Some(&LEAF_OF_A_TABLE);
    let short = |at: usize| {
        page.get(at..at + 2)
            .map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])))
    };
    let count = short(header + 3).filter(|_| is_leaf).unwrap_or(0);
    (0..count).map_while(|index| short(header + 8 + 2 * index)).collect()
}

/// The values of a row.
fn record(payload: &[u8]) -> Option<Vec<Found>> {
    let mut types = payload;
    let length = usize::try_from(varint(&mut types)?).ok()?;
    let head = payload.len() - types.len();
    let mut types = payload.get(head..length)?;
    let mut content = payload.get(length..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        values.push(value(varint(&mut types)?, &mut content)?);
    }
    content.is_empty().then_some(values)
}

/// A value of the given type, taken from the front of what is left.
fn value(kind: u64, content: &mut &[u8]) -> Option<Found> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    };
    let (bytes, rest) = content.split_at_checked(length)?;
    *content = rest;
    Some(match kind {
        0 => Found::Null,
        1..=6 => Found::Integer(whole(bytes)),
        7 => Found::Other,
        8 => Found::Integer(0),
        9 => Found::Integer(1),
        _ if kind.is_multiple_of(2) => Found::Blob(bytes.to_vec()),
        _ => Found::Text(bytes.to_vec()),
    })
}

/// A signed whole number, highest byte first.
fn whole(bytes: &[u8]) -> i64 {
    let sign = bytes.first().map_or(0, |first| if first & 0x80 == 0 { 0 } else { -1 });
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// Whether a row has the shape of the table's rows. A row from before a column was added has no value for it.
fn is_of(values: &[Found], layout: &Layout) -> bool {
    let Some((there, added)) = layout.columns.split_at_checked(values.len()) else {
        return false;
    };
    values
        .iter()
        .zip(there)
        .all(|(value, column)| value.is_possible(column))
        && added.iter().all(|column| column.may_be_absent || column.has_default)
        && layout.columns.len() - values.len() < layout.columns.len() / 2
}

/// A number of one to nine bytes, each of which except the last says that another follows.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for index in 0..9 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        if index == 8 {
            return Some(number << 8 | u64::from(*first));
        }
        number = number << 7 | u64::from(first & 0x7f);
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn number(four: &[u8]) -> u32 {
    four.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
