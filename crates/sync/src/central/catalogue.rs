//! A connection in the role of the catalogue that a [round](crate::round::round) speaks to.

use std::time::Duration;

use colophon_store::schema::Table;
use colophon_store::{InFlight, Seen};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::batch::{Batch, Device, Outcome};
use super::connection::Connection;
use super::error::Result;
use super::head::Head;
use crate::remote::{Additions, AdditionsRequest, PullRequest, Pulled, ReconcileRequest, RemoteCatalogue, Whereabouts};
use crate::shared::Shared;

impl RemoteCatalogue for Connection {
    fn shared(&self, _: &'static [&'static Table]) -> Shared {
        Self::shared(self)
    }

    fn head(&mut self) -> BoxFuture<'_, Result<Head>> {
        Self::head(self).boxed()
    }

    fn fate<'c>(&'c mut self, device: &'c Device, batch: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>> {
        Self::fate(self, device, batch).boxed()
    }

    fn known_fate<'c>(&'c mut self, device: &'c Device, batch: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>> {
        Self::known_fate(self, device, batch).boxed()
    }

    fn pull<'c>(&'c mut self, request: &'c PullRequest) -> BoxFuture<'c, Result<Pulled>> {
        Self::pull(self, request).boxed()
    }

    fn last_common<'c>(&'c mut self, seen: &'c [Seen]) -> BoxFuture<'c, Result<Option<Seen>>> {
        Self::last_common(self, seen).boxed()
    }

    fn reconcile<'c>(&'c mut self, request: &'c ReconcileRequest) -> BoxFuture<'c, Result<Whereabouts>> {
        Self::reconcile(self, request).boxed()
    }

    fn additions<'c>(&'c mut self, request: &'c AdditionsRequest) -> BoxFuture<'c, Result<Additions>> {
        Self::additions(self, request).boxed()
    }

    fn push<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        tables: &'static [&'static Table],
    ) -> BoxFuture<'c, Result<Outcome>> {
        Self::push(self, device, batch, tables).boxed()
    }

    fn push_before<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        next: Option<&'c Batch>,
        tables: &'static [&'static Table],
    ) -> BoxFuture<'c, Result<Outcome>> {
        Self::push_before(self, device, batch, next, tables).boxed()
    }

    fn announce(&mut self, revision: i64) -> BoxFuture<'_, Result<()>> {
        Self::announce(self, revision).boxed()
    }

    fn pause(&mut self, time: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep(time).boxed()
    }
}
