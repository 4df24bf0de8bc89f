//! The lists of records that want mending: each is a filter, and is opened as any other list.
//!
//! One statement counts them all. What a rule of ours has to look at, value by value, is counted only in a catalogue in
//! which that takes no longer than a person notices; in a larger one the list is there, without a number.

use colophon_store::{Query, Result, Sql};
use rusqlite::params_from_iter;

use super::{Listed, Lists};
use crate::filters::{all_of, told};

/// A list of records that want mending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityList {
    /// The filter that gives it.
    pub filter: &'static str,
    /// How many there are, unless that takes too long.
    pub count: Option<u64>,
}

impl Lists {
    /// The lists of records that want mending, with their counts.
    pub fn quality<E: Listed>(&self) -> Result<Vec<QualityList>> {
        self.read(|session| {
            let is_small = session.repo::<E>().count(&Query::all())? <= E::COUNTED_MAX;
            let mut counted = Vec::new();
            let (mut sql, mut values) = (Sql::new("SELECT 0"), Vec::new());
            for text in E::QUALITY {
                let filter: E::Filter = text.parse()?;
                if is_small || told::<E>(&filter)?.test == "none" {
                    let conditions = all_of::<E>(&[filter]);
                    sql.push(",count(*) FILTER(").append(&conditions.clause()).push(")");
                    values.extend_from_slice(conditions.values());
                    counted.push(*text);
                }
            }
            sql.push(" FROM ").push(E::TABLE.name);
            session.lend_functions::<E>()?;
            let counts = session.query_first(&sql, params_from_iter(values), |row| {
                (1..=counted.len())
                    .map(|at| row.get::<_, i64>(at))
                    .collect::<rusqlite::Result<Vec<_>>>()
            })?;
            let counts = counts.unwrap_or_default();
            let count = |filter: &str| {
                let at = counted.iter().position(|one| *one == filter)?;
                counts.get(at).map(|count| count.unsigned_abs())
            };
            let list = |filter: &&'static str| QualityList {
                filter,
                count: count(filter),
            };
            Ok(E::QUALITY.iter().map(list).collect())
        })
    }
}
