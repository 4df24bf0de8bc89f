//! Changes of the networks that this machine is in, as the system reports them.
//!
//! A machine that comes up from the cellar has an address again at once; without this, the loop would find out only at
//! its next try. And a machine that moves from one network to another keeps a connection over which nothing will ever
//! come: it is given up together with the address that it may have started from, instead of being waited for.
//!
//! Only addresses count. Whether a server can be reached, only the server can tell.

use std::sync::{Mutex, PoisonError};

use netwatcher::async_adapter::Tokio;
use netwatcher::{AsyncWatch, watch_interfaces_async};

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// There is a new address: what was out of reach may be within reach now.
    Joined,
    /// An address is gone, and perhaps whatever was connected from it.
    Left,
}

/// The addresses of this machine, watched. Windows gives a handle that two threads may not look at; within a lock, the loop that has it may still be looked at.
pub(crate) struct Network(Option<Mutex<AsyncWatch>>);

impl Network {
    /// Begins to watch, on the current runtime. If the system does not allow it, changes are merely noticed at the next
    /// try.
    pub(crate) fn watch() -> Self {
        match watch_interfaces_async::<Tokio>() {
            Ok(watch) => Self(Some(Mutex::new(watch))),
            Err(error) => {
                tracing::warn!(%error, "changes of the network are not told; the server is looked for by trying alone");
                Self(None)
            }
        }
    }

    /// Waits until an address comes or goes. Nothing is missed when this is dropped and called again.
    pub(crate) async fn changed(&mut self) -> Change {
        let Some(watch) = &mut self.0 else {
            return std::future::pending().await;
        };
        let watch = watch.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            let update = watch.changed().await;
            // The first one lists what there is.
            if update.is_initial {
                continue;
            }
            if update.addrs_removed().next().is_some() {
                return Change::Left;
            }
            if update.addrs_added().next().is_some() {
                return Change::Joined;
            }
        }
    }
}
