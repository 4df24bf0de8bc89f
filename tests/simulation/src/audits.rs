//! The audit of every file must account for every edit that was ever made in it: what the ledger finds in the end, it must find too.

use crate::history::{History, Verdict};
use crate::link::locked;

/// Nothing is unaccounted on any device.
pub(crate) fn all_accounted(history: &History<'_>) -> Verdict {
    let told = locked(&history.server).history();
    // What a file had said, that was brought back from a copy or copied, its journal cannot know.
    for device in history.devices.iter().filter(|device| !device.has_met_itself) {
        let name = &device.file.name;
        let mut audit = device.file.state().audit().map_err(|error| format!("the audit of {name} fails: {error}"))?;
        audit.account_by_history(&told);
        if let Some(one) = audit.unaccounted.first() {
            let (entity, id, field, value) = (&one.entity, one.id, &one.field, &one.value);
            return Err(format!("the audit of {name} cries: unaccounted {entity} {id} {field:?} {value}"));
        }
    }
    Ok(())
}
