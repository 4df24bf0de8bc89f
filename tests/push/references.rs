//! What is taken in may come before what it refers to, and be deleted before what refers to it; at the end of a
//! transaction everything must be there.

use anyhow::ensure;
use colophon_catalogue::{Author, Book};
use colophon_store::Columns as _;
use colophon_store::schema::Value;
use colophon_sync::Identity;
use colophon_sync::file::CatalogueFile;
use colophon_sync::local::{Key, LocalFile as _, LocalRow, LocalTransaction};
use colophon_tests::device::Device;
use uuid::Uuid;

const AUTHOR: Key = Key {
    table: Author::TABLE,
    id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
};
const BOOK: Key = Key {
    table: Book::TABLE,
    id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002),
};

/// A row with nothing in it except what it needs.
fn row(key: Key) -> LocalRow {
    let values = key.table.columns.iter().map(|column| match column.name {
        "id" => Value::Uuid(key.id),
        "author_id" => Value::Uuid(AUTHOR.id),
        "name" | "sort_name" | "title" => Value::Text("a".to_owned()),
        _ => column.unsaid(),
    });
    LocalRow {
        revision: 1,
        values: values.collect(),
    }
}

/// What a step of a transaction does.
#[derive(Debug, Clone, Copy)]
enum Step {
    Writes(Key),
    Erases(Key),
}

use Step::{Erases, Writes};

async fn do_all(file: &CatalogueFile, steps: &[Step]) -> colophon_store::Result<()> {
    let steps = steps.to_vec();
    let all = move |tx: &dyn LocalTransaction| {
        steps.iter().try_for_each(|step| match *step {
            Writes(key) => tx.write_row(key, &row(key)),
            Erases(key) => tx.erase_row(key),
        })
    };
    file.write(all).await
}

#[tokio::test]
async fn rows_come_and_go_in_any_order_and_none_is_left_without_its_parent() -> anyhow::Result<()> {
    let device = Device::new();
    let identity = Identity {
        name: device.name.clone(),
        app_version: String::new(),
    };
    let file = CatalogueFile::new(device.database().clone(), &identity);
    for (steps, is_whole) in [
        (&[Writes(BOOK)][..], false),
        (&[Writes(BOOK), Writes(AUTHOR)], true),
        (&[Erases(AUTHOR)], false),
        (&[Erases(AUTHOR), Writes(AUTHOR)], true),
        (&[Erases(AUTHOR), Erases(BOOK)], true),
        (&[Writes(AUTHOR), Writes(BOOK)], true),
        (&[Erases(BOOK), Erases(AUTHOR)], true),
        (&[Writes(AUTHOR), Writes(BOOK), Erases(AUTHOR)], false),
        (&[Writes(BOOK), Erases(BOOK)], true),
    ] {
        // A statement that was compiled for an edit is used as well.
        let edited = device.author("an edit").await?;
        device.book(edited.id, "another").await?;
        let done = do_all(&file, steps).await;
        ensure!(done.is_ok() == is_whole, "{steps:?}: {done:?}");
    }
    Ok(())
}
