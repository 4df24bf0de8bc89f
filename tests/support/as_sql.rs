//! Catalogues as SQL text: a file or a server's schema written down, and recreated from what was written.
//!
//! So a test can begin from what an earlier release left behind (`tests/fixtures`), and a person can read it. For a
//! file, everything in it is written, including the history of its migrations and the triggers; for a server only the
//! rows, because that release's migrations make everything else.

use std::fmt::Write as _;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::postgres::Psql;

/// A local file, written down. The same file gives the same text.
pub fn file_as_sql(file: &Connection) -> anyhow::Result<String> {
    let application: i64 = file.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let mut text = format!("PRAGMA application_id={application};\n");
    let made = "SELECT type,name,sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type<>'table',type,name";
    let mut statement = file.prepare(made)?;
    let mut found = statement.query([])?;
    let mut later = String::new();
    while let Some(row) = found.next()? {
        let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if kind == "table" {
            writeln!(text, "{sql};")?;
            write_rows(&mut text, file, &name)?;
        } else {
            writeln!(later, "{sql};")?;
        }
    }
    // Triggers come last, so that they do not react to the rows.
    text.push_str(&later);
    Ok(text)
}

fn write_rows(text: &mut String, file: &Connection, table: &str) -> anyhow::Result<()> {
    let mut statement = file.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let columns = statement.column_count();
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|index| literal(row.get_ref(index)?));
        let values: Vec<String> = values.collect::<anyhow::Result<_>>()?;
        rows.push(format!("INSERT INTO \"{table}\" VALUES({});", values.join(",")));
    }
    rows.sort_unstable();
    for row in rows {
        writeln!(text, "{row}")?;
    }
    Ok(())
}

fn literal(value: ValueRef<'_>) -> anyhow::Result<String> {
    Ok(match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => quoted(std::str::from_utf8(text)?),
        ValueRef::Blob(bytes) => {
            let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
                let _ = write!(digits, "{byte:02x}");
                digits
            });
            format!("x'{digits}'")
        }
    })
}

/// A text on one line, whatever it contains.
fn quoted(text: &str) -> String {
    text.split('\n')
        .map(|line| format!("'{}'", line.replace('\'', "''")))
        .collect::<Vec<_>>()
        .join("||char(10)||")
}

/// Makes the file that was written down.
pub fn file_from_sql(file: &Connection, text: &str) -> anyhow::Result<()> {
    file.execute_batch(&format!("PRAGMA foreign_keys=OFF; BEGIN; {text} COMMIT;"))
        .context("a file that was written down")
}

/// Everything in a server's schema that holds rows, written down.
pub fn rows_as_sql(psql: &mut Psql) -> anyhow::Result<String> {
    let tables = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' \
                  AND relname <> 'refinery_schema_history' ORDER BY relname";
    let mut text = String::new();
    for table in psql.run(tables)? {
        for row in psql.run(&format!(
            "SELECT to_jsonb(t) FROM {table} AS t ORDER BY to_jsonb(t)::text"
        ))? {
            let row = row.replace('\'', "''");
            writeln!(
                text,
                "INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{table}, '{row}');"
            )?;
        }
    }
    Ok(text)
}

/// Puts them into a schema that has just been migrated to the same version, without anybody noticing. Sequences
/// continue from there.
pub fn rows_from_sql(psql: &mut Psql, text: &str) -> anyhow::Result<()> {
    psql.run("SET session_replication_role = replica")?;
    psql.run("DELETE FROM catalogue_head")?;
    for line in text.lines() {
        psql.run(line).with_context(|| line.to_owned())?;
    }
    psql.run("SELECT setval(pg_get_serial_sequence('history', 'number'), (SELECT max(number) FROM history))")?;
    psql.run("SET session_replication_role = origin")?;
    Ok(())
}
