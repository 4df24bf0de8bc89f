//! Hints that travel over a connection: those it hears, and those it gives.

use std::sync::atomic::Ordering;

use tokio_postgres::SimpleQueryMessage;

use super::connection::Connection;
use super::error::Result;
use crate::crowd::REVISIONS_PER_HINT;

impl Connection {
    /// Asks for hints from now on, for as long as the connection lasts.
    ///
    /// The same question asks which process of the server answers. If it is the one that let us in, no pooler lends us
    /// sessions, and this one may be asked to keep something.
    pub async fn listen(&self) -> Result<()> {
        let statements = format!("LISTEN \"{}\"; SELECT pg_catalog.pg_backend_pid()", self.schema);
        let answers = self.ask("listening", self.client.simple_query(&statements)).await?;
        let answering = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        let is_own = answering.is_some() && answering == self.doubt.heard.process();
        self.session.is_own.store(is_own, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the session is this connection's alone: the server says so, or a hint was heard, which as a rule no
    /// pooler that lends sessions lets through.
    pub(super) fn has_session_of_its_own(&self) -> bool {
        self.session.is_own.load(Ordering::Relaxed) || self.hears_hints()
    }

    /// Tells whoever listens that there is something new. It is only a hint that nobody relies on, so it comes after
    /// the commit and once per round. The channel is named after the catalogue. Nothing is said twice: a small batch
    /// brings its own hint.
    pub async fn announce(&self, revision: i64) -> Result<()> {
        let is_told = self.session.announced.load(Ordering::Relaxed) == revision;
        if is_told || revision % self.revisions_per_hint() != 0 {
            return Ok(());
        }
        let channel = self.schema.as_str();
        let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), _); 2] = [
            (&channel, tokio_postgres::types::Type::TEXT),
            (&revision, tokio_postgres::types::Type::INT8),
        ];
        let query = "SELECT pg_notify($1, $2::text)";
        self.ask("announcing", self.client.query_typed(query, &parameters))
            .await?;
        Ok(())
    }

    /// Whether only few revisions are hinted at from now on.
    pub(crate) fn hint_seldom(&self, is_seldom: bool) {
        self.session.hints_seldom.store(is_seldom, Ordering::Relaxed);
    }

    /// One in this many revisions is hinted at.
    pub(super) fn revisions_per_hint(&self) -> i64 {
        if self.session.hints_seldom.load(Ordering::Relaxed) {
            REVISIONS_PER_HINT
        } else {
            1
        }
    }

    /// Whether a hint was ever heard.
    pub(crate) fn hears_hints(&self) -> bool {
        self.doubt.of().hints.are_heard.load(Ordering::Relaxed)
    }
}
