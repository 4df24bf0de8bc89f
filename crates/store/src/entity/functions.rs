//! What SQLite asks an entity while it goes through its rows: how a text is folded, and whether a field would be given
//! its value today.
//!
//! Both are rules of the entity, written in Rust. As functions of the connection they can be used in conditions and
//! orders like everything else ([`FieldSql`](crate::FieldSql)), so that one statement filters, counts and gathers. No
//! index and no trigger may use them, and SQLite enforces that: otherwise other programs could no longer write to the
//! file.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::entity::Entity;
use crate::error::Result;
use crate::schema::Value;
use crate::schema::sql::Sql;
use crate::session::ReadSession;

impl ReadSession<'_> {
    /// Makes the functions of an entity known to the session's connection, for statements other than a
    /// [`Query`](crate::Query)'s. If they are known already, that costs a look into the cache of statements.
    pub fn lend_functions<E: Entity>(&self) -> Result<()> {
        let connection = self.connection();
        let mut known = Sql::new("SELECT unfit_");
        known.push(E::TABLE.name).push("(NULL,NULL)");
        if connection.prepare_cached(known.as_str()).is_ok() {
            return Ok(());
        }
        lend::<E>(connection)
    }
}

fn lend<E: Entity>(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let folded = format!("folded_{}", E::TABLE.name);
    connection.create_scalar_function(folded.as_str(), 1, flags, |call| {
        let folded = match call.get_raw(0) {
            ValueRef::Text(text) => Some(E::fold(&String::from_utf8_lossy(text))),
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Null | ValueRef::Blob(_) => None,
        };
        Ok(folded)
    })?;
    let unfit = format!("unfit_{}", E::TABLE.name);
    connection.create_scalar_function(unfit.as_str(), 2, flags, |call| {
        let name = call.get_raw(0).as_str().unwrap_or_default();
        let declared = E::DECLARED.iter().find(|declared| declared.name() == name);
        Ok(match (declared, value(call)) {
            // A field that the entity does not have, or a value that no field can hold.
            (None, _) | (_, None) => true,
            (Some(declared), Some(value)) => declared.is_unfit(&value),
        })
    })?;
    Ok(())
}

fn value(call: &Context<'_>) -> Option<Value> {
    match call.get_raw(1) {
        ValueRef::Null => Some(Value::Null),
        ValueRef::Integer(number) => Some(Value::Integer(number)),
        ValueRef::Text(text) => Some(Value::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}
