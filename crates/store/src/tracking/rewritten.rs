//! Values that the server received from this file and turned into others by rules of its own.
//!
//! Nothing else records them: they were sent, so nothing waits; they were never what a row on the server held, so its
//! history does not have them.

use rusqlite::params;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::session::{ReadSession, WriteSession};

const NOTE: Sql = Sql::new("INSERT OR IGNORE INTO rewritten(entity,id,field,value) VALUES(?,?,?,?)");
const NOTED: Sql = Sql::new("SELECT value FROM rewritten WHERE entity=? AND id=? AND field=?");

impl ReadSession<'_> {
    /// The values of a field that were sent, and that the server turned into others.
    pub fn rewritten(&self, table: &Table, id: Uuid, field: &str) -> Result<Vec<Json>> {
        let key = params![table.name, id.as_bytes().as_slice(), field];
        let values = self.query(&NOTED, key, |row| row.get::<_, String>(0))?;
        Ok(values
            .iter()
            .filter_map(|value| serde_json::from_str(value).ok())
            .collect())
    }
}

impl WriteSession<'_> {
    /// Notes that the server received this value of a field from here and turned it into another.
    pub fn note_rewritten(&self, table: &Table, id: Uuid, field: &str, value: &Value) -> Result<()> {
        let value = value.to_json().to_string();
        self.prepare(&NOTE)?
            .execute(params![table.name, id.as_bytes().as_slice(), field, value])?;
        Ok(())
    }
}
