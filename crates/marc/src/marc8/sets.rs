//! The characters of each set, from tables that are read when the first of them is needed.

use std::sync::LazyLock;

use unicode_normalization::char::compose;

/// What a byte of a set stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A letter, or a sign.
    Letter(char),
    /// A mark that belongs to the next letter.
    Mark(char),
    /// The second half of a mark over two letters, of which the first is the whole.
    Nothing,
}

/// The sets of one byte.
const SETS: &str = include_str!("sets.txt");
/// The set of three bytes.
const EACC: &str = include_str!("eacc.txt");

/// The first code of a set of seven bits.
const FIRST: u8 = 0x21;

type Table = [Option<Glyph>; 94];

static TABLES: LazyLock<Vec<(u8, Table)>> = LazyLock::new(|| lines(SETS).filter_map(table).collect());

/// Runs of characters by the code of the first, in ascending order.
static RUNS: LazyLock<Vec<(u32, &'static str)>> = LazyLock::new(|| {
    let runs = lines(EACC).flat_map(str::split_ascii_whitespace).filter_map(|run| {
        let (code, letters) = run.split_at_checked(6)?;
        Some((u32::from_str_radix(code, 16).ok()?, letters))
    });
    runs.collect()
});

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

fn table(line: &str) -> Option<(u8, Table)> {
    let (name, runs) = line.split_once(' ')?;
    let name = u8::from_str_radix(name, 16).ok()?;
    let mut table = [None; 94];
    for run in runs.split(' ') {
        let (first, glyphs) = run.split_once('=')?;
        let first = u8::from_str_radix(first, 16).ok()?.checked_sub(FIRST)?;
        let places = table.iter_mut().skip(usize::from(first));
        for (place, written) in places.zip(glyphs.split(',')) {
            *place = Some(glyph(written)?);
        }
    }
    Some((name, table))
}

fn glyph(written: &str) -> Option<Glyph> {
    let letter = |number| char::from_u32(u32::from_str_radix(number, 16).ok()?);
    match written.strip_prefix('^') {
        _ if written == "-" => Some(Glyph::Nothing),
        Some(mark) => letter(mark).map(Glyph::Mark),
        None => letter(written).map(Glyph::Letter),
    }
}

/// What a byte of seven bits stands for in the set with this last byte of its escape sequence.
pub(super) fn single(set: u8, byte: u8) -> Option<Glyph> {
    // The table has the numbers of the standard, which are the letters of the escape sequences.
    let (_, table) = TABLES.iter().find(|(name, _)| *name == set)?;
    *table.get(usize::from(byte.checked_sub(FIRST)?))?
}

/// The East Asian character with this code.
pub(super) fn eacc(code: [u8; 3]) -> Option<char> {
    let code = u32::from_be_bytes([0, code[0], code[1], code[2]]);
    let run = RUNS.partition_point(|(first, _)| *first <= code).checked_sub(1)?;
    let (first, letters) = RUNS.get(run)?;
    letters.chars().nth(usize::try_from(code - first).ok()?)
}

/// Whether a mark is one that this letter has in some language that is written with it. An acute over a t is none: the
/// bytes are letters of another encoding.
pub(super) fn is_usual(letter: char, mark: char) -> bool {
    let is_of_vowels = matches!(
        mark,
        '\u{300}' | '\u{301}' | '\u{302}' | '\u{303}' | '\u{308}' | '\u{30a}' | '\u{30c}'
    );
    !is_of_vowels || compose(letter, mark).is_some()
}
