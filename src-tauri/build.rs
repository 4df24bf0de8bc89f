//! Tells the Tauri build where the capabilities of this layout are, and embeds what the shell needs.

fn main() {
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("the Tauri build script failed: {error:#}");
    }
}
