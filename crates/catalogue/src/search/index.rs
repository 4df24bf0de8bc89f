//! The index: an arena that follows the file, and the orders of its list.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use colophon_store::{
    Announcement, Database, Error, InterruptHandle, Query, ReadSession, Result, SortOrder as _, Subscription,
};
use uuid::Uuid;

use super::arena::{Arena, Doc, in_file_order};
use super::gathered::Gathered;
use super::row_numbers::{ByRowNumber, NOWHERE, RowNumbers};
use super::words::Words;
use super::{List, Searchable};

/// Beyond this many changed texts the arena is rebuilt: by then, scanning what lies outside the order costs more.
const CHANGED_MAX: usize = 5_000;

/// A search is kept for the next letter if it found at most one text in this many; with more, a scan is as quick.
const FEW: usize = 8;

/// How many orders have their ranks kept; each is four megabytes for a million records.
const ORDERS_MAX: usize = 4;

/// When texts are checked one by one, the search checks after this many whether it is still wanted.
const TEXTS_BETWEEN_LOOKS: usize = 4_096;

/// The searchable records of one entity. Cheap to clone; all clones are one index.
pub struct SearchIndex<E: Searchable> {
    database: Database,
    /// Ends the searches of this clone.
    interrupt: InterruptHandle,
    state: Arc<Mutex<State<E>>>,
}

impl<E: Searchable> Clone for SearchIndex<E> {
    fn clone(&self) -> Self {
        Self {
            database: self.database.clone(),
            interrupt: self.interrupt.clone(),
            state: Arc::clone(&self.state),
        }
    }
}

struct State<E: Searchable> {
    news: Subscription,
    built: Option<Built<E>>,
}

/// What was derived from one state of the file.
struct Built<E: Searchable> {
    number: u64,
    arena: Arena,
    /// By order: the rank of every text.
    ranks: HashMap<E::Sort, Arc<Ranks>>,
    /// The last answer: the pages of one search ask for the same again and again.
    last: Option<Answer<E>>,
    /// The values that gather records, once somebody has asked for them.
    gathered: Option<Gathered<E>>,
}

/// Everything that one search has found.
struct Answer<E: Searchable> {
    typed: String,
    filters: Vec<E::Filter>,
    order: E::Sort,
    row_numbers: Arc<Vec<i64>>,
    /// The words and the texts that contain them, ascending; when somebody types on, the result is among them.
    found: Option<(Words, Vec<Doc>)>,
}

/// The rank of each text in one order of the list; blanked texts have none.
type Ranks = Vec<u32>;

impl<E: Searchable> SearchIndex<E> {
    /// An index over a database; it is built by the first search or by [`prepare`](Self::prepare).
    pub fn new(database: Database) -> Self {
        let state = State {
            news: database.changes(),
            built: None,
        };
        Self {
            database,
            interrupt: InterruptHandle::default(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The same index, whose searches end when the handle interrupts. What one of them makes for all that come, the index itself or the
    /// ranks of an order, is made to its end: else whoever types steadily would never have it.
    pub fn interruptible_by(&self, handle: &InterruptHandle) -> Self {
        Self {
            interrupt: handle.clone(),
            ..self.clone()
        }
    }

    /// Builds the index, so that the first search need not. For a thread in the background at the start of a program.
    pub fn prepare(&self) -> Result<()> {
        self.built_then(|_, _| Ok(()), |_, ()| Ok(()))
    }

    /// Gives the row numbers of all records of a list, in the list's order, to somebody who reads the records
    /// themselves in the same snapshot.
    pub fn found<T>(&self, list: &List<E>, body: impl FnOnce(&ReadSession<'_>, &[i64]) -> Result<T>) -> Result<T> {
        self.built_then(
            |session, built| built.search(session, &self.interrupt, &list.text, &list.filters, list.sort),
            |session, row_numbers| body(session, &row_numbers),
        )
    }

    /// Gives the values that gather records, with the row numbers of those of a list, or without any if those are all.
    pub(crate) fn gathered<T>(
        &self,
        list: &List<E>,
        body: impl FnOnce(&ReadSession<'_>, &Gathered<E>, Option<&[i64]>) -> Result<T>,
    ) -> Result<T> {
        let is_all = list.text.trim().is_empty() && list.filters.is_empty();
        self.built_then(
            |session, built| {
                let known = built.gathered.take();
                let gathered = known.map_or_else(|| Gathered::read(session, E::GATHERED), Ok)?;
                let found = if is_all {
                    Ok(None)
                } else {
                    let found = built.search(session, &self.interrupt, &list.text, &list.filters, list.sort);
                    found.map(Some)
                };
                let made =
                    found.and_then(|found| body(session, &gathered, found.as_ref().map(|found| found.as_slice())));
                built.gathered = Some(gathered);
                made
            },
            |_, made| Ok(made),
        )
    }

    /// The same with the first `count` records in which this was typed, in the list's own order: what a keystroke shows, without counting the
    /// rest.
    pub fn first<T>(
        &self,
        typed: &str,
        count: usize,
        body: impl FnOnce(&ReadSession<'_>, &[i64]) -> Result<T>,
    ) -> Result<T> {
        self.built_then(
            |session, built| built.first(session, &self.interrupt, typed, count),
            |session, row_numbers| body(session, &row_numbers),
        )
    }

    /// Does something with the index, and `then` something more with the same snapshot, while others may have the
    /// index.
    fn built_then<M, T>(
        &self,
        body: impl FnOnce(&ReadSession<'_>, &mut Built<E>) -> Result<M>,
        then: impl FnOnce(&ReadSession<'_>, M) -> Result<T>,
    ) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.interrupt.is_interrupted() {
            return Err(Error::Interrupted);
        }
        // Taken before the snapshot, so the snapshot shows all of them.
        let news = state.news.drain();
        self.database.read_blocking(move |session| {
            let built = &mut state.built;
            let number = session.commit_number();
            let usable = built
                .take()
                .filter(|built| !session.another_program_wrote_since(built.number));
            let mut kept = usable;
            if let Some(index) = &mut kept
                && !index.take_in(session, &news)?
            {
                kept = None;
            }
            let mut current = kept.map_or_else(|| Built::new(session), Ok)?;
            current.number = number.unwrap_or(current.number);
            let made = body(session, built.insert(current))?;
            drop(state);
            then(session, made)
        })
    }
}

impl<E: Searchable> Built<E> {
    fn new(session: &ReadSession<'_>) -> Result<Self> {
        let mut buffer = Vec::new();
        let mut texts: Vec<(i64, Uuid, std::ops::Range<usize>)> = Vec::new();
        E::texts(session, &mut |row_number, id, text| {
            let start = buffer.len();
            buffer.extend_from_slice(text.as_bytes());
            texts.push((row_number, id, start..buffer.len()));
        })?;
        session.check_wanted()?;
        // Texts are stored in the list's own order, so that the first hits of a scan are the first of the list.
        let by_row_number = ByRowNumber::of(texts.iter().map(|text| text.0));
        let order = row_numbers::<E>(session, E::Sort::default())?;
        let ordered: Vec<usize> = order
            .iter()
            .filter_map(|row_number| by_row_number.get(*row_number))
            .collect();
        session.check_wanted()?;
        let arena = Arena::of(
            ordered.iter().map(|at| {
                let (row_number, id, range) = &texts[*at];
                (*row_number, *id, &buffer[range.clone()])
            }),
            in_file_order(&ordered, texts.len()),
        );
        Ok(Self {
            number: 0,
            arena,
            ranks: HashMap::new(),
            last: None,
            gathered: None,
        })
    }

    /// Takes in what was committed; `false` if the index must be rebuilt.
    fn take_in(&mut self, session: &ReadSession<'_>, news: &[Announcement]) -> Result<bool> {
        let mut touched: Vec<Uuid> = Vec::new();
        for announcement in news {
            let Announcement::Committed(event) = announcement else {
                return Ok(false);
            };
            for change in event.tables.iter().filter(|change| E::is_made_from(change.table)) {
                if change.rows.is_empty() {
                    return Ok(false);
                }
                for (row, kind) in &change.rows {
                    let Some(ids) = E::touched(session, change.table, *row, *kind)? else {
                        return Ok(false);
                    };
                    touched.extend(ids);
                }
            }
        }
        if touched.is_empty() {
            return Ok(true);
        }
        touched.sort_unstable();
        touched.dedup();
        if self.arena.changed() + touched.len() > CHANGED_MAX {
            return Ok(false);
        }
        for id in touched {
            let before = self.arena.remove(id);
            let now = E::text(session, id)?;
            if let Some((row_number, text)) = &now {
                self.arena.add(*row_number, id, text);
            }
            if let Some(gathered) = &mut self.gathered {
                gathered.take_in(session, id, before, now.map(|(row_number, _)| row_number))?;
            }
        }
        self.ranks.clear();
        self.last = None;
        Ok(true)
    }

    fn search(
        &mut self,
        session: &ReadSession<'_>,
        interrupt: &InterruptHandle,
        typed: &str,
        filters: &[E::Filter],
        order: E::Sort,
    ) -> Result<Arc<Vec<i64>>> {
        if let Some(last) = &self.last
            && last.typed == typed
            && last.filters == filters
            && last.order == order
        {
            return Ok(Arc::clone(&last.row_numbers));
        }
        let is_in_order = order == E::Sort::default() && self.arena.changed() == 0;
        let ranks = (!is_in_order).then(|| self.ranks(session, order)).transpose()?;
        // From here on it is this search's own, and nobody misses what of it is not done.
        session.interruptible_by(interrupt);
        let words = Words::of(typed);
        let mut docs = match &words {
            Some(words) => match self.among_last(words) {
                Some(known) => self.filtered(session, words, known, usize::MAX)?,
                None => self
                    .arena
                    .scan(words, 0..self.arena.len(), usize::MAX, session.wanted())?,
            },
            None => (0..self.arena.len()).filter(|doc| !self.arena.is_blank(*doc)).collect(),
        };
        session.check_wanted()?;
        let few = docs.len() <= self.arena.len() as usize / FEW;
        let found = words.filter(|_| few).map(|words| (words, docs.clone()));
        if !filters.is_empty() {
            let asked = filters.iter().cloned().fold(Query::all(), Query::and);
            let held = RowNumbers::of(&session.repo::<E>().row_numbers(&asked)?);
            docs.retain(|doc| held.has(self.arena.row_number(*doc)));
        }
        if let Some(ranks) = ranks {
            docs.sort_unstable_by_key(|doc| ranks[*doc as usize]);
        }
        let row_numbers: Arc<Vec<i64>> = Arc::new(docs.into_iter().map(|doc| self.arena.row_number(doc)).collect());
        self.last = Some(Answer {
            typed: typed.to_owned(),
            filters: filters.to_vec(),
            order,
            row_numbers: Arc::clone(&row_numbers),
            found,
        });
        Ok(row_numbers)
    }

    /// The texts among which these words must be, because somebody typed on.
    fn among_last(&self, words: &Words) -> Option<&[Doc]> {
        let (last, docs) = self.last.as_ref()?.found.as_ref()?;
        words.narrow(last).then_some(docs)
    }

    /// Those of some texts that match, the first `most` of them.
    fn filtered(&self, session: &ReadSession<'_>, words: &Words, docs: &[Doc], most: usize) -> Result<Vec<Doc>> {
        let mut found = Vec::new();
        for some in docs.chunks(TEXTS_BETWEEN_LOOKS) {
            session.check_wanted()?;
            let matching = some.iter().copied().filter(|doc| self.arena.matches(words, *doc));
            found.extend(matching.take(most - found.len()));
        }
        Ok(found)
    }

    fn first(
        &mut self,
        session: &ReadSession<'_>,
        interrupt: &InterruptHandle,
        typed: &str,
        count: usize,
    ) -> Result<Vec<i64>> {
        let Some(words) = Words::of(typed) else {
            let all = self.search(session, interrupt, typed, &[], E::Sort::default())?;
            return Ok(all.iter().copied().take(count).collect());
        };
        let first_texts = self.arena.first_texts();
        let has_others = first_texts < self.arena.len();
        let ranks = has_others
            .then(|| self.ranks(session, E::Sort::default()))
            .transpose()?;
        session.interruptible_by(interrupt);
        let arena = &self.arena;
        let mut docs = match self.among_last(&words) {
            Some(known) => {
                let first = known.partition_point(|doc| *doc < first_texts);
                self.filtered(session, &words, &known[..first], count)?
            }
            None => arena.scan(&words, 0..first_texts, count, session.wanted())?,
        };
        docs.truncate(count);
        if let Some(ranks) = ranks {
            docs.extend((first_texts..arena.len()).filter(|doc| arena.matches(&words, *doc)));
            docs.sort_unstable_by_key(|doc| ranks[*doc as usize]);
            docs.truncate(count);
        }
        Ok(docs.into_iter().map(|doc| self.arena.row_number(doc)).collect())
    }

    fn ranks(&mut self, session: &ReadSession<'_>, order: E::Sort) -> Result<Arc<Ranks>> {
        if let Some(ranks) = self.ranks.get(&order) {
            return Ok(Arc::clone(ranks));
        }
        let by_row_number = ByRowNumber::of((0..self.arena.len()).map(|doc| {
            if self.arena.is_blank(doc) {
                NOWHERE
            } else {
                self.arena.row_number(doc)
            }
        }));
        let mut ranks = vec![u32::MAX; self.arena.len() as usize];
        for (rank, row_number) in (0_u32..).zip(row_numbers::<E>(session, order)?) {
            if let Some(doc) = by_row_number.get(row_number) {
                ranks[doc] = rank;
            }
        }
        let ranks = Arc::new(ranks);
        if self.ranks.len() >= ORDERS_MAX {
            self.ranks.clear();
        }
        self.ranks.insert(order, Arc::clone(&ranks));
        Ok(ranks)
    }
}

fn row_numbers<E: Searchable>(session: &ReadSession<'_>, order: E::Sort) -> Result<Vec<i64>> {
    if !order.is_indexed() {
        session.lend_functions::<E>()?;
    }
    session.query(&E::places_in_order(order), [], |row| row.get(0))
}
