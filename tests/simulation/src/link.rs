//! A device's connection to the model server: what a round speaks to. Every message stops for the scheduler.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use colophon_store::schema::Table;
use colophon_store::{InFlight, Seen};
use colophon_sync::central::{Batch, Device, Error, Head, Outcome, Result};
use colophon_sync::remote::{
    Additions, AdditionsRequest, PullRequest, Pulled, ReconcileRequest, RemoteCatalogue, Whereabouts,
};
use colophon_sync::shared::Shared as Both;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::acquaintance::Acquaintance;
use crate::line::{Fault, Line, Stop};
use crate::server::Server;

/// The server, as everybody reaches it.
pub(crate) type Shared = Arc<Mutex<Server>>;

/// The last batch that was sent, which may arrive late, or again.
pub(crate) type Letter = Arc<Mutex<Option<(Device, Batch)>>>;

/// A batch that was sent. What has not arrived when its sender gives up, or is killed, may still do so long afterwards;
/// what was committed may be sent again.
struct Flight<'b> {
    last_sent: Letter,
    device: &'b Device,
    batch: &'b Batch,
    may_arrive: AtomicBool,
}

impl<'b> Flight<'b> {
    fn new(last_sent: &Letter, device: &'b Device, batch: &'b Batch) -> Self {
        Self {
            last_sent: Arc::clone(last_sent),
            device,
            batch,
            may_arrive: AtomicBool::new(true),
        }
    }

    fn landed(&self, may_come_again: bool) {
        self.may_arrive.store(may_come_again, Ordering::Relaxed);
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if *self.may_arrive.get_mut() {
            *locked(&self.last_sent) = Some((self.device.clone(), self.batch.clone()));
        }
    }
}

/// One connection. When it breaks it stays broken; a round makes a new one.
pub(crate) struct Link {
    server: Shared,
    line: Arc<Line>,
    last_sent: Letter,
    acquaintance: Acquaintance,
    is_broken: bool,
}

pub(crate) fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    pub(crate) fn new(server: Shared, line: Arc<Line>, last_sent: Letter, acquaintance: Acquaintance) -> Self {
        Self {
            server,
            line,
            last_sent,
            acquaintance,
            is_broken: false,
        }
    }

    /// What it finds out about a server of this version.
    pub(crate) fn get_acquainted(&mut self, acquaintance: Acquaintance) {
        self.acquaintance = acquaintance;
    }

    async fn call<T>(
        &mut self,
        doing: &'static str,
        ask: impl Fn(&mut Server) -> Result<T>,
        break_late: impl FnOnce(&mut Server),
    ) -> Result<T> {
        if self.is_broken {
            return Err(lost(doing));
        }
        let fault = self.line.message(Stop::Request, doing).await;
        match fault {
            Some(Fault::Break) => return self.broken(doing),
            Some(Fault::BreakInCommit) => {
                break_late(&mut locked(&self.server));
                return self.broken(doing);
            }
            Some(Fault::Twice) | None => {}
        }
        let mut answer = ask(&mut locked(&self.server));
        if fault == Some(Fault::Twice) {
            answer = ask(&mut locked(&self.server));
        }
        match self.line.message(Stop::Answer, doing).await {
            Some(Fault::Break | Fault::BreakInCommit) => self.broken(doing),
            Some(Fault::Twice) | None => answer,
        }
    }

    fn broken<T>(&mut self, doing: &'static str) -> Result<T> {
        self.is_broken = true;
        Err(lost(doing))
    }
}

fn lost(doing: &'static str) -> Error {
    Error::ConnectionLost {
        server: "model".to_owned(),
        doing,
        reason: "the scheduler wants it".to_owned(),
    }
}

fn nothing(_: &mut Server) {}

impl RemoteCatalogue for Link {
    fn shared(&self, _: &'static [&'static Table]) -> Both {
        self.acquaintance.shared
    }

    fn head(&mut self) -> BoxFuture<'_, Result<Head>> {
        self.call("head", |server| Ok(server.head()), nothing).boxed()
    }

    fn fate<'c>(&'c mut self, device: &'c Device, batch: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>> {
        self.call("fate", move |server| server.fate(device.id, batch), nothing)
            .boxed()
    }

    fn known_fate<'c>(&'c mut self, _: &'c Device, _: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>> {
        // Here everybody may write.
        futures_util::future::ready(Ok(None)).boxed()
    }

    fn pull<'c>(&'c mut self, request: &'c PullRequest) -> BoxFuture<'c, Result<Pulled>> {
        async move {
            let known = self.acquaintance;
            let asked = known.pull_request(request);
            let ask = |server: &mut Server| {
                known.check(server)?;
                server.pull(&asked)
            };
            let pulled = self.call("pull", ask, nothing).await?;
            Ok(known.pulled(pulled))
        }
        .boxed()
    }

    fn last_common<'c>(&'c mut self, seen: &'c [Seen]) -> BoxFuture<'c, Result<Option<Seen>>> {
        self.call("last common", |server| Ok(server.last_common(seen)), nothing)
            .boxed()
    }

    fn reconcile<'c>(&'c mut self, request: &'c ReconcileRequest) -> BoxFuture<'c, Result<Whereabouts>> {
        async move {
            let known = self.acquaintance;
            let asked = known.reconcile_request(request);
            let ask = |server: &mut Server| {
                known.check(server)?;
                server.reconcile(&asked)
            };
            let there = self.call("reconcile", ask, nothing).await?;
            Ok(known.whereabouts(there))
        }
        .boxed()
    }

    fn additions<'c>(&'c mut self, request: &'c AdditionsRequest) -> BoxFuture<'c, Result<Additions>> {
        async move {
            let known = self.acquaintance;
            let asked = known.additions_request(request);
            let ask = |server: &mut Server| {
                known.check(server)?;
                server.additions(&asked)
            };
            let additions = self.call("additions", ask, nothing).await?;
            Ok(known.additions(additions))
        }
        .boxed()
    }

    fn push<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        _: &'static [&'static Table],
    ) -> BoxFuture<'c, Result<Outcome>> {
        async move {
            let known = self.acquaintance;
            let batch = &*known.with_room_for(batch);
            let flight = Flight::new(&self.last_sent, device, batch);
            let ask = |server: &mut Server| {
                let outcome = server.push(device, batch);
                flight.landed(outcome.is_ok());
                outcome
            };
            let hold = |server: &mut Server| {
                flight.landed(false);
                server.push_and_hold(device, batch);
            };
            self.call("push", ask, hold).await
        }
        .boxed()
    }

    fn announce(&mut self, _: i64) -> BoxFuture<'_, Result<()>> {
        self.call("announce", |_| Ok(()), nothing).boxed()
    }

    fn pause(&mut self, _: Duration) -> BoxFuture<'_, ()> {
        let line = Arc::clone(&self.line);
        async move {
            line.message(Stop::Nowhere, "pause").await;
        }
        .boxed()
    }
}
