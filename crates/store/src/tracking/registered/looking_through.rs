//! Looking through all rows of an entity: which of them break a rule, and which have stale stored keys.

use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;
use uuid::Uuid;

use crate::entity::Entity;
use crate::entity::query::Query;
use crate::error::{Error, Result};
use crate::schema::field::EntityId as _;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// Visits the rows that could not be stored again as they are.
pub(super) fn broken<E: Entity>(session: &ReadSession<'_>, each: &mut dyn FnMut(Uuid, Error)) -> Result<()> {
    session.repo::<E>().for_each(&Query::all(), |row| {
        let id = row.id().uuid();
        if let Err(error) = row.checked_in_full() {
            each(id, error);
        }
        Ok(true)
    })
}

/// The rows whose stored keys are not those that follow from their values.
pub(super) fn stale_keys<E: Entity>(session: &ReadSession<'_>) -> Result<Vec<E>> {
    if E::DERIVED.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT ");
    sql.join(E::TABLE.columns.iter().map(|column| column.name), ",");
    for derived in E::DERIVED {
        sql.push(",").push(derived.name);
    }
    sql.push(" FROM ").push(E::TABLE.name);
    let mut stale = Vec::new();
    session.visit(&sql, [], |row| {
        let record = E::read(row, 0)?;
        let first = E::TABLE.columns.len();
        for position in 0..E::DERIVED.len() {
            if row.get::<_, Bound>(first + position)? != record.derive(position) {
                stale.push(record);
                break;
            }
        }
        Ok(true)
    })?;
    Ok(stale)
}

/// Writes them anew, and returns how many rows there were.
pub(super) fn renew_keys<E: Entity>(session: &WriteSession<'_>) -> Result<u64> {
    let stale = stale_keys::<E>(session)?;
    let mut sql = Sql::new("UPDATE ");
    sql.push(E::TABLE.name).push(" SET ");
    for (position, derived) in E::DERIVED.iter().enumerate() {
        sql.push(if position > 0 { "," } else { "" })
            .push(derived.name)
            .push("=?");
    }
    sql.push(" WHERE id=?");
    for record in &stale {
        let keys = (0..E::DERIVED.len()).map(|position| record.derive(position));
        let id = Bound::Blob(record.id().uuid().as_bytes().to_vec());
        session.execute(E::TABLE.name, &sql, params_from_iter(keys.chain([id])))?;
    }
    Ok(stale.len() as u64)
}
