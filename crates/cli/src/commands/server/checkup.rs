//! `colophon server check`: the facts about a server, what each of them means, and what to do about it.

use colophon_store::clock::Origin;
use colophon_sync::central::{Central, CentralSettings, Checkup, TlsMode};
use indicatif::HumanBytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::output::Output;

/// More than this, and times of edits are told by a clock that is plainly wrong.
const CLOCK_MS_MAX: i64 = 2_000;
/// A transaction that is open for longer keeps everybody from sending, or dead rows from being cleared away.
const TRANSACTION_SECONDS_MAX: i64 = 600;
/// From here on, somebody who comes may find no connection left.
const CONNECTIONS_PERCENT_MAX: i64 = 80;
/// PostgreSQL begins to clear up by force at a tenth, and warns at some 99 of a hundred.
const NUMBERS_USED_MAX: f64 = 0.5;
/// A device that was away for longer is perhaps gone.
const AWAY_DAYS_MAX: i64 = 90;
/// An archive that has got nothing for longer than a day is perhaps broken.
const ARCHIVED_HOURS_MAX: i64 = 24;
/// As many of the largest tables are named.
const TABLES_NAMED: usize = 4;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Checked {
    what: &'static str,
    /// As it was found, in words.
    found: String,
    /// What to do about it, if it needs care.
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

impl Checked {
    fn new(what: &'static str, found: impl Into<String>) -> Self {
        let found = found.into();
        Self {
            what,
            found,
            todo: None,
        }
    }

    fn unless(mut self, is_well: bool, todo: impl Into<String>) -> Self {
        self.todo = (!is_well).then(|| todo.into());
        self
    }
}

pub(super) async fn run(central: &Central, output: &Output) -> anyhow::Result<Exit> {
    let (connection, _) = central.open().await?;
    let clock = Origin::default().clock;
    let checkup = connection.check_up(&*clock).await?;
    let checked = of(&checkup, stays_here(central.settings()), clock.now());
    let needs_care = checked.iter().any(|one| one.todo.is_some());
    if output.is_json() {
        output.document(&json!({ "facts": checkup, "checked": checked }))?;
    } else {
        for one in &checked {
            let sign = if one.todo.is_some() { "!" } else { "✓" };
            output.line(format_args!("{sign} {}\t{}", one.what, one.found))?;
            if let Some(todo) = &one.todo {
                output.line(format_args!("  → {todo}"))?;
            }
        }
    }
    Ok(if needs_care { Exit::NeedsCare } else { Exit::Done })
}

/// Whether the way to the server does not leave this computer, so that nothing has to protect it.
fn stays_here(settings: &CentralSettings) -> bool {
    settings.is_socket() || TlsMode::default_for(&settings.server) != TlsMode::VerifyFull
}

fn of(checkup: &Checkup, stays_here: bool, now: Timestamp) -> Vec<Checked> {
    let mut checked = vec![
        Checked::new(
            "PostgreSQL",
            format!(
                "{}, catalogue at version {}",
                checkup.server_version, checkup.schema_version
            ),
        ),
        protection(checkup, stays_here),
        Checked::new("text", checkup.encoding.as_str()),
        clock(checkup),
        Checked::new(
            "way there",
            if checkup.is_pooled {
                "through a pooler"
            } else {
                "direct"
            },
        ),
        Checked::new(
            "writes",
            if checkup.is_standby {
                "taken by another server; this one follows it"
            } else {
                "taken here"
            },
        )
        .unless(
            !checkup.is_standby,
            "name the server that takes writes in POSTGRES_SERVER, or devices can only read",
        ),
    ];
    checked.extend(rights(checkup));
    checked.extend(work(checkup));
    checked.extend(growth(checkup, now));
    checked.push(backup(checkup, now));
    checked
}

fn protection(checkup: &Checkup, stays_here: bool) -> Checked {
    match &checkup.tls {
        Some(protocol) => Checked::new("protection", protocol.as_str()),
        None if stays_here => Checked::new(
            "protection",
            "none, and none is needed: it does not leave this computer",
        ),
        None => Checked::new("protection", "none: everything travels in clear").unless(
            false,
            "set `ssl = on` with a certificate in postgresql.conf, and `hostssl` instead of `host` in pg_hba.conf",
        ),
    }
}

fn clock(checkup: &Checkup) -> Checked {
    let ahead = checkup.clock_ahead_ms;
    let found = match ahead {
        -100..=100 => "like this computer's".to_owned(),
        _ if ahead < 0 => format!("{:.1} s behind this computer's", -seconds(ahead)),
        _ => format!("{:.1} s ahead of this computer's", seconds(ahead)),
    };
    Checked::new("clock", found).unless(
        ahead.abs() <= CLOCK_MS_MAX,
        "set both by a time server (timedatectl set-ntp true): the server's clock decides which of two edits is the later",
    )
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

fn rights(checkup: &Checkup) -> Vec<Checked> {
    let roles = &checkup.missing_roles;
    let functions = &checkup.open_functions;
    let listed = |names: &[String], none: &str| {
        if names.is_empty() {
            none.to_owned()
        } else {
            names.join(", ")
        }
    };
    vec![
        Checked::new("roles missing", listed(roles, "none")).unless(
            roles.is_empty(),
            "run `colophon server init` with a login that may create roles",
        ),
        Checked::new("functions open to everybody", listed(functions, "none")).unless(
            functions.is_empty(),
            "run `colophon migrate --central`, which takes that right away",
        ),
    ]
}

fn work(checkup: &Checkup) -> Vec<Checked> {
    let (used, most) = checkup.connections;
    let oldest = checkup.oldest_transaction.as_ref();
    let transaction = match oldest {
        Some((seconds, whose)) => Checked::new("oldest transaction", format!("{seconds} s, {whose}")).unless(
            *seconds <= TRANSACTION_SECONDS_MAX,
            "have it ended, or end it with pg_terminate_backend; idle_in_transaction_session_timeout does it by itself",
        ),
        None => Checked::new("oldest transaction", "none that this login may see"),
    };
    vec![
        Checked::new("connections", format!("{used} of {most}")).unless(
            used * 100 <= most * CONNECTIONS_PERCENT_MAX,
            "raise max_connections, or put PgBouncer in front (docs/scaling.md)",
        ),
        transaction,
        Checked::new(
            "dead rows",
            if checkup.clears_up {
                "cleared away by themselves"
            } else {
                "autovacuum is off"
            },
        )
        .unless(checkup.clears_up, "set `autovacuum = on` in postgresql.conf"),
        Checked::new(
            "transaction numbers used",
            format!("{:.1} %", checkup.numbers_used * 100.0),
        )
        .unless(
            checkup.numbers_used <= NUMBERS_USED_MAX,
            "let VACUUM (FREEZE) run on this database: the server stops writing when they are used up",
        ),
    ]
}

fn growth(checkup: &Checkup, now: Timestamp) -> Vec<Checked> {
    let total: i64 = checkup.sizes.iter().map(|size| size.bytes).sum();
    let largest = checkup.sizes.iter().take(TABLES_NAMED);
    let largest: Vec<_> = largest
        .map(|size| format!("{} {}", size.table, bytes(size.bytes)))
        .collect();
    let history = match checkup.history_from {
        Some(from) => format!("since {}", from.strftime("%Y-%m-%d")),
        None => "empty".to_owned(),
    };
    let devices = match &checkup.longest_away {
        Some(away) => {
            let days = now.duration_since(away.at).as_hours() / 24;
            Checked::new(
                "devices",
                format!("{}; longest away: {}, {}", checkup.devices, away.name, away.at.strftime("%Y-%m-%d")),
            )
            .unless(
                days <= AWAY_DAYS_MAX,
                format!(
                    "if it will not come back, `colophon devices retire {}`: until then the server keeps every deletion for it ({} now)",
                    away.id, checkup.tombstones
                ),
            )
        }
        None => Checked::new("devices", "none yet"),
    };
    vec![
        Checked::new("size", format!("{}: {}", bytes(total), largest.join(", "))),
        Checked::new(
            "history",
            format!("{history} (`colophon server purge --history-days` shortens it)"),
        ),
        devices,
    ]
}

fn backup(checkup: &Checkup, now: Timestamp) -> Checked {
    let followers = match checkup.followers {
        Some(0) | None => String::new(),
        Some(count) => format!("; servers that follow: {count}"),
    };
    match (checkup.archives, checkup.last_archived) {
        (Some(true), Some(at)) => {
            let hours = now.duration_since(at).as_hours();
            Checked::new(
                "backup",
                format!("archived up to {}{followers}", at.strftime("%Y-%m-%d %H:%M")),
            )
            .unless(
                hours <= ARCHIVED_HOURS_MAX,
                "look at archive_command and pg_stat_archiver: nothing has come into the archive for a day",
            )
        }
        (Some(true), None) => Checked::new(
            "backup",
            format!("an archive is set up and has got nothing yet{followers}"),
        )
        .unless(false, "look at archive_command and pg_stat_archiver"),
        (Some(false), _) => Checked::new(
            "backup",
            format!(
                "the server keeps no archive, and cannot know of dumps; make one every night with pg_dump{followers}"
            ),
        ),
        (None, _) => Checked::new("backup", "this login may not see whether there is an archive"),
    }
}

fn bytes(count: i64) -> HumanBytes {
    HumanBytes(count.unsigned_abs())
}
