//! Which central database a file belongs to.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::local::LocalFile;
use crate::remote::RemoteCatalogue;

/// The file belongs to the first central database it meets, and to any that is made from its backups: such a one has
/// revisions in common with it.
pub(crate) async fn check_incarnation<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    known: Option<Uuid>,
    found: Uuid,
) -> Result<()> {
    if known == Some(found) {
        return Ok(());
    }
    if known.is_some() {
        let seen = local.read(|s| s.seen()).await?;
        if remote.last_common(&seen).await?.is_none() {
            return Err(Error::AnotherCatalogue);
        }
    }
    Ok(local.write(move |tx| tx.set_incarnation(found)).await?)
}
