//! Embeds the server's migrations: for every `V<n>__<name>.sql`, its text and that of its down script.
//!
//! Done like the catalogue's build script, and for the same reasons: refinery's own macro mistakes down scripts for
//! migrations and does not notice a new file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../../migrations/postgres")
        .canonicalize()?;
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed={}", folder.join("down").display());
    let mut list = String::from("&[\n");
    for entry in fs::read_dir(&folder)? {
        let up = entry?.path();
        if up.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let stem = up.file_stem().unwrap_or_default().to_string_lossy();
        let down = folder.join("down").join(format!("{stem}.sql"));
        if !down.exists() {
            return Err(format!("the migration {stem} has no down script ({})", down.display()).into());
        }
        let (up, down) = (up.display().to_string(), down.display().to_string());
        writeln!(list, "    ({stem:?}, include_str!({up:?}), include_str!({down:?})),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("central_migrations.rs"), list)?;
    Ok(())
}
