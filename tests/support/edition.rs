//! Programs of other versions: the one before this, whose server is that of the first release, and one to come, with fields at the front, in
//! the middle and at the end of what there is, and a table of its own.

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
    /// One that knows the server of the first release only. Its file is one that this program has migrated, so that tests can write into it.
    pub fn before() -> anyhow::Result<Self> {
        let edition = Edition {
            entities: FORMER,
            tables: FORMER_TABLES,
            central: None,
        };
        let (mut file, mut central) = (file_schema()?, CentralSchema::embedded()?);
        file.tables = FORMER_TABLES;
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
            central: None,
        };
        let (mut file, mut central) = (file_schema()?, CentralSchema::embedded()?);
        let added = FileSchema::new(&[next::FILE], NEXT_TABLES)?;
        file.up.extend(added.up);
        file.down.extend(added.down);
        file.tables = NEXT_TABLES;
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
