//! What pages hear without asking: events, each sent to every page as it is emitted.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{self, Stream};
use hyper::body::{Bytes, Frame};
use tauri::Listener as _;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::runtime::AppHandle;

/// The pages that listen, and what to.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pages: Mutex<Vec<UnboundedSender<String>>>,
    events: Mutex<BTreeSet<String>>,
}

impl Heard {
    /// From now on, every page is sent this event.
    pub(crate) fn listen(self: &Arc<Self>, app: &AppHandle, event: &str) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if !events.insert(event.to_owned()) {
            return;
        }
        let (heard, name) = (Arc::clone(self), event.to_owned());
        app.listen_any(event, move |emitted| heard.send(&name, emitted.payload()));
    }

    /// The payload is JSON on one line.
    fn send(&self, event: &str, payload: &str) {
        let message = format!("data: {{\"event\":\"{event}\",\"payload\":{payload}}}\n\n");
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|page| page.send(message.clone()).is_ok());
    }

    /// What one more page hears, from now on. It begins with a comment, so that the page knows that it hears.
    pub(crate) fn page(&self) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + use<> {
        let (page, messages) = mpsc::unbounded_channel();
        // The other end is just below.
        let _ = page.send(": listening\n\n".to_owned());
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).push(page);
        stream::unfold(messages, |mut messages| async {
            let message = messages.recv().await?;
            Some((Ok(Frame::data(Bytes::from(message))), messages))
        })
    }
}
