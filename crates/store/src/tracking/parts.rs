//! Rows that are part of a record: an ingredient of a recipe. They are deleted with it, and by themselves as well.
//!
//! The declaration says which column names the record ([`FieldOptions::PART_OF`](crate::FieldOptions::PART_OF)); that is
//! all an entity has to say, and no record has to know what its parts are.

use uuid::Uuid;

use crate::error::Result;
use crate::repository::parts::Parts;
use crate::schema::Table;
use crate::session::WriteSession;
use crate::tracking::registered::Registered;

/// Those of the entities whose rows are parts of the records of a table, each with the position of the column that names
/// the record.
pub fn parts_of<'t>(
    entities: &'static [Registered],
    table: &'t Table,
) -> impl Iterator<Item = (&'static Registered, usize)> + 't {
    entities
        .iter()
        .flat_map(move |entity| entity.wholes(table.name).map(move |column| (entity, column)))
}

/// The entities of a file.
pub(crate) struct Entities(pub(crate) &'static [Registered]);

impl Parts for Entities {
    fn delete_parts(&self, session: &WriteSession<'_>, table: &Table, id: Uuid) -> Result<()> {
        for (entity, column) in parts_of(self.0, table) {
            for part in entity.referring(session, column, id)? {
                entity.delete(session, part)?;
            }
        }
        Ok(())
    }
}
