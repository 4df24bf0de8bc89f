//! How the system tells a program to end: by Ctrl-C, at the end of a session, when the computer is switched off.
//!
//! A program that has a file open closes it first ([`Database::close`](crate::Database::close)). By default these
//! signals end a process on the spot; nothing is lost by that, but the file alone is then not the whole catalogue.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for the system's word. Once it [listens](Self::listen), such a signal no longer ends the process.
#[cfg(unix)]
pub struct ToldToEnd {
    hangup: Option<Signal>,
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
}

#[cfg(unix)]
impl ToldToEnd {
    /// Begins to listen; within a runtime with I/O. If whoever started the program wants a signal ignored (`nohup`), it
    /// stays ignored.
    pub fn listen() -> io::Result<Self> {
        let ignored = ignored_signals();
        let listen = |kind: SignalKind| -> io::Result<Option<Signal>> {
            let is_ignored = ignored & (1 << (kind.as_raw_value() - 1)) != 0;
            if is_ignored { Ok(None) } else { signal(kind).map(Some) }
        };
        Ok(Self {
            hangup: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits until the system tells this program to end, and returns the exit status that shows others why. Called
    /// again, it waits for the next time.
    pub async fn told(&mut self) -> i32 {
        let kind = tokio::select! {
            () = next(&mut self.hangup) => SignalKind::hangup(),
            () = next(&mut self.interrupt) => SignalKind::interrupt(),
            () = next(&mut self.terminate) => SignalKind::terminate(),
        };
        // The status shells give a process that a signal has ended.
        128 + kind.as_raw_value()
    }
}

#[cfg(unix)]
async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// The signals that this process was started to ignore, one bit each; none where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Listens for Ctrl-C.
#[cfg(not(unix))]
pub struct ToldToEnd(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
impl ToldToEnd {
    /// Begins to listen, within a runtime.
    pub fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits until somebody ends this program with Ctrl-C, and returns its exit status. Called again, it waits for the
    /// next time.
    pub async fn told(&mut self) -> i32 {
        self.0.recv().await;
        130
    }
}
