//! What a round has to know about the file before it asks anything.

use std::collections::HashSet;

use colophon_store::schema::Table;
use colophon_store::{InFlight, LocalDevice, ServerClock};

use super::known::Known;
use crate::error::Result;
use crate::fate;
use crate::local::{LocalFile, LocalTransaction};
use crate::remote::News;
use crate::shared::Shared;

/// What the file says when a round begins: which device it is, what is under way, what it is in step with, and what the
/// first question needs, if no other has to be asked first. That is read in passing, because as a rule nothing changes
/// it until then.
pub(super) async fn begin<L: LocalFile>(
    local: &L,
    clock: ServerClock,
    tables: &'static [&'static Table],
    shared: Shared,
    news: News,
) -> Result<(LocalDevice, Vec<InFlight>, HashSet<(String, String)>, Option<Known>)> {
    let prepare = move |tx: &dyn LocalTransaction| {
        let (device, in_flight) = fate::prepare(tx, &clock)?;
        let known =
            (news != News::NotHinted && in_flight.is_empty()).then(|| Known::read(tx, tables, shared, device.cursor));
        Ok((device, in_flight, tx.in_step()?, known.transpose()?))
    };
    Ok(local.write(prepare).await?)
}
