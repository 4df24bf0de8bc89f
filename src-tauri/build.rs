//! Tells the Tauri build where the capabilities of this layout are, and embeds what the shell needs.
//!
//! The commands are declared, so that the page can call by name what a capability allows, and nothing else; without
//! this list, it could call everything that is registered. `tests/house` keeps this list, the capability and
//! `bindings.rs` the same.

const COMMANDS: &[&str] = &[
    "list_columns",
    "list_page",
    "list_rows",
    "list_index",
    "selection_told",
    "selection_delete",
    "bulk_fields",
    "bulk_preview",
    "bulk_page",
    "bulk_apply",
    "search_typed",
    "search_chips",
    "search_values",
    "list_facets",
    "list_quality",
    "book",
    "book_create",
    "book_set",
    "book_set_author",
    "book_delete",
    "author",
    "author_suggest",
    "author_create",
    "author_set",
    "author_delete",
    "contributions_by",
    "contribution_add",
    "contribution_set_role",
    "contribution_move",
    "contribution_remove",
    "belonging_add",
    "belonging_remove",
    "painted",
    "open_again",
    "may_leave",
    "status",
    "import_choose",
    "import_file",
    "load_sample",
    "conflicts_page",
    "conflicts_settle",
    "conflicts_alike",
    "conflicts_settle_alike",
    "sync_now",
    "quarantine",
    "sync_verify",
    "sync_audit",
    "connection",
    "connection_read",
    "connection_try",
    "connection_use",
    "certificates_choose",
    "catalogues",
    "catalogue_choose",
    "catalogue_make",
    "catalogue_open",
    "catalogue_forget",
    "catalogue_moved",
    "catalogue_go_on",
    "drafts",
    "drafts_keep",
    "rescue_backup",
    "rescue_server",
    "rescue_restore",
    "rescue_fetch",
    "rescue_begin",
    "rescue_save",
    "undo_act",
    "undo_told",
    "redo_act",
];

fn main() {
    let attributes = tauri_build::Attributes::new()
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS))
        .capabilities_path_pattern("src-tauri/capabilities/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("the Tauri build script failed: {error:#}");
    }
}
