//! The language of a server's messages.
//!
//! `COLOPHON_TEST_LC_MESSAGES=de_DE.UTF-8` makes every cluster speak German that is not asked for in a particular
//! language, so that a whole suite can be run on such a server. Its locale is made in the cluster's own folder
//! (`LOCPATH`), which takes no rights.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::cluster::run;

/// A language that the tests have a server speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// As without any locale.
    English,
    /// As far as the release has a translation: the distribution's has one, the npm package has none.
    German,
}

const ASKED_FOR: &str = "COLOPHON_TEST_LC_MESSAGES";
const GERMAN: &str = "de_DE.UTF-8";
/// What the locale is made from.
const SOURCE: &str = "/usr/share/i18n/locales/de_DE";

impl Language {
    /// The one that is asked for from outside.
    pub(super) fn of_environment() -> Self {
        match std::env::var(ASKED_FOR) {
            Ok(locale) if locale == GERMAN => Self::German,
            _ => Self::English,
        }
    }

    /// The settings that make the server speak it.
    pub(super) fn settings(self) -> &'static [&'static str] {
        match self {
            Self::English => &[],
            Self::German => &["lc_messages=de_DE.UTF-8"],
        }
    }

    /// Makes the locale that it needs, below this folder.
    pub(super) fn make_locale(self, folder: &Path) -> anyhow::Result<()> {
        if self == Self::English {
            return Ok(());
        }
        if !Path::new(SOURCE).exists() {
            bail!("{SOURCE} is missing; install it (Debian, Ubuntu: `apt-get install locales`), or run `make test`");
        }
        fs::create_dir(folder)?;
        let mut make = Command::new("localedef");
        make.args(["-i", "de_DE", "-f", "UTF-8"]).arg(folder.join(GERMAN));
        run(&mut make).context("making the locale de_DE.UTF-8")
    }
}
