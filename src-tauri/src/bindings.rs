//! The window's typed calls, generated from the commands and events of the shell.

use tauri_specta::{Builder, collect_commands, collect_events};

use crate::commands::{
    activity, authors, belongings, books, bulk, called, catalogue, catalogues, checks, conflicts, connection,
    contributions, done, drafts, duplicates, export, lists, moved, palette, print, rescue, search, selection, support,
    sync, timeline, trash, undo, view_state,
};
use crate::runtime::Runtime;
use crate::{events, import, sync_state};

/// Every command and event that the window knows.
#[expect(clippy::too_many_lines, reason = "a list, one command a line")]
pub(crate) fn builder() -> Builder<Runtime> {
    // Both directions have the same shape: every field is always there, and an absent value is null.
    Builder::new()
        .disable_serde_phases()
        .commands(collect_commands![
            lists::list_columns,
            lists::list_page,
            lists::list_rows,
            lists::list_index,
            selection::selection_told,
            selection::selection_delete,
            bulk::bulk_fields,
            bulk::bulk_preview,
            bulk::bulk_page,
            bulk::bulk_apply,
            export::export_told,
            export::export_choose,
            export::export_write,
            export::export_leave_off,
            print::print_rows,
            print::print_dialog,
            palette::palette_records,
            search::search_typed,
            search::search_chips,
            search::search_values,
            search::list_facets,
            search::list_quality,
            duplicates::duplicates_groups,
            duplicates::duplicates_proposals,
            duplicates::duplicates_apart,
            duplicates::merge_chosen,
            duplicates::merge_compared,
            duplicates::merge_records,
            duplicates::merge_all,
            books::book,
            books::book_create,
            books::book_set,
            books::book_set_author,
            books::book_delete,
            authors::author,
            authors::author_suggest,
            authors::author_create,
            authors::author_set,
            authors::author_delete,
            contributions::contributions_by,
            contributions::contribution_add,
            contributions::contribution_set_role,
            contributions::contribution_move,
            contributions::contribution_remove,
            belongings::belonging_add,
            belongings::belonging_remove,
            catalogue::painted,
            catalogue::open_again,
            catalogue::may_leave,
            catalogue::status,
            catalogue::import_choose,
            catalogue::import_file,
            catalogue::load_sample,
            conflicts::conflicts_page,
            conflicts::conflicts_settle,
            conflicts::conflicts_alike,
            conflicts::conflicts_settle_alike,
            sync::sync_now,
            sync::quarantine,
            checks::sync_verify,
            checks::sync_audit,
            connection::connection,
            connection::connection_read,
            connection::connection_try,
            connection::connection_use,
            connection::certificates_choose,
            catalogues::catalogues,
            catalogues::catalogue_choose,
            catalogues::catalogue_make,
            catalogues::catalogue_open,
            catalogues::catalogue_forget,
            moved::catalogue_moved,
            moved::catalogue_go_on,
            drafts::drafts,
            drafts::drafts_keep,
            rescue::rescue_backup,
            rescue::rescue_server,
            rescue::rescue_restore,
            rescue::rescue_fetch,
            rescue::rescue_begin,
            rescue::rescue_save,
            undo::undo_act,
            undo::undo_told,
            undo::redo_act,
            done::acts_page,
            done::act_undo,
            done::act_redo,
            trash::trash_page,
            trash::trash_count,
            trash::trash_by,
            trash::trash_restore,
            trash::trash_empty,
            timeline::record_timeline,
            timeline::record_put_back,
            activity::activity_here,
            activity::activity_elsewhere,
            called::called,
            called::called_set,
            view_state::view_notes_keep,
            support::support_report,
        ])
        .events(collect_events![
            events::Changed,
            events::ManyChanged,
            events::ManyExported,
            events::BackupFailed,
            import::ImportProgress,
            events::AboutToLeave,
            sync_state::SyncState
        ])
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use specta_typescript::Typescript;

    /// Set it to write the bindings instead of comparing them.
    const UPDATE: &str = "COLOPHON_UPDATE_BINDINGS";

    #[test]
    fn the_bindings_of_the_window_are_fresh() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/ipc/bindings.ts");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let generated = folder.path().join("bindings.ts");
        super::builder()
            .export(Typescript::default(), &generated)
            .expect("the bindings are generated");
        if env::var_os(UPDATE).is_some() {
            fs::copy(&generated, &kept).expect("the bindings are written");
        }
        let (kept, generated) = (
            fs::read_to_string(kept).unwrap_or_default(),
            fs::read_to_string(generated).expect("the bindings are read"),
        );
        assert!(
            kept == generated,
            "ui/src/ipc/bindings.ts is stale: run the test again with {UPDATE}=1 and commit the file"
        );
    }
}
