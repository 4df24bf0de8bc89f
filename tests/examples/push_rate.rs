//! How fast rows go up, against psql's `\copy` of the same rows into the same tables.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement")]

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use colophon_catalogue::{Author, Book};
use colophon_store::Columns as _;
use colophon_store::schema::{Table, Value};
use colophon_sync::central::{Batch, Device, RowChange, TableChanges};
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};
use uuid::Uuid;

const TABLES: &[&Table] = &[Author::TABLE, Book::TABLE];
const AUTHORS: usize = 9_091;
const BOOKS: usize = 90_909;
const BATCH: usize = 10_000;

fn id(rng: &mut fastrand::Rng, at: u64) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(1_700_000_000_000 + at / 50, &std::array::from_fn(|_| rng.u8(..)))
        .into_uuid()
}

fn rows() -> (Vec<RowChange>, Vec<RowChange>) {
    let mut rng = fastrand::Rng::with_seed(1);
    let words: Vec<String> = (0..5000)
        .map(|_| (0..rng.usize(3..10)).map(|_| rng.lowercase()).collect())
        .collect();
    let text = |rng: &mut fastrand::Rng, count: usize| {
        Value::Text(
            (0..count)
                .map(|_| words[rng.usize(..words.len())].clone())
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    let at = Value::Integer(1_714_564_800_000_000);
    let mut number = 0;
    let mut next = |rng: &mut fastrand::Rng| {
        number += 1;
        id(rng, number)
    };
    let row = |values| RowChange {
        deletes: false,
        base_revision: 0,
        values,
    };
    let mut ids = Vec::new();
    let authors = (0..AUTHORS)
        .map(|_| {
            let id = next(&mut rng);
            ids.push(id);
            let name = text(&mut rng, 2);
            row(vec![
                Value::Uuid(id),
                name.clone(),
                name,
                Value::Integer(rng.i64(1500..1990)),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
                at.clone(),
                at.clone(),
            ])
        })
        .collect();
    let books = (0..BOOKS)
        .map(|index| {
            let length = rng.usize(2..7);
            let isbn = if rng.u8(..10) < 9 {
                Value::Text((9_780_000_000_000_u64 + index as u64 * 7919 % 1_000_000_007).to_string())
            } else {
                Value::Null
            };
            row(vec![
                Value::Uuid(next(&mut rng)),
                Value::Uuid(ids[rng.usize(..ids.len())]),
                text(&mut rng, length),
                if rng.u8(..10) < 3 {
                    text(&mut rng, 3)
                } else {
                    Value::Null
                },
                isbn,
                text(&mut rng, 2),
                Value::Integer(rng.i64(1900..2025)),
                Value::Text("eng".to_owned()),
                Value::Integer(rng.i64(50..900)),
                Value::Null,
                Value::Null,
                Value::Null,
                at.clone(),
                at.clone(),
            ])
        })
        .collect();
    (authors, books)
}

fn write_text(table: &Table, rows: &[RowChange], file: &Path) -> anyhow::Result<String> {
    let mut out = String::new();
    for row in rows {
        for (index, (column, value)) in table.columns.iter().zip(&row.values).enumerate() {
            out.push_str(if index > 0 { "\t" } else { "" });
            match value {
                Value::Null => out.push_str("\\N"),
                Value::Integer(_) if column.name.ends_with("_at") => out.push_str("2024-05-01 12:00:00+00"),
                Value::Integer(number) => write!(out, "{number}")?,
                Value::Uuid(id) => write!(out, "{id}")?,
                Value::Text(text) => out.push_str(text),
            }
        }
        out.push('\n');
    }
    std::fs::write(file, out)?;
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    Ok(format!(
        "\\copy {} ({}) from {}",
        table.name,
        columns.join(","),
        file.display()
    ))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let (authors, books) = rows();
    let folder = tempfile::tempdir()?;
    let copies = [
        write_text(Author::TABLE, &authors, &folder.path().join("author"))?,
        write_text(Book::TABLE, &books, &folder.path().join("book"))?,
    ];
    let mut batches: Vec<Batch> = Vec::new();
    let all = authors
        .iter()
        .map(|row| (Author::TABLE, row))
        .chain(books.iter().map(|row| (Book::TABLE, row)));
    for (index, (table, row)) in all.enumerate() {
        if index % BATCH == 0 {
            batches.push(Batch {
                number: batches.len() as i64 + 1,
                tables: Vec::new(),
            });
        }
        let tables = &mut batches.last_mut().unwrap().tables;
        if tables.last().is_none_or(|changes| changes.table != table) {
            tables.push(TableChanges {
                table,
                rows: Vec::new(),
            });
        }
        tables.last_mut().unwrap().rows.push(row.clone());
    }
    let device = Device {
        id: Uuid::from_u128(1),
        name: "bench".to_owned(),
        app_version: "0".to_owned(),
    };
    for release in [Release::Distribution, Release::Eighteen] {
        let cluster = Cluster::start(release)?;
        for _ in 0..5 {
            let catalogue = CentralCatalogue::new(&cluster).await?;
            let mut psql = catalogue.psql_of("ann")?;
            psql.run("CHECKPOINT").ok();
            cluster.psql()?.run("CHECKPOINT")?;
            let start = Instant::now();
            psql.run("BEGIN")?;
            for copy in &copies {
                psql.run(copy)?;
            }
            psql.run("COMMIT")?;
            let copy = start.elapsed();
            anyhow::ensure!(psql.value("SELECT count(*) FROM book")? == BOOKS.to_string());

            let catalogue = CentralCatalogue::new(&cluster).await?;
            let mut connection = catalogue.open().await?;
            cluster.psql()?.run("CHECKPOINT")?;
            let start = Instant::now();
            for batch in &batches {
                let outcome = connection.stage(&device, batch, TABLES).await?.apply().await?;
                assert!(outcome.declined.is_empty());
            }
            let serial = start.elapsed();

            let catalogue = CentralCatalogue::new(&cluster).await?;
            let (mut one, mut other) = (catalogue.open().await?, catalogue.open().await?);
            cluster.psql()?.run("CHECKPOINT")?;
            let start = Instant::now();
            let mut staged = one.stage(&device, &batches[0], TABLES).await?;
            let mut rest = batches[1..].iter();
            while let Some(batch) = rest.next() {
                let (outcome, next) = tokio::join!(staged.apply(), other.stage(&device, batch, TABLES));
                outcome?;
                let next = next?;
                match rest.next() {
                    Some(batch) => {
                        let (outcome, after) = tokio::join!(next.apply(), one.stage(&device, batch, TABLES));
                        outcome?;
                        staged = after?;
                    }
                    None => {
                        next.apply().await?;
                        break;
                    }
                }
            }
            let overlapped = start.elapsed();
            println!(
                "{release:?}: copy {copy:?} serial {serial:?} ratio {:.3} overlapped {overlapped:?} ratio {:.3}",
                copy.as_secs_f64() / serial.as_secs_f64(),
                copy.as_secs_f64() / overlapped.as_secs_f64()
            );
        }
    }
    Ok(())
}
