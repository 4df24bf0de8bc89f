//! The audit of every file must account for every edit that was ever made in it: if nothing is lost it has nothing to
//! report, and what the ledger would find it finds too (a [planted](crate::Bug::EditDropped) loss proves it).

use crate::history::{History, Verdict};
use crate::link::locked;

/// Nothing is unaccounted on any device.
pub(crate) fn all_accounted(history: &History<'_>) -> Verdict {
    // A garbled history proves nothing.
    if history.is_corrupted() {
        return Ok(());
    }
    let told = locked(&history.server).history();
    for device in &history.devices {
        let name = &device.file.name;
        let mut audit = device
            .file
            .state()
            .audit()
            .map_err(|error| format!("the audit of {name} fails: {error}"))?;
        audit.account_by_history(&told);
        if let Some(one) = audit.unaccounted.first() {
            let (entity, id, field, value) = (&one.entity, one.id, &one.field, &one.value);
            return Err(format!(
                "the audit of {name} cries: unaccounted {entity} {id} {field:?} {value} {:?}",
                device.file.state().journal_of(one.id)
            ));
        }
    }
    Ok(())
}
