//! Who is meant.

use colophon_catalogue::{Author, AuthorDraft, AuthorId};
use colophon_store::{Error, Result, WriteSession};

use crate::authors;

/// A person, as somebody names one for a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Somebody {
    /// One who is in the catalogue.
    Known(AuthorId),
    /// One who is not, though others may have the same name.
    New(String),
    /// By an id or a name, as it was typed: whoever has it already, or somebody new. An empty text is nobody.
    Typed(String),
    /// Nobody.
    Nobody,
}

impl Somebody {
    /// The author; a new person becomes one. `None` for nobody.
    pub fn in_catalogue(&self, session: &WriteSession<'_>) -> Result<Option<AuthorId>> {
        let make = |name: &str| -> Result<AuthorId> {
            let made = session.repo_mut::<Author>().create(&AuthorDraft::named(name))?;
            Ok(made.id)
        };
        Ok(match self {
            Self::Known(id) => Some(session.repo::<Author>().get(*id)?.id),
            Self::New(name) => Some(make(name)?),
            Self::Typed(text) if text.trim().is_empty() => None,
            Self::Typed(text) => Some(match authors::meant(session, text)? {
                Some(author) => author.id,
                // An id is never a name: whoever writes one means somebody who exists.
                None => match text.parse() {
                    Ok(id) => session.repo::<Author>().get(id)?.id,
                    Err(_) => make(text)?,
                },
            }),
            Self::Nobody => None,
        })
    }

    /// The same where somebody is required. [`Error::Invalid`] for nobody.
    pub(crate) fn needed(&self, session: &WriteSession<'_>) -> Result<AuthorId> {
        let nobody = || Error::invalid("author", "a contributor is somebody: pick a name or type a new one");
        self.in_catalogue(session)?.ok_or_else(nobody)
    }
}
