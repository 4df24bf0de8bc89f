//! What the suites share: throwaway catalogues and servers.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "test support ends a test where its assumption does"
)]

pub mod as_sql;
pub mod binary;
pub mod catalogue;
pub mod chance;
pub mod child;
pub mod data_api;
pub mod device;
pub mod edition;
pub mod ending;
pub mod foreign;
pub mod in_step;
pub mod ledger;
pub mod migrations;
pub mod postgres;
pub mod shared;
pub mod undoing;
