//! When fields were edited, by which clock, and what time that was by the server's clock.
//!
//! The journal has the time by the wall clock. Beside it the file notes, whenever it has changed, how far the wall
//! clock is ahead of the [clock that nobody can set](crate::clock::uptime): so the time of an edit can be given by that
//! clock, and from there by the server's, however often somebody has changed the date meanwhile. An edit that another
//! program made through SQL is in no journal: its row's own time has to do.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::uptime::Uptime;
use crate::error::Result;
use crate::schema::field::read_uuid;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// How far two clocks may drift apart before that is noted, in microseconds: a clock that is kept synchronised drifts
/// all the time.
const MOVED_MIN: i64 = 10_000;

/// How many of these notes are kept. For earlier edits, the wall clock has to do.
const CLOCKS_MAX: i64 = 1000;

/// The most lines of the journal that are searched for edits that wait, from the last one back.
const LINES_LOOKED_AT_MAX: u32 = 20_000;

/// The last edit of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct LastEdit {
    /// When, by the wall clock as it stood then.
    pub at: Timestamp,
    /// When, by the clock that nobody can set, if it was noted.
    pub uptime: Option<Uptime>,
    /// The value that the field was given, as JSON.
    pub value: Json,
}

/// How far the server's clock is ahead of the clock of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// Which start.
    pub boot: Uuid,
    /// By how much, in microseconds.
    pub ahead: i64,
    /// By how much that may be off, in microseconds.
    pub within: i64,
    /// When it was measured, by the clock of that start, in microseconds.
    pub measured: i64,
}

const LINES: Sql = Sql::new(
    "SELECT entity,kind,entity_id,last_id,count,at,before,after,label,undoes,act,others,id FROM edit ORDER BY id DESC LIMIT ?",
);
const CLOCKS: Sql = Sql::new("SELECT since,boot,ahead FROM clock ORDER BY since DESC");
const LAST_CLOCK: Sql = Sql::new("SELECT boot,ahead FROM clock ORDER BY since DESC LIMIT 1");
const NEW_CLOCK: Sql = Sql::new("INSERT OR REPLACE INTO clock(since,boot,ahead) VALUES(?,?,?)");
const OLD_CLOCKS: Sql = Sql::new(
    "DELETE FROM clock WHERE since<(SELECT min(since) FROM (SELECT since FROM clock ORDER BY since DESC LIMIT ?))",
);
const SERVER_CLOCK: Sql = Sql::new("SELECT ahead,within,measured FROM boot WHERE id=?");
const KEEP_SERVER_CLOCK: Sql = Sql::new("INSERT OR REPLACE INTO boot(id,ahead,within,measured) VALUES(?,?,?,?)");
const OLD_BOOTS: Sql = Sql::new("DELETE FROM boot WHERE id<>? AND id NOT IN (SELECT boot FROM clock)");

/// From an edit on, how far the wall clock was ahead of the clock of a start.
struct Clock {
    since: i64,
    boot: Uuid,
    ahead: i64,
}

impl ReadSession<'_> {
    /// The last edits of these fields, as far as the journal knows them. It is read from its end until all are found.
    pub fn last_edits(
        &self,
        wanted: &HashMap<Uuid, HashSet<&'static str>>,
    ) -> Result<HashMap<(Uuid, String), LastEdit>> {
        let mut found = HashMap::new();
        let all: usize = wanted.values().map(HashSet::len).sum();
        if all == 0 {
            return Ok(found);
        }
        let clocks = self.clocks()?;
        let is_wanted = |id| wanted.contains_key(&id);
        self.visit_edits_of(&LINES, [LINES_LOOKED_AT_MAX], is_wanted, |_, edit| {
            let clock = clocks.iter().find(|clock| clock.since <= edit.number);
            let uptime = clock.map(|clock| Uptime {
                boot: clock.boot,
                micros: edit.at.as_microsecond() - clock.ahead,
            });
            for record in edit.records().rev() {
                let Some(fields) = wanted.get(&record.id) else { continue };
                for (field, value) in record
                    .after
                    .into_iter()
                    .filter(|(field, _)| fields.contains(field.as_str()))
                {
                    let at = edit.at;
                    found
                        .entry((record.id, field))
                        .or_insert(LastEdit { at, uptime, value });
                }
            }
            Ok(found.len() < all)
        })?;
        Ok(found)
    }

    fn clocks(&self) -> Result<Vec<Clock>> {
        let mut clocks = Vec::new();
        self.visit(&CLOCKS, [], |row| {
            clocks.push(Clock {
                since: row.get(0)?,
                boot: read_uuid(row.get_ref(1)?).map_err(rusqlite::Error::from)?,
                ahead: row.get(2)?,
            });
            Ok(true)
        })?;
        Ok(clocks)
    }

    /// How far the server's clock is ahead of the clock of a start, if that was ever measured.
    pub fn server_clock(&self, boot: Uuid) -> Result<Option<ServerClock>> {
        self.query_first(&SERVER_CLOCK, [boot.as_bytes().as_slice()], |row| {
            Ok(ServerClock {
                boot,
                ahead: row.get(0)?,
                within: row.get(1)?,
                measured: row.get(2)?,
            })
        })
    }
}

impl WriteSession<'_> {
    /// Stores how far the server's clock is ahead, in place of what was measured before for the same start.
    pub fn keep_server_clock(&self, clock: &ServerClock) -> Result<()> {
        let boot = clock.boot.as_bytes().as_slice();
        self.prepare(&KEEP_SERVER_CLOCK)?.execute(rusqlite::params![
            boot,
            clock.ahead,
            clock.within,
            clock.measured
        ])?;
        self.prepare(&OLD_BOOTS)?.execute([boot])?;
        Ok(())
    }

    /// Notes by which clocks the edits from this one on are made, if that has changed.
    pub(crate) fn note_clock(&self, edit: i64) -> Result<()> {
        let Uptime { boot, micros } = self.uptime();
        let ahead = self.now().as_microsecond() - micros;
        let mut statement = self.prepare(&LAST_CLOCK)?;
        let last = statement
            .query_row([], |row| Ok((read_uuid(row.get_ref(0)?)?, row.get::<_, i64>(1)?)))
            .optional()?;
        if last.is_some_and(|(last, was)| last == boot && (was - ahead).abs() < MOVED_MIN) {
            return Ok(());
        }
        self.prepare(&NEW_CLOCK)?
            .execute(rusqlite::params![edit, boot.as_bytes().as_slice(), ahead])?;
        self.prepare(&OLD_CLOCKS)?.execute([CLOCKS_MAX])?;
        Ok(())
    }
}
