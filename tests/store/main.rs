//! The data API, on real files: sessions, transactions, pages, errors, events, the pool, capture, the journal, migrations.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

mod backups;
mod capture;
mod closing;
mod doubles;
mod interrupting;
mod journal;
mod many_tasks;
mod migrations;
mod own_errors;
mod pages;
mod pool;
mod relations;
mod repositories;
mod transactions;
mod waiting;
mod whereabouts;
