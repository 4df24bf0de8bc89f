//! Embeds the migrations of the local file: for every `V<n>__<name>.sql`, its text and that of its down script.
//!
//! refinery's own macro would mistake the down scripts, which lie in a subfolder, for migrations, and it does not
//! notice a new file. Here a migration without its down script fails the build.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../../migrations/sqlite")
        .canonicalize()?;
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed={}", folder.join("down").display());
    let mut names: Vec<String> = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "sql"));
    let mut list = String::from("&[\n");
    for name in names {
        let down = folder.join("down").join(&name);
        if !down.exists() {
            return Err(format!("the migration {name} has no down script ({})", down.display()).into());
        }
        let stem = name.trim_end_matches(".sql");
        let (up, down) = (folder.join(&name).display().to_string(), down.display().to_string());
        writeln!(list, "    ({stem:?}, include_str!({up:?}), include_str!({down:?})),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), list)?;
    Ok(())
}
