//! A typed store over one SQLite file. It names no entity and knows neither Tauri nor PostgreSQL.
//!
//! A program declares its entities ([`entity!`], [`Entity`]), opens a [`Database`], and works through sessions:
//!
//! - [`Database::read`] lends a closure one snapshot, [`Database::write`] one transaction, [`Database::begin`] a
//!   transaction that lasts across awaits;
//! - [`ReadSession::repo`] and [`WriteSession::repo_mut`] are the rows of one entity: get, find, filter, page, create,
//!   update, delete;
//! - [`Database::changes`] announces what was committed, after the commit.
//!
//! ```
//! use colophon_store::undo::Undo;
//! use colophon_store::{Database, Entity, FileSchema, NoFilter, Query, Registered, SortOrder, Stamp};
//! use colophon_store::{entity, entity_id};
//!
//! entity_id! {
//!     /// The id of a note.
//!     NoteId refers to "note"
//! }
//!
//! entity! {
//!     /// A note.
//!     pub struct Note in "note" with NoteId, fields NoteFields, draft NoteDraft {
//!         /// What it says.
//!         text: String,
//!         /// How much it matters.
//!         weight: Option<i32>,
//!     }
//! }
//!
//! #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
//! pub struct Added;
//!
//! impl SortOrder for Added {
//!     fn expression(self) -> &'static str {
//!         "rowid"
//!     }
//! }
//!
//! impl Entity for Note {
//!     type Draft = NoteDraft;
//!     type Filter = NoFilter;
//!     type Sort = Added;
//!
//!     fn from_draft(draft: &NoteDraft, stamp: Stamp) -> Self {
//!         Self::drafted(draft.clone(), stamp)
//!     }
//! }
//!
//! const ENTITIES: &[Registered] = &[Registered::of::<Note>()];
//! const UNDO: Undo = Undo::of(ENTITIES);
//!
//! # fn main() -> colophon_store::Result<()> {
//! let make = "CREATE TABLE note (id BLOB PRIMARY KEY NOT NULL, text TEXT NOT NULL, weight INTEGER, created_at INTEGER NOT NULL,
//!     updated_at INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 0) STRICT";
//! let schema = FileSchema::for_application(1, &[("V1__notes", make, "DROP TABLE note")], ENTITIES)?;
//! let database = Database::in_memory_blocking()?;
//! database.migrate_blocking(&schema)?;
//!
//! let draft = NoteDraft { text: "Water the fern".to_owned(), weight: Some(3) };
//! database.write_blocking(move |tx| tx.repo_mut::<Note>().create(&draft))?;
//! let heavy = Query::all().matching(Note::FIELDS.weight.at_least(2));
//! assert_eq!(database.read_blocking(|s| s.repo::<Note>().count(&heavy))?, 1);
//! database.write_blocking(|tx| UNDO.undo(tx))?;
//! assert_eq!(database.read_blocking(|s| s.repo::<Note>().count(&heavy))?, 0);
//! # Ok(())
//! # }
//! ```
//!
//! One file each: the pool ([`readers`](crate)), the queue of writers, the one place that begins and ends transactions,
//! the capture of changes for the sync, the journal, the migrations, and the anchors that put any page of a list within
//! reach.

// The macros of this crate name it by its full path, in the crates that use them and in its own tests.
extern crate self as colophon_store;

pub mod backup;
mod capture;
pub mod clock;
mod database;
mod ending;
mod entity;
mod error;
mod expected;
mod file;
pub mod folding;
pub mod journal;
pub mod migrations;
mod repository;
pub mod salvage;
pub mod schema;
mod session;
pub mod settings;
mod staging;
mod tracking;

pub use file::connection;
pub use journal::{pruning, undo};
pub use session::changes;
pub use settings::private;

pub use backup::{Backup, BackupSettings, Backups};
pub use clock::Stamp;
pub use clock::uptime::Uptime;
pub use database::explicit::{IDLE_LIMIT, Transaction};
pub use database::readers::{PoolStatus, READER_TIMEOUT};
pub use database::waiting::WRITER_TIMEOUT;
pub use database::{Database, LOOKED_AFTER_EVERY_MAX};
pub use ending::ToldToEnd;
pub use entity::belonging::{BelongsTo, HasMany};
pub use entity::filtering::{Comparison, Is, NoFilter};
pub use entity::query::{PER_PAGE_MAX, Page, PageMeta, PageRequest, Query};
pub use entity::{Condition, Derived, Entity, NameColumns, SortOrder};
pub use error::MigrationError;
pub use error::{Error, Result, is_without_room};
pub use expected::FileSchema;
pub use migrations::losing::Loss;
pub use repository::relations::{Alone, Children, Load, Parent, WithChildren, WithParent};
pub use repository::repository_mut::{ChangedSome, RepositoryMut};
pub use repository::rows::{Rows, RowsInMemory, RowsMut};
pub use repository::{KEYS_MAX, Repository, SEARCH_HITS_MAX, padded};
pub use schema::columns::{Columns, StatementsCell, bind_one};
pub use schema::declaration::{Declared, Facet, FieldOptions, FieldSql, Kind};
#[doc(hidden)]
pub use schema::declaration::{check_field, count_merged_by_line, count_unique, merged_by_line, unique};
pub use schema::field::{EntityId, Field, read_field, read_uuid};
pub use schema::field_of::FieldOf;
pub use schema::field_types::Json;
pub use schema::patch::Patch;
pub use schema::sql::{Sql, Where};
pub use schema::statements::Statements;
pub use session::changes::{Announcement, ChangeEvent, ChangeKind, Changes, Subscription};
pub use session::running::InterruptHandle;
pub use session::{ReadSession, Wanted, WriteSession};
pub use settings::Settings;
pub use staging::{PREFIX as STAGED, Source, Staged, StagedTable};
pub use tracking::arriving::{Arrived, Unfit};
pub use tracking::deletions::DeletedRecord;
pub use tracking::edit_times::{LastEdit, ServerClock};
pub use tracking::in_flight::{InFlight, Sent};
pub use tracking::in_step::being_taken_up;
pub use tracking::lineage::Seen;
pub use tracking::outbox::{LocalDevice, Outgoing, Waiting};
pub use tracking::parts::parts_of;
pub use tracking::quarantine::{NotKeptEntry, QuarantinedEntry};
pub use tracking::record::{Deleted, LocalRow, Pending, Record};
pub use tracking::registered::{Broken, Registered};

/// A value as SQLite binds it.
pub use rusqlite::types::Value as Bound;
/// The crates whose types are part of this one's, so that an application need not depend on them itself.
pub use {jiff, rusqlite, serde_json, uuid};

/// What the macros of this crate need from other crates, so that their users need not depend on those.
#[doc(hidden)]
pub mod exports {
    pub use jiff::Timestamp;
    pub use rusqlite::types::{FromSqlError, ToSqlOutput, ValueRef};
    pub use rusqlite::{Result as SqliteResult, Row, Statement};
    pub use serde;
    pub use uuid::{Error as UuidError, Uuid};
}
