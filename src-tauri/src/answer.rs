//! Every call of the page gets an answer, whatever happens.
//!
//! Tauri runs a command as a task of its own, and a panic ends that task without a word: the page would wait for ever,
//! with its buttons greyed out and whatever was typed in limbo. Nothing outside the command can see it end, so each
//! command runs its work through [`answer`]; `tests/house` makes sure that none is forgotten. What a panic leaves
//! behind is taken care of further down: a transaction is rolled back, and the connection goes on.

use std::any::type_name;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt as _;

use crate::error::{Code, CommandError};

/// Runs the work of a command to its answer. A panic is an answer, too. The work is boxed, because some of it is large.
pub(crate) fn answer<'w, T, F>(work: F) -> Pin<Box<dyn Future<Output = Result<T, CommandError>> + Send + 'w>>
where
    T: 'w,
    F: Future<Output = Result<T, CommandError>> + Send + 'w,
{
    // What the work holds is dropped with it, and what outlives it is behind locks that tolerate poisoning.
    let answered = AssertUnwindSafe(async {
        panic_when_told::<F>();
        work.await
    });
    Box::pin(answered.catch_unwind().map(|answered| {
        answered.unwrap_or_else(|_| {
            // The hook has already reported the panic itself, with its place.
            tracing::error!(command = type_name::<F>(), "a command panicked");
            Err(CommandError::new(
                Code::Internal,
                "A fault of Colophon kept this from being done. Everything that was kept before is safe. Look whether what you did last \
                 is there, and do it once more if it is not.",
            ))
        })
    }))
}

/// A test names a command in the environment, and that command panics. Only a build with debug assertions listens.
fn panic_when_told<F>() {
    #[cfg(debug_assertions)]
    if let Ok(command) = std::env::var("COLOPHON_PANIC_IN") {
        assert!(!type_name::<F>().contains(&format!("::{command}::")), "told to panic");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        let asked = tauri::async_runtime::block_on(answer::<(), _>(async { panic!("a fault") }));
        assert_eq!(asked.expect_err("it panicked").code, Code::Internal);
    }
}
