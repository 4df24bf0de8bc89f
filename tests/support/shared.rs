//! Files that other programs wrote, for tests. They are kept beside the project and are not part of it: if they are
//! absent, a test does without them.

use std::path::{Path, PathBuf};

/// A file of the shared test data, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").exists())?;
    let path = root.join("../shared/data").join(name);
    path.exists().then_some(path)
}
