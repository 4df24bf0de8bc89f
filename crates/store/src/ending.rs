//! When the system tells a program to end: by Ctrl-C, at the end of a session, when the computer is switched off.
//!
//! A program that has a file open closes it first ([`Database::close`](crate::Database::close)). Left to themselves these signals end a
//! process where it stands; nothing is lost by that, but the file alone is not the whole catalogue then.

use std::io;

/// Waits until the system tells this program to end, and returns the exit status by which others see why. A signal that whoever
/// started the program wants to be ignored (`nohup`) stays ignored. It needs a runtime with I/O.
#[cfg(unix)]
pub async fn told_to_end() -> io::Result<i32> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    let ignored = ignored_signals();
    let listen = |kind: SignalKind| -> io::Result<Option<Signal>> {
        let is_ignored = ignored & (1 << (kind.as_raw_value() - 1)) != 0;
        if is_ignored { Ok(None) } else { signal(kind).map(Some) }
    };
    let mut hangup = listen(SignalKind::hangup())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let kind = tokio::select! {
        () = next(&mut hangup) => SignalKind::hangup(),
        () = next(&mut interrupt) => SignalKind::interrupt(),
        () = next(&mut terminate) => SignalKind::terminate(),
    };
    // As shells tell of a process that a signal has ended.
    Ok(128 + kind.as_raw_value())
}

#[cfg(unix)]
async fn next(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// The signals that this process was started to ignore, a bit for each; none where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Waits until somebody ends this program with Ctrl-C, and returns its exit status.
#[cfg(not(unix))]
pub async fn told_to_end() -> io::Result<i32> {
    tokio::signal::ctrl_c().await?;
    Ok(130)
}
