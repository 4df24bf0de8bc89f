//! A PostgreSQL server for tests: made, used, and gone without a trace.
//!
//! A [`Cluster`] is a real server with its own data directory, a Unix socket and a port on the loopback. It never
//! outlives its process: a guard (a small shell that waits for the end of a pipe) stops it and removes its files
//! however the test process ends, even by `kill -9`.
//!
//! A test binary shares one cluster per release ([`Cluster::shared`]), and every test makes a [`CentralCatalogue`] of
//! its own in it, which is a schema. Programs that know nothing of Colophon are played by a session that is used like
//! psql ([`Psql`]), and where psql itself is meant, by the real one ([`PsqlProgram`]).
//!
//! Nothing is skipped. A missing tool is an error that names it.

mod backup;
mod bouncer;
mod catalogue;
mod certificates;
mod cluster;
mod given;
mod guard;
mod language;
mod program;
mod proxy;
mod psql;
mod release;
mod standby;
mod statements;
mod user;

pub use backup::Backup;
pub use bouncer::Bouncer;
pub use catalogue::{CentralCatalogue, PASSWORD};
pub use cluster::Cluster;
pub use program::PsqlProgram;
pub use proxy::{CommitAnswer, Direction, Fault, Proxy};
pub use psql::{Psql, SqlError};
pub use release::Release;

/// Makes each test twice: on the distribution's PostgreSQL and on PostgreSQL 18.
///
/// The functions take the shared cluster and are async.
#[macro_export]
macro_rules! on_each_release {
    ($( $(#[$attribute:meta])* async fn $name:ident($cluster:ident: &$type:ty) $body:block )*) => {
        $( $(#[$attribute])* async fn $name($cluster: &'static $type) -> anyhow::Result<()> {
            $body
            Ok(())
        } )*

        mod on_the_distributions_postgresql {
            $( #[tokio::test(flavor = "multi_thread")]
            async fn $name() -> anyhow::Result<()> {
                super::$name($crate::postgres::Cluster::shared($crate::postgres::Release::Distribution)?).await
            } )*
        }

        mod on_postgresql_18 {
            $( #[tokio::test(flavor = "multi_thread")]
            async fn $name() -> anyhow::Result<()> {
                super::$name($crate::postgres::Cluster::shared($crate::postgres::Release::Eighteen)?).await
            } )*
        }
    };
}

/// The same, and once more on a server whose messages are in German: nothing that a program does may depend on a
/// server's words.
#[macro_export]
macro_rules! on_each_release_and_in_german {
    ($( $(#[$attribute:meta])* async fn $name:ident($cluster:ident: &$type:ty) $body:block )*) => {
        $crate::on_each_release! { $( $(#[$attribute])* async fn $name($cluster: &$type) $body )* }

        mod on_a_server_that_speaks_german {
            $( #[tokio::test(flavor = "multi_thread")]
            async fn $name() -> anyhow::Result<()> {
                super::$name($crate::postgres::Cluster::german()?).await
            } )*
        }
    };
}
