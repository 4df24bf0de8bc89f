//! Waiting for a future on a thread that has nothing else to do.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The future's result; `None` if it took too long. The future needs no runtime, and must not wait for one.
pub(crate) fn wait_on_this_thread<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
    // Within a task, tokio's futures say now and then that they are not ready, to give others a turn; this thread has
    // no turn to give.
    let mut future = pin!(tokio::task::coop::unconstrained(future));
    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let mut context = Context::from_waker(&waker);
    #[expect(
        clippy::disallowed_methods,
        reason = "a monotonic deadline, not a time that is stored or compared"
    )]
    let begun = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = limit.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::wait_on_this_thread;

    #[test]
    fn what_another_thread_does_is_waited_for_and_what_nobody_does_is_not() {
        let (sender, receiver) = oneshot::channel();
        let other = std::thread::spawn(move || sender.send(7));
        assert_eq!(wait_on_this_thread(receiver, Duration::from_mins(5)), Some(Ok(7)));
        other.join().unwrap().unwrap();
        assert_eq!(
            wait_on_this_thread(std::future::pending::<()>(), Duration::from_millis(1)),
            None
        );
    }
}
