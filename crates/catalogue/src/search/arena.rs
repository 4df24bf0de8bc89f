//! All searchable texts end to end.

use std::collections::HashMap;
use std::ops::Range;

use colophon_store::{Result, Wanted};
use uuid::Uuid;

use super::filter::Filter;
use super::words::Words;

/// The number of a text in the arena.
pub(super) type Doc = u32;

/// From this many bytes on, a second thread saves more than it costs to start.
const WORTH_A_THREAD: usize = 4 << 20;

/// How many texts are scanned at first when only some hits are wanted, before a second thread joins: by then common
/// words have been found.
const FIRST_TEXTS: usize = 32 * 1024;

/// After this many texts, a scan checks whether it is still wanted: a megabyte or so.
const TEXTS_BETWEEN_LOOKS: usize = 16 * 1024;

/// Ends each text; no folded text contains it, so no hit spans two.
const END: u8 = b'\n';

/// Texts with the row numbers and ids of their records.
///
/// A text that changes is blanked where it is and written again at the end, so the numbers of the others stay the same.
#[derive(Default)]
pub(super) struct Arena {
    text: Vec<u8>,
    /// Where each text begins.
    starts: Vec<usize>,
    row_numbers: Vec<i64>,
    ids: Vec<Uuid>,
    /// The first texts, by id: sorted numbers take a quarter of what a map would.
    by_id: Vec<Doc>,
    /// Texts that were added since, by id.
    added: HashMap<Uuid, Doc>,
    blanked: usize,
    /// Of the first texts.
    filter: Filter,
}

impl Arena {
    /// An arena of texts in the order given. `by_id` are their numbers, sorted by id as well as the caller could: the
    /// closer, the quicker.
    pub(super) fn of<'t>(texts: impl ExactSizeIterator<Item = (i64, Uuid, &'t [u8])>, by_id: Vec<Doc>) -> Self {
        let mut arena = Self {
            starts: Vec::with_capacity(texts.len()),
            row_numbers: Vec::with_capacity(texts.len()),
            ids: Vec::with_capacity(texts.len()),
            ..Self::default()
        };
        for (row_number, id, text) in texts {
            arena.append(row_number, id, text);
        }
        arena.by_id = by_id;
        let ids = &arena.ids;
        // A stable sort, because that takes hardly any time for what is already sorted.
        arena.by_id.sort_by_key(|doc| ids[*doc as usize]);
        arena.filter = Filter::of(&arena.text, &arena.starts);
        arena
    }

    /// How many texts there are, including blanked ones.
    pub(super) fn len(&self) -> Doc {
        // 2^32 records would not fit into memory anyway.
        Doc::try_from(self.starts.len()).unwrap_or(Doc::MAX)
    }

    /// How many texts were there from the beginning; they are in the order in which they were given.
    pub(super) fn first_texts(&self) -> Doc {
        Doc::try_from(self.by_id.len()).unwrap_or(Doc::MAX)
    }

    /// How many texts have changed since the beginning.
    pub(super) fn changed(&self) -> usize {
        self.blanked + self.added.len()
    }

    pub(super) fn row_number(&self, doc: Doc) -> i64 {
        self.row_numbers[doc as usize]
    }

    /// Whether the text was removed.
    pub(super) fn is_blank(&self, doc: Doc) -> bool {
        self.text.get(self.starts[doc as usize]).is_none_or(|first| *first == 0)
    }

    /// Removes a record's text, if there is one, and gives the record's row number.
    pub(super) fn remove(&mut self, id: Uuid) -> Option<i64> {
        let first = || {
            self.by_id
                .binary_search_by_key(&id, |doc| self.ids[*doc as usize])
                .ok()
                .map(|at| self.by_id[at])
        };
        let doc = self.added.remove(&id).or_else(first)?;
        if self.is_blank(doc) {
            return None;
        }
        let (start, end) = self.bounds(doc);
        self.text[start..end].fill(0);
        self.blanked += 1;
        Some(self.row_number(doc))
    }

    /// Adds a record's text.
    pub(super) fn add(&mut self, row_number: i64, id: Uuid, text: &str) {
        let doc = self.len();
        self.append(row_number, id, text.as_bytes());
        self.added.insert(id, doc);
    }

    /// The matching texts, ascending, at least the first `most`: with `most` at its maximum, all of them.
    ///
    /// What the filter lets through is scanned; if that is much, by two threads. More would not help: two saturate the
    /// memory of a small machine.
    pub(super) fn scan(&self, words: &Words, range: Range<Doc>, most: usize, wanted: Wanted<'_>) -> Result<Vec<Doc>> {
        let texts = range.start as usize..range.end as usize;
        let first = if most == usize::MAX { 0 } else { FIRST_TEXTS };
        let middle = (texts.start + first).min(texts.end);
        let mut found = self.scan_alone(words, &self.candidates(words, texts.start..middle), most, wanted)?;
        if found.len() >= most {
            return Ok(found);
        }
        let rest = self.candidates(words, middle..texts.end);
        let bytes = rest.iter().map(|texts| self.length(texts)).sum();
        if bytes < WORTH_A_THREAD {
            found.extend(self.scan_alone(words, &rest, most, wanted)?);
            return Ok(found);
        }
        let (one, other) = rest.split_at(self.half(&rest, bytes));
        std::thread::scope(|scope| {
            let second = scope.spawn(|| self.scan_alone(words, other, most, wanted));
            found.extend(self.scan_alone(words, one, most, wanted)?);
            match second.join() {
                Ok(rest) => found.extend(rest?),
                Err(payload) => std::panic::resume_unwind(payload),
            }
            Ok(found)
        })
    }

    /// Texts that may match, in stretches after each of which the scan checks whether it is still wanted.
    fn candidates(&self, words: &Words, texts: Range<usize>) -> Vec<Range<usize>> {
        let stretches = self
            .filter
            .candidates(texts, &words.needed)
            .into_iter()
            .flat_map(|stretch| {
                let end = stretch.end;
                stretch
                    .step_by(TEXTS_BETWEEN_LOOKS)
                    .map(move |from| from..(from + TEXTS_BETWEEN_LOOKS).min(end))
            });
        stretches.collect()
    }

    /// How many of these stretches make up half of the bytes.
    fn half(&self, stretches: &[Range<usize>], bytes: usize) -> usize {
        let mut before = 0;
        stretches
            .iter()
            .position(|texts| {
                before += self.length(texts);
                before > bytes / 2
            })
            .unwrap_or(stretches.len())
    }

    fn length(&self, texts: &Range<usize>) -> usize {
        self.start_of(texts.end) - self.start_of(texts.start)
    }

    fn scan_alone(
        &self,
        words: &Words,
        stretches: &[Range<usize>],
        most: usize,
        wanted: Wanted<'_>,
    ) -> Result<Vec<Doc>> {
        let mut found = Vec::new();
        for stretch in stretches {
            if found.len() >= most {
                break;
            }
            wanted.check()?;
            self.scan_stretch(words, stretch, most, &mut found);
        }
        Ok(found)
    }

    fn scan_stretch(&self, words: &Words, stretch: &Range<usize>, most: usize, found: &mut Vec<Doc>) {
        let text = &self.text[..self.start_of(stretch.end)];
        let mut position = self.start_of(stretch.start);
        let mut doc = stretch.start;
        while found.len() < most
            && let Some(hit) = words.longest.find(&text[position..])
        {
            doc = self.doc_at(position + hit, doc);
            let (start, end) = self.bounds_of(doc);
            if words.others_in(&text[start..end]) {
                found.push(Doc::try_from(doc).unwrap_or(Doc::MAX));
            }
            position = end + 1;
            doc += 1;
            if doc >= stretch.end {
                break;
            }
        }
    }

    /// Whether one text matches.
    pub(super) fn matches(&self, words: &Words, doc: Doc) -> bool {
        let (start, end) = self.bounds(doc);
        words.all_in(&self.text[start..end])
    }

    /// Where a text begins; for the number after the last, where the arena ends.
    fn start_of(&self, doc: usize) -> usize {
        self.starts.get(doc).copied().unwrap_or(self.text.len())
    }

    /// The text that contains a position, at or after the text `from`. Most hits are close to the one before: a few steps,
    /// then halving.
    fn doc_at(&self, position: usize, from: usize) -> usize {
        let near = (from + 8).min(self.starts.len());
        match self.starts[from..near].iter().position(|start| *start > position) {
            Some(steps) => from + steps - 1,
            None => near - 1 + self.starts[near..].partition_point(|start| *start <= position),
        }
    }

    fn append(&mut self, row_number: i64, id: Uuid, text: &[u8]) {
        self.starts.push(self.text.len());
        self.row_numbers.push(row_number);
        self.ids.push(id);
        self.text.extend_from_slice(text);
        self.text.push(END);
    }

    fn bounds(&self, doc: Doc) -> (usize, usize) {
        self.bounds_of(doc as usize)
    }

    /// Where a text begins, and the position after its end.
    fn bounds_of(&self, doc: usize) -> (usize, usize) {
        let next = self.starts.get(doc + 1).copied().unwrap_or(self.text.len());
        (self.starts[doc], next - 1)
    }
}

/// The numbers of the texts in the order in which they were read from the file, which is roughly that of their ids.
/// `ordered` says for each text at which place it was read.
pub(super) fn in_file_order(ordered: &[usize], read: usize) -> Vec<Doc> {
    let mut docs = vec![Doc::MAX; read];
    for (doc, at) in (0..).zip(ordered) {
        docs[*at] = doc;
    }
    docs.retain(|doc| *doc != Doc::MAX);
    docs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arena(texts: &[&str]) -> Arena {
        Arena::of(
            (1_i64..)
                .zip(texts)
                .map(|(row_number, text)| (row_number, id(row_number), text.as_bytes()))
                .collect::<Vec<_>>()
                .into_iter(),
            (0..Doc::try_from(texts.len()).unwrap()).rev().collect(),
        )
    }

    fn id(row_number: i64) -> Uuid {
        Uuid::from_u128(u128::from(row_number.unsigned_abs()))
    }

    fn found(arena: &Arena, typed: &str) -> Vec<i64> {
        let words = Words::of(typed).unwrap();
        let found = arena.scan(&words, 0..arena.len(), usize::MAX, Wanted::default());
        let found = found.unwrap();
        let first = arena.scan(&words, 0..arena.len(), 1, Wanted::default()).unwrap();
        assert_eq!(first.first(), found.first());
        found.into_iter().map(|doc| arena.row_number(doc)).collect()
    }

    #[test]
    fn each_text_is_found_once_by_any_part_of_its_words() {
        let arena = arena(&["the hobbit", "hob hob hob", "", "the lord of the rings", "rings"]);
        assert_eq!(found(&arena, "hob"), [1, 2]);
        assert_eq!(found(&arena, "ing"), [4, 5]);
        assert_eq!(found(&arena, "RINGS the"), [4]);
        assert_eq!(found(&arena, "e"), [1, 4]);
        assert_eq!(found(&arena, "t h"), [1, 4]);
        assert_eq!(found(&arena, "hobbitx"), [] as [i64; 0]);
    }

    #[test]
    fn a_hit_far_away_is_given_to_its_own_text() {
        let texts: Vec<String> = (0..1_000).map(|number| format!("title {number} end")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let arena = arena(&texts);
        assert_eq!(found(&arena, "777"), [778]);
        assert_eq!(found(&arena, "999 end"), [1_000]);
        assert_eq!(found(&arena, "end").len(), 1_000);
    }

    #[test]
    fn a_scan_that_nobody_waits_for_ends() {
        let arena = arena(&["old words", "other"]);
        let words = Words::of("old").unwrap();
        let abandoned = std::sync::atomic::AtomicBool::new(true);
        let found = arena.scan(&words, 0..2, usize::MAX, Wanted::until(&abandoned));
        assert_eq!(found, Err(colophon_store::Error::Interrupted));
    }

    #[test]
    fn a_changed_text_is_found_by_its_new_words_only() {
        let mut arena = arena(&["old words", "other"]);
        arena.remove(id(1));
        arena.add(1, id(1), "new words");
        assert_eq!(found(&arena, "old"), [] as [i64; 0]);
        assert_eq!(found(&arena, "words"), [1]);
        arena.remove(id(1));
        assert_eq!(found(&arena, "words"), [] as [i64; 0]);
        arena.remove(id(1));
        arena.remove(id(9));
        assert_eq!(found(&arena, "other"), [2]);
    }
}
