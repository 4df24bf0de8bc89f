//! Programs of other versions: the previous one, whose server is that of the first release, and a future one, with
//! fields at the front, in the middle and at the end of what there is, and a table of its own.

/// The rules of an entity of another version: today's for what both have, and none of its own.
macro_rules! rules_of_now {
    ($row:ident, filter $filter:ident, sort $sort:ident) => {
        impl colophon_store::Entity for $row {
            type Draft = Self;
            type Filter = colophon_catalogue::$filter;
            type Sort = colophon_catalogue::$sort;

            const DERIVED: &'static [colophon_store::Derived] =
                <colophon_catalogue::$row as colophon_store::Entity>::DERIVED;
            const NAME: colophon_store::NameColumns = <colophon_catalogue::$row as colophon_store::Entity>::NAME;

            fn from_draft(draft: &Self, stamp: colophon_store::Stamp) -> Self {
                Self {
                    id: colophon_store::EntityId::from_uuid(stamp.id),
                    created_at: stamp.now,
                    updated_at: stamp.now,
                    ..draft.clone()
                }
            }

            fn derive(&self, position: usize) -> rusqlite::types::Value {
                $crate::edition::as_now::<colophon_catalogue::$row, Self>(self).derive(position)
            }

            fn fold(text: &str) -> String {
                <colophon_catalogue::$row as colophon_store::Entity>::fold(text)
            }
        }
    };
}

pub mod former;
pub mod next;

use std::sync::Arc;

use colophon_catalogue::schema::file_schema;
use colophon_store::FileSchema;
use colophon_sync::Edition;
use colophon_sync::central::CentralSchema;

pub use former::{FORMER, FORMER_TABLES};
pub use next::{NEXT, NEXT_TABLES, VERSION as NEXT_VERSION};

/// A program of one version.
#[derive(Debug, Clone)]
pub struct Program {
    pub name: &'static str,
    pub edition: Edition,
    pub file: FileSchema,
    pub central: Arc<CentralSchema>,
}

impl Program {
    /// One that knows only the server of the first release. Its file is one that this program has migrated, so that
    /// tests can write into it.
    pub fn before() -> anyhow::Result<Self> {
        let edition = Edition {
            entities: FORMER,
            tables: FORMER_TABLES,
            ..Edition::default()
        };
        let (mut file, mut central) = (file_schema()?, CentralSchema::embedded()?);
        file.entities = FORMER;
        central.up.truncate(1);
        central.down.truncate(1);
        Ok(Self::of("before", &edition, file, central))
    }

    /// The same with a file of its own time.
    pub fn long_before() -> anyhow::Result<Self> {
        let mut before = Self::before()?;
        before.file.up.truncate(former::VERSION);
        before.file.down.truncate(former::VERSION);
        Ok(before)
    }

    /// This one.
    pub fn this() -> anyhow::Result<Self> {
        Ok(Self::of(
            "this",
            &Edition::default(),
            file_schema()?,
            CentralSchema::embedded()?,
        ))
    }

    /// One to come.
    pub fn next() -> anyhow::Result<Self> {
        let edition = Edition {
            entities: NEXT,
            tables: NEXT_TABLES,
            ..Edition::default()
        };
        let (mut file, mut central) = (file_schema()?, CentralSchema::embedded()?);
        let added = FileSchema::new(&[next::FILE], NEXT)?;
        file.up.extend(added.up);
        file.down.extend(added.down);
        file.entities = NEXT;
        let added = CentralSchema::new(&[next::CENTRAL])?;
        central.up.extend(added.up);
        central.down.extend(added.down);
        Ok(Self::of("next", &edition, file, central))
    }

    fn of(name: &'static str, edition: &Edition, file: FileSchema, central: CentralSchema) -> Self {
        let central = Arc::new(central);
        let edition = Edition {
            central: Some(Arc::clone(&central)),
            ..edition.clone()
        };
        Self {
            name,
            edition,
            file,
            central,
        }
    }
}

/// What today's program knows about a row of another one.
fn as_now<N: colophon_store::Columns, L: colophon_store::Columns>(row: &L) -> N {
    let values = row.values();
    let known = N::TABLE.columns.iter().map(|column| {
        let position = L::TABLE.position(column.name);
        position.map_or_else(|| column.unsaid(), |position| values[position].clone())
    });
    N::from_values(known.collect()).expect("no column is of another kind")
}
