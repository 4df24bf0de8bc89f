//! The data API, on real files: sessions, transactions, pages, errors, events, the pool, capture, the journal, migrations.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where its assumption does"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a pause lets another task get as far as the test needs it"
)]

mod capture;
mod journal;
mod migrations;
mod pages;
mod pool;
mod repositories;
mod transactions;
