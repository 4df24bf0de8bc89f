//! Capture: notes which rows the server does not know yet, in the same transaction as the edit.
//!
//! For SQL that other programs run on the file, triggers do it; for our own writes, [`pending`] does the same. The
//! triggers are generated from a table's one list of columns, and installed anew whenever that list has changed. What
//! is noted:
//!
//! - A row that was never synced (`revision` 0) needs no note; making or changing one writes nothing else.
//! - The first change of a synced row keeps the row as it was (its *base*) in `pending`; later ones raise its change number.
//! - While a batch is under way, changes of unsynced rows are noted as pending too, because the row may already have
//!   been sent: if so, it was sent as it was before the change, and that is kept like a base.
//! - A deletion keeps the last content in `deleted`; a row that comes back carries on from where it was.
//!
//! Rows that come from the server are written while there is a row in `applying`, and note nothing.

pub(crate) mod pending;

use rusqlite::Connection;

use crate::error::Result;
use crate::file::transaction::{Kind, OpenTransaction};
use crate::schema::sql::Sql;
use crate::schema::{ColumnKind, Table};

/// Installs the triggers of these tables, unless exactly these are there already.
pub(crate) fn install(connection: &Connection, tables: &[&'static Table]) -> Result<()> {
    let mut wanted: Vec<String> = tables
        .iter()
        .flat_map(|table| triggers(table))
        .map(|sql| sql.as_str().to_owned())
        .collect();
    wanted.sort_unstable();
    let mut present: Vec<String> = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE type='trigger' AND name LIKE 'capture\\_%' ESCAPE '\\'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    present.sort_unstable();
    if wanted == present {
        return Ok(());
    }
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    drop_all(connection)?;
    for sql in wanted {
        connection.execute_batch(&sql)?;
    }
    transaction.commit()
}

/// After a failed migration: the old triggers fit the old tables, but the program's may not.
pub(crate) fn install_if_possible(connection: &Connection, tables: &[&'static Table]) {
    if let Err(error) = install(connection, tables) {
        tracing::warn!(%error, "changes are not captured until the file is migrated");
    }
}

/// Removes all capture triggers, so that a migration may change the columns they name.
pub(crate) fn remove(connection: &Connection) -> Result<()> {
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    drop_all(connection)?;
    transaction.commit()
}

pub(crate) fn drop_all(connection: &Connection) -> Result<()> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type='trigger' AND name LIKE 'capture\\_%' ESCAPE '\\'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        // A name cannot be bound; it is quoted.
        connection.execute_batch(&format!("DROP TRIGGER \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

fn triggers(table: &'static Table) -> [Sql; 5] {
    [
        update_of_synced(table),
        update_of_unsynced(table),
        delete_of_synced(table),
        delete_of_unsynced(table),
        insert(table),
    ]
}

const NOT_APPLYING: &str = " AND NOT EXISTS(SELECT 1 FROM applying)";

fn head(table: &'static Table, suffix: &'static str, event: &'static str) -> Sql {
    let mut sql = Sql::new("CREATE TRIGGER capture_");
    sql.push(table.name).push(suffix).push(" AFTER ").push(event);
    sql
}

/// `UPDATE OF` all columns that both sides have: writing the revision or a stored key is not an edit.
fn update_head(table: &'static Table, suffix: &'static str) -> Sql {
    let mut sql = head(table, suffix, "UPDATE OF ");
    sql.join(table.columns.iter().map(|column| column.name), ",")
        .push(" ON ")
        .push(table.name);
    sql
}

fn update_of_synced(table: &'static Table) -> Sql {
    let mut sql = update_head(table, "_update");
    sql.push(" WHEN OLD.revision>0").push(NOT_APPLYING).push(" BEGIN ");
    sql.push("INSERT INTO pending(entity,id,kind,base,base_revision,change) SELECT '")
        .push(table.name);
    sql.push("',OLD.id,'update',")
        .append(&row_json(table, "OLD."))
        .push(",OLD.revision,0 WHERE NOT EXISTS");
    sql.push("(SELECT 1 FROM pending WHERE entity='")
        .push(table.name)
        .push("' AND id=OLD.id);");
    raise(&mut sql, table);
    sql.push(" END");
    sql
}

fn update_of_unsynced(table: &'static Table) -> Sql {
    let mut sql = update_head(table, "_update_unsynced");
    sql.push(" WHEN OLD.revision=0 AND EXISTS(SELECT 1 FROM batch_in_flight)")
        .push(NOT_APPLYING)
        .push(" BEGIN ");
    sql.push("INSERT INTO pending(entity,id,kind,base,base_revision,change) VALUES('")
        .push(table.name);
    sql.push("',OLD.id,'update',")
        .append(&row_json(table, "OLD."))
        .push(",0,1) ON CONFLICT(entity,id) DO UPDATE SET change=change+1;");
    sql.push(" END");
    sql
}

fn delete_of_synced(table: &'static Table) -> Sql {
    let mut sql = head(table, "_delete", "DELETE ON ");
    sql.push(table.name)
        .push(" WHEN OLD.revision>0")
        .push(NOT_APPLYING)
        .push(" BEGIN ");
    sql.push("INSERT INTO pending(entity,id,kind,base,base_revision,change) VALUES('")
        .push(table.name);
    sql.push("',OLD.id,'delete',")
        .append(&row_json(table, "OLD."))
        .push(",OLD.revision,1)");
    sql.push(" ON CONFLICT(entity,id) DO UPDATE SET kind='delete',change=change+1;");
    keep_content(&mut sql, table);
    sql.push(" END");
    sql
}

fn delete_of_unsynced(table: &'static Table) -> Sql {
    let mut sql = head(table, "_delete_unsynced", "DELETE ON ");
    sql.push(table.name)
        .push(" WHEN OLD.revision=0")
        .push(NOT_APPLYING)
        .push(" BEGIN ");
    // It may have been sent, or brought back over a tombstone: then the deletion must be sent as well. Otherwise
    // nothing is pending.
    sql.push("UPDATE pending SET kind='delete',change=change+1 WHERE entity='")
        .push(table.name)
        .push("' AND id=OLD.id;");
    sql.push(" INSERT INTO pending(entity,id,kind,base,base_revision,change) SELECT '")
        .push(table.name);
    sql.push("',OLD.id,'delete',")
        .append(&row_json(table, "OLD."))
        .push(",0,1 WHERE EXISTS(SELECT 1 FROM batch_in_flight) AND NOT EXISTS");
    sql.push("(SELECT 1 FROM pending WHERE entity='")
        .push(table.name)
        .push("' AND id=OLD.id);");
    keep_content(&mut sql, table);
    sql.push(" END");
    sql
}

/// A row that comes back: over its own deletion that was not sent yet, or over the tombstone of one that was sent.
fn insert(table: &'static Table) -> Sql {
    let mut sql = head(table, "_insert", "INSERT ON ");
    sql.push(table.name)
        .push(" WHEN EXISTS(SELECT 1 FROM deleted WHERE entity='")
        .push(table.name);
    sql.push("' AND id=NEW.id)").push(NOT_APPLYING).push(" BEGIN ");
    sql.push(
        "INSERT INTO pending(entity,id,kind,base,base_revision,base_is_tombstone,change) SELECT entity,id,'update',content,revision,1,0",
    );
    sql.push(" FROM deleted WHERE entity='")
        .push(table.name)
        .push("' AND id=NEW.id AND revision>0");
    sql.push(" ON CONFLICT(entity,id) DO NOTHING; UPDATE pending SET kind='update',change=change+1 WHERE entity='");
    sql.push(table.name).push("' AND id=NEW.id; UPDATE ").push(table.name);
    sql.push(" SET revision=coalesce((SELECT base_revision FROM pending WHERE entity='")
        .push(table.name);
    sql.push("' AND id=NEW.id),0) WHERE id=NEW.id; DELETE FROM deleted WHERE entity='")
        .push(table.name);
    sql.push("' AND id=NEW.id; END");
    sql
}

fn raise(sql: &mut Sql, table: &'static Table) {
    sql.push(" UPDATE pending SET change=change+1 WHERE entity='")
        .push(table.name)
        .push("' AND id=OLD.id;");
}

fn keep_content(sql: &mut Sql, table: &'static Table) {
    sql.push(" INSERT OR REPLACE INTO deleted(entity,id,content,revision) VALUES('")
        .push(table.name);
    sql.push("',OLD.id,").append(&row_json(table, "OLD.")).push(",0);");
}

/// A row as a JSON object keyed by column, where `row` is put before each column name; ids as hexadecimal text, because
/// JSON holds no bytes.
pub(crate) fn row_json(table: &'static Table, row: &'static str) -> Sql {
    let mut sql = Sql::new("json_object(");
    for (index, column) in table.columns.iter().enumerate() {
        if index > 0 {
            sql.push(",");
        }
        sql.push("'").push(column.name).push("',");
        match column.kind {
            ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => {
                sql.push("nullif(lower(hex(").push(row).push(column.name).push(")),'')");
            }
            _ => {
                sql.push(row).push(column.name);
            }
        }
    }
    sql.push(")");
    sql
}
