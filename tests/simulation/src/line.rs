//! The line between a device and the server, and the points at which the scheduler takes over.
//!
//! Everything a device does stops at such points: before a request arrives, before its answer arrives, and now and then
//! before a transaction on its own file. What happens there is decided by the scheduler alone, so a history is the same
//! every time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// What happens to the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks at it.
    Break,
    /// The connection breaks, and a commit that is on its way is carried out later, or never. Until then the server
    /// holds its locks.
    BreakInCommit,
    /// It arrives twice.
    Twice,
}

/// Where a device waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stop {
    /// It does not.
    #[default]
    Nowhere,
    /// Its request is on the way.
    Request,
    /// The answer is on the way.
    Answer,
}

/// One device's line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    state: Mutex<LineState>,
}

/// What the scheduler sets and sees.
#[derive(Debug, Default)]
pub(crate) struct LineState {
    /// For the next message.
    pub(crate) fault: Option<Fault>,
    /// Nothing gets through.
    pub(crate) is_cut: bool,
    /// Where the device waits for a message.
    pub(crate) stop: Stop,
    /// What the request is, in a word.
    pub(crate) doing: &'static str,
    /// The random numbers of the present step.
    pub(crate) dice: u32,
}

impl Line {
    pub(crate) fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the scheduler at a message; returns what befalls it.
    pub(crate) async fn message(&self, stop: Stop, doing: &'static str) -> Option<Fault> {
        {
            let mut state = self.state();
            state.stop = stop;
            state.doing = doing;
        }
        Turn::default().await;
        let mut state = self.state();
        state.stop = Stop::Nowhere;
        if state.is_cut {
            state.fault = None;
            return Some(Fault::Break);
        }
        state.fault.take()
    }

    /// Waits for the scheduler before a local transaction, one time in four.
    pub(crate) async fn local(&self) {
        let waits = {
            let mut state = self.state();
            let chance = state.dice & 3;
            state.dice >>= 2;
            chance == 1
        };
        if waits {
            Turn::default().await;
        }
    }
}

/// Gives the turn to the scheduler once.
#[derive(Default)]
pub(crate) struct Turn {
    was_given: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.was_given {
            return Poll::Ready(());
        }
        // Nobody wakes it: the scheduler polls whom it wants.
        self.was_given = true;
        Poll::Pending
    }
}
