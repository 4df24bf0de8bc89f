//! Blocking work beside a runtime.

use crate::error::{Error, Result};

/// Runs blocking work on a thread meant for it; a panic continues in the caller.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) => match join.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            // The runtime is shutting down.
            Err(_) => Err(Error::Interrupted),
        },
    }
}
