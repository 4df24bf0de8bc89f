//! Whether devices and server hold the same: every row of every table, all columns, and nothing left to do.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use colophon_store::schema::{ColumnKind, Table};
use colophon_sync::shared::{ColumnsThere, Shared};
use rusqlite::types::ValueRef;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::device::Device;
use crate::postgres::{CentralCatalogue, Psql};

/// The rows of a table by their id, each with its revision last.
type Rows = BTreeMap<String, Vec<Json>>;

/// An error that says what differs, if anything does.
pub fn in_step<'d>(
    catalogue: &CentralCatalogue<'_>,
    devices: impl IntoIterator<Item = &'d Device>,
) -> anyhow::Result<()> {
    in_step_by(&mut catalogue.psql()?, devices)
}

/// The same, asked through an existing session.
pub fn in_step_by<'d>(psql: &mut Psql, devices: impl IntoIterator<Item = &'d Device>) -> anyhow::Result<()> {
    let mut differences = Vec::new();
    for device in devices {
        let found = differing(psql, device)?;
        let left = left_to_do(psql, device)?;
        differences.extend(
            found
                .into_iter()
                .chain(left)
                .map(|what| format!("{}: {what}", device.name)),
        );
    }
    if !differences.is_empty() {
        bail!("not in step:\n{}", differences.join("\n"));
    }
    Ok(())
}

/// Where a device's rows differ from the server's.
pub fn differences_of(catalogue: &CentralCatalogue<'_>, device: &Device) -> anyhow::Result<Vec<String>> {
    differing(&mut catalogue.psql()?, device)
}

fn differing(psql: &mut Psql, device: &Device) -> anyhow::Result<Vec<String>> {
    let mut differences = Vec::new();
    for table in tables_of_both(psql, device)? {
        let (here, there) = (local_rows(device, table)?, central_rows(psql, table)?);
        for (id, row) in &here {
            match there.get(id) {
                None => differences.push(format!("{} {id} is here only: {}", table.name, json!(row))),
                Some(other) => differences.extend(differing_columns(table, id, row, other)),
            }
        }
        for (id, row) in there.iter().filter(|(id, _)| !here.contains_key(*id)) {
            differences.push(format!("{} {id} is there only: {}", table.name, json!(row)));
        }
    }
    Ok(differences)
}

/// What both the device's program and the server know.
fn tables_of_both(psql: &mut Psql, device: &Device) -> anyhow::Result<&'static [&'static Table]> {
    let columns = psql
        .run("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()")?;
    let mut there = ColumnsThere::new();
    for column in &columns {
        let (table, column) = column.split_once('|').context("a table and a column")?;
        there.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    Ok(Shared::of(device.program.edition.tables, &there).all_there())
}

fn differing_columns(table: &Table, id: &str, here: &[Json], there: &[Json]) -> Vec<String> {
    let names = table.columns.iter().map(|column| column.name).chain(["revision"]);
    names
        .zip(here.iter().zip(there))
        .filter(|(_, (here, there))| here != there)
        .map(|(name, (here, there))| format!("{} {id} {name}: {here} here, {there} there", table.name))
        .collect()
}

/// Pending rows, batches under way, quarantined rows, a cursor that is behind, references to nothing.
fn left_to_do(psql: &mut Psql, device: &Device) -> anyhow::Result<Vec<String>> {
    let file = device.local.other_program();
    let mut left = Vec::new();
    // What both have deleted may be kept besides its tombstone, and waits for nothing.
    for table in ["pending WHERE change > 0", "batch_in_flight", "set_aside", "applying"] {
        let count: i64 = file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        if count > 0 {
            left.push(format!("{count} rows in {table}"));
        }
    }
    let orphans: i64 = file.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if orphans > 0 {
        left.push(format!("{orphans} rows refer to nothing"));
    }
    let cursor: i64 = file.query_row("SELECT cursor FROM device", [], |row| row.get(0))?;
    let head: i64 = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
    if cursor != head {
        left.push(format!("the cursor is at {cursor}, the head at {head}"));
    }
    Ok(left)
}

fn local_rows(device: &Device, table: &Table) -> anyhow::Result<Rows> {
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let file = device.local.other_program();
    let mut select = file.prepare(&format!("SELECT {},revision FROM {}", columns.join(","), table.name))?;
    let mut found = select.query([])?;
    let mut rows = Rows::new();
    while let Some(row) = found.next()? {
        let values = (0..=columns.len()).map(|index| {
            Ok(match row.get_ref(index)? {
                ValueRef::Null => Json::Null,
                ValueRef::Integer(number) => json!(number),
                ValueRef::Text(text) => json!(std::str::from_utf8(text)?),
                ValueRef::Blob(id) => json!(Uuid::from_slice(id)?.to_string()),
                ValueRef::Real(_) => bail!("a real number in {}", table.name),
            })
        });
        insert(&mut rows, values.collect::<anyhow::Result<_>>()?)?;
    }
    Ok(rows)
}

fn central_rows(psql: &mut Psql, table: &Table) -> anyhow::Result<Rows> {
    let columns = table.columns.iter().map(|column| match column.kind {
        ColumnKind::Timestamp => format!("(extract(epoch FROM {}) * 1000000)::bigint", column.name),
        _ => column.name.to_owned(),
    });
    let columns: Vec<_> = columns.collect();
    let select = format!(
        "SELECT json_build_array({}, revision) FROM {}",
        columns.join(", "),
        table.name
    );
    let mut rows = Rows::new();
    for line in psql.run(&select)? {
        insert(&mut rows, serde_json::from_str(&line)?)?;
    }
    Ok(rows)
}

fn insert(rows: &mut Rows, values: Vec<Json>) -> anyhow::Result<()> {
    let id = values
        .first()
        .and_then(Json::as_str)
        .context("a row without an id")?
        .to_owned();
    rows.insert(id, values);
    Ok(())
}
