//! What the examples of `docs/data-api.md` start from.

pub use colophon_acts::undo::{self, Asked};
pub use colophon_catalogue::{
    Author, AuthorDraft, AuthorId, Book, BookDraft, BookFilter, BookId, BookSort, Contribution,
};
pub use colophon_store::schema::{ColumnSet, Value};
pub use colophon_store::settings::Sources;
pub use colophon_store::{
    Children, Columns, Database, Entity, EntityId, Error, FieldOf, NoFilter, PageRequest, Parent, Query, Repository,
    Result, RowsInMemory, RowsMut, Settings, SortOrder, Sql, Stamp, entity, entity_id,
};
pub use colophon_sync::central::CentralSettings;
pub use colophon_sync::{Identity, SyncState, SyncTask};
pub use uuid::Uuid;

/// A catalogue in memory with one author and two books.
pub async fn a_catalogue() -> Result<(Database, Author, Book, Book)> {
    let db = colophon_catalogue::in_memory().await?;
    let (homer, odyssey, iliad) = db
        .write(|tx| {
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
            let book = |title: &str| tx.repo_mut::<Book>().create(&BookDraft::new(title, homer.id));
            let (odyssey, iliad) = (book("The Odyssey")?, book("The Iliad")?);
            Ok((homer, odyssey, iliad))
        })
        .await?;
    Ok((db, homer, odyssey, iliad))
}

/// The page itself: its blocks are run as documentation tests.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/data-api.md"))]
#[cfg(doctest)]
pub struct Page;
