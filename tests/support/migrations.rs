//! Migrations that only a test knows. They come after those that the program has, whatever number that is: a test with
//! a fixed number would fail with the next migration.

use colophon_store::FileSchema;
use colophon_sync::central::CentralSchema;

/// What the program knows of the server, and further migrations: what each does, its text and its way back.
pub fn central_with(more: &[(&str, &str, &str)]) -> anyhow::Result<CentralSchema> {
    let mut schema = CentralSchema::embedded()?;
    let names = names(schema.version(), more);
    let more = CentralSchema::new(&with_names(&names, more))?;
    schema.up.extend(more.up);
    schema.down.extend(more.down);
    Ok(schema)
}

/// What the program knows of its file, and further migrations: what each does, its text and its way back.
pub fn file_with(more: &[(&str, &str, &str)]) -> anyhow::Result<FileSchema> {
    let mut schema = colophon_catalogue::file_schema()?;
    let names = names(schema.version(), more);
    let more = FileSchema::new(&with_names(&names, more), schema.entities)?;
    schema.up.extend(more.up);
    schema.down.extend(more.down);
    Ok(schema)
}

fn names(newest: i32, more: &[(&str, &str, &str)]) -> Vec<String> {
    (1..)
        .zip(more)
        .map(|(after, (what, ..))| format!("V{}__{what}", newest + after))
        .collect()
}

fn with_names<'a>(names: &'a [String], more: &[(&str, &'a str, &'a str)]) -> Vec<(&'a str, &'a str, &'a str)> {
    names
        .iter()
        .zip(more)
        .map(|(name, (_, up, down))| (name.as_str(), *up, *down))
        .collect()
}
