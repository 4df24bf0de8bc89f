//! Steps at which a test ends the process as a power cut would: with SIGKILL, in the middle of everything.
//!
//! Each step of a round is named where it is passed. A test names one in the environment (`COLOPHON_DIE_AT`), runs the
//! real program, and the program dies there. The tests read the names from these sources, so none can be forgotten.
//! Only a build with debug assertions listens; in a release build a step costs nothing and does nothing.

/// This step is passed.
#[cfg(all(unix, debug_assertions))]
pub(crate) fn passed(step: &'static str) {
    static WANTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let wanted = WANTED.get_or_init(|| std::env::var("COLOPHON_DIE_AT").ok());
    if wanted.as_deref() == Some(step) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// This step is passed.
#[cfg(not(all(unix, debug_assertions)))]
pub(crate) fn passed(_step: &'static str) {}
