//! Turns the examples of `docs/data-api.md` into programs: around each block of Rust goes what the page says is there,
//! in lines that are not shown.
//!
//! Nobody reads a page whose blocks each begin with ten lines of `use` and end with a `main`. So these are added here
//! rather than there.

use std::path::Path;
use std::{env, error::Error, fs};

const BEFORE: &str = "\
# #[allow(unused_imports, reason = \"a block uses some of them\")]
# use colophon_tests::data_api::*;
# #[tokio::main]
# async fn main() -> anyhow::Result<()> {
# let (db, homer, odyssey, iliad) = a_catalogue().await?;
# let _ = (&homer, &odyssey, &iliad);
";
const AFTER: &str = "# let _ = db;\n# Ok(())\n# }\n";

fn main() -> Result<(), Box<dyn Error>> {
    let page = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../docs/data-api.md");
    println!("cargo:rerun-if-changed={}", page.display());
    let mut made = String::new();
    let mut is_rust = false;
    for line in fs::read_to_string(&page)?.lines() {
        if is_rust && line == "```" {
            made.push_str(AFTER);
            is_rust = false;
        }
        made.push_str(line);
        made.push('\n');
        if line == "```rust" {
            made.push_str(BEFORE);
            is_rust = true;
        }
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("data-api.md"), made)?;
    Ok(())
}
