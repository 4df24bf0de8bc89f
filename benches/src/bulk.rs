//! One change of many records, as the window makes it: everything that a list shows is chosen, what would become of each
//! record is looked at, it is done as one act, and that act is taken back.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result};
use colophon_acts::bulk::{Change, Operation, Preview, Replacement, changeable};
use colophon_acts::undo::{self, Asked};
use colophon_catalogue::Book;
use colophon_catalogue::lists::{List, Lists, Selection};
use colophon_store::PageRequest;
use colophon_store::settings::Durability;

use crate::floor::{self, File};
use crate::measure::{Table, milliseconds, percentile, timed};

const MANY: u32 = 100_000;
const ROUNDS: usize = 3;

/// A choice and a count of all that a list shows cost the same, however many they are.
const CHOSEN: [&str; 3] = ["", "shadow", "no such book"];

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    for (name, change) in changes()? {
        for (state, prepare) in [("never synced", ""), ("synced before", "UPDATE book SET revision=1")] {
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                let (file, _) = floor::filled(MANY)?;
                let connection = floor::open(&file.folder.path().join("catalogue.sqlite"), Durability::Normal)?;
                connection.execute_batch(prepare)?;
                drop(connection);
                rounds.push(round(&file, &change)?);
            }
            let medians = [0, 1, 2].map(|step| {
                let mut times: Vec<_> = rounds.iter().map(|round| round[step]).collect();
                milliseconds(percentile(&mut times, 50))
            });
            table.figure(
                format!("{name} in {MANY} books, {state}: looked at, done, taken back"),
                medians.join(", "),
                "≤ 1 s until it is done",
            );
        }
    }
    choosing(table, rows)
}

fn changes() -> Result<[(&'static str, Change); 3]> {
    let of = |target: &str, operation| Change {
        target: target.to_owned(),
        operation,
    };
    let replacement = Replacement {
        find: "e".to_owned(),
        with: "é".to_owned(),
        is_pattern: false,
        ignores_case: false,
    };
    let lists = changeable::<Book>().into_iter().filter(|one| one.kind.is_none());
    let list = lists.map(|one| one.name).next().context("books have no list")?;
    Ok([
        (
            "a publisher is set",
            of("publisher", Operation::Set("Another Press".to_owned())),
        ),
        (
            "a letter of the title is replaced",
            of("title", Operation::Replace(replacement)),
        ),
        (
            "a text is added to a list",
            of(list, Operation::Add("measured".to_owned())),
        ),
    ])
}

/// How long it takes to look at a change of everything, with the first page of it; to do it; and to take it back.
fn round(file: &File, change: &Change) -> Result<[Duration; 3]> {
    let lists = Lists::new(file.database.clone());
    let all = Selection::all_of(List::<Book>::default());
    let mut made = None;
    let looked = timed(|| {
        let preview = lists.selected(&all, |session, query| {
            let preview = Preview::of(session, query, change.clone())?;
            preview.page::<Book>(session, PageRequest::new(1, 100)?)?;
            Ok(preview)
        })?;
        made = Some(preview);
        Ok(())
    })?;
    let Some(preview) = made else {
        anyhow::bail!("nothing was looked at")
    };
    let done = timed(|| {
        let applied = file
            .database
            .write_blocking(move |tx| preview.apply::<Book>(tx, &HashSet::new(), |_| {}))?;
        anyhow::ensure!(applied.left_alone == 0, "{} were left", applied.left_alone);
        Ok(())
    })?;
    let taken_back = timed(|| Ok(file.database.write_blocking(|tx| undo::undo(tx, Asked::agreeing()))?))?;
    Ok([looked, done, taken_back])
}

/// What the foot asks when everything is chosen.
fn choosing(table: &mut Table, rows: u32) -> Result<()> {
    let (file, ids) = floor::filled(rows)?;
    let lists = Lists::new(file.database.clone());
    lists.books.prepare()?;
    for text in CHOSEN {
        let all = Selection {
            except: ids.iter().copied().take(3).collect(),
            ..Selection::all_of(List::<Book> {
                text: text.to_owned(),
                ..List::default()
            })
        };
        let time = timed(|| Ok(lists.among_selected(&all, &ids[..ids.len().min(100)])?))?;
        table.figure(
            format!("how many of {rows} books are chosen when all that `{text}` finds are, but three"),
            milliseconds(time),
            "≤ 500 ms",
        );
    }
    Ok(())
}
