//! Catalogues on a Citus cluster that `COLOPHON_CITUS` names: migrated through the coordinator, brought in step by
//! devices that are given its address, written by programs that know nothing of Colophon through whichever server they
//! like.
//!
//! `cargo test` alone leaves it out, because most machines have no cluster, and `make test` says that it did not run;
//! `cargo test -p colophon-tests --test citus` without an address fails, and says so.

mod foreign;
mod travelling;

use anyhow::ensure;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};

/// The cluster that was given.
fn cluster() -> anyhow::Result<&'static Cluster> {
    let cluster = Cluster::shared(Release::Distribution)?;
    ensure!(
        cluster.is_given(),
        "COLOPHON_CITUS names no cluster: COLOPHON_CITUS=postgres://postgres@127.0.0.1:9700/library"
    );
    Ok(cluster)
}

/// Two catalogues on two workers. The cluster puts one here and one there, so out of a few, two are apart.
async fn two_apart(cluster: &Cluster) -> anyhow::Result<[CentralCatalogue<'_>; 2]> {
    let first = CentralCatalogue::new(cluster).await?;
    for _ in 0..4 {
        let second = CentralCatalogue::new(cluster).await?;
        if second.holder()? != first.holder()? {
            return Ok([first, second]);
        }
    }
    anyhow::bail!("five catalogues lie on one server: are there two workers?")
}
