//! The connection, and what goes wrong with it: each fault has a word of its own, and never a password in it.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_sync::central::{
    Central, CentralSchema, CentralSettings, Error, Limits, Password, TlsMode, WhyInsecure, WhyUnreachable,
};
use colophon_tests::ending::Deadline;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use jiff::Timestamp;

async fn error_of(settings: CentralSettings) -> anyhow::Result<Error> {
    Central::new(settings)
        .open()
        .await
        .map(|_| ())
        .err()
        .context("it could be opened")
}

on_each_release! {
    async fn the_head_of_a_new_catalogue_is_at_revision_0(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (_, head) = Central::new(catalogue.settings()).open().await?;
        ensure!((head.revision, head.purge_floor, head.version) == (0, 0, CentralSchema::embedded()?.version()), "{head:?}");
    }

    async fn it_is_named_in_the_servers_list_of_sessions(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let _connection = catalogue.open().await?;
        let sessions = format!("SELECT application_name FROM pg_stat_activity WHERE usename = '{}_ann'", catalogue.name());
        ensure!(cluster.psql()?.run(&sessions)? == ["colophon"]);
    }

    async fn it_works_over_a_unix_socket(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let socket = CentralSettings {
            server: cluster.socket().display().to_string(),
            password: None,
            tls: TlsMode::VerifyFull,
            ..catalogue.settings()
        };
        Central::new(socket).open().await?;
    }

    async fn a_wrong_password_is_told_without_repeating_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        for (password, code) in [(Some(Password::new("swordfish")), "wrong_password"), (None, "no_password")] {
            let error = error_of(CentralSettings { password, ..catalogue.settings() }).await?;
            ensure!(error.code() == code, "{error}");
            ensure!(!format!("{error} {error:?}").contains("swordfish"), "{error}");
        }
    }

    async fn an_unknown_login_a_missing_database_and_a_missing_catalogue_are_told_apart(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let settings = catalogue.settings();
        let nobody = CentralSettings { user: "nobody_of_this_name".to_owned(), ..settings.clone() };
        // PostgreSQL does not say whether the login or the password is wrong.
        ensure!(error_of(nobody).await?.code() == "wrong_password");
        let database = CentralSettings { database: "nothing".to_owned(), ..settings.clone() };
        ensure!(error_of(database).await?.code() == "no_database");
        let schema = CentralSettings { schema: "nothing".parse().map_err(anyhow::Error::msg)?, ..settings };
        let error = error_of(schema).await?;
        ensure!(error.code() == "no_schema" && error.to_string().contains("colophon migrate --central"), "{error}");
    }

    async fn an_older_catalogue_asks_to_be_migrated(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("UPDATE catalogue_head SET version = 0, schema_version = 0")?;
        ensure!(matches!(error_of(catalogue.settings()).await?, Error::Older { found: 0, .. }));
    }

    async fn a_limit_of_the_logins_own_is_told_as_the_servers_word_and_not_as_silence(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run(&format!("ALTER ROLE {}_ann SET statement_timeout = 100", catalogue.name()))?;
        psql.run("BEGIN; LOCK TABLE catalogue_head")?;
        let said = error_of(catalogue.settings()).await?;
        ensure!(said.code() == "unavailable" && said.passes_by_itself(), "{said}");
        let words = said.to_string();
        ensure!(words.contains("statement_timeout") && !words.contains("did not answer"), "{words}");
    }

    async fn every_way_of_protecting_the_connection_does_what_its_name_says(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let encrypted = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = ";
        let encrypted = format!("{encrypted}'{}_ann'", catalogue.name());
        let authority = Some(cluster.authority());
        for (tls, server, root_certificates, expected) in [
            (TlsMode::Disable, "localhost", None, Ok("f")),
            (TlsMode::Allow, "localhost", None, Ok("f")),
            (TlsMode::Prefer, "localhost", None, Ok("t")),
            (TlsMode::Require, "127.0.0.1", None, Ok("t")),
            // A certificate file turns `require` into `verify-ca`.
            (TlsMode::Require, "127.0.0.1", authority.clone(), Ok("t")),
            (TlsMode::VerifyCa, "127.0.0.1", authority.clone(), Ok("t")),
            (TlsMode::VerifyCa, "127.0.0.1", None, Err("tls")),
            (TlsMode::VerifyFull, "localhost", authority.clone(), Ok("t")),
            (TlsMode::VerifyFull, "127.0.0.1", authority.clone(), Err("tls")),
            (TlsMode::VerifyFull, "localhost", None, Err("tls")),
            (TlsMode::VerifyFull, "localhost", Some("/nothing/here.pem".into()), Err("tls")),
        ] {
            let case = format!("{tls:?} {server} {root_certificates:?}");
            let settings = CentralSettings { tls, server: server.to_owned(), root_certificates, ..catalogue.settings() };
            let opened = Central::new(settings).open().await;
            let found = match &opened {
                Ok(_) => Ok(cluster.psql()?.value(&encrypted)?),
                Err(error) => Err(error.code()),
            };
            ensure!(found.as_deref().map_err(|code| *code) == expected, "{case}: {found:?}");
            drop(opened);
            let deadline = Deadline::until("PostgreSQL has ended the session");
            while !cluster.psql()?.run(&encrypted)?.is_empty() {
                deadline.check()?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    async fn a_certificate_that_is_over_or_not_valid_yet_is_told_with_its_day_and_with_what_to_do(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        let at = |day: &str| day.parse::<Timestamp>().map(Some);
        for (years, expected, words) in [
            (
                2020..2024,
                WhyInsecure::Expired { since: at("2024-01-01T00:00:00Z")? },
                ["expired on 2024-01-01 00:00 UTC", "has to renew its certificate"],
            ),
            (
                2999..3000,
                WhyInsecure::NotValidYet { from: at("2999-01-01T00:00:00Z")? },
                ["is not valid before 2999-01-01 00:00 UTC", "check the clock of this computer"],
            ),
        ] {
            own.stop()?;
            own.certify(years)?;
            own.resume()?;
            for tls in [TlsMode::VerifyFull, TlsMode::VerifyCa, TlsMode::Require] {
                let root_certificates = Some(own.authority());
                let settings = CentralSettings { tls, server: "localhost".to_owned(), root_certificates, ..catalogue.settings() };
                let error = error_of(settings).await?;
                ensure!(matches!(&error, Error::Tls { why, .. } if *why == expected), "{tls:?}: {error:?}");
                ensure!(!error.passes_by_itself(), "{tls:?}: {error}");
                let told = error.to_string();
                for part in words.into_iter().chain(["edits are safe here"]) {
                    ensure!(told.contains(part), "{tls:?}: {told}");
                }
            }
            // Whoever does not ask who the server is does not ask about validity, either.
            let unasked = CentralSettings { tls: TlsMode::Require, server: "localhost".to_owned(), ..catalogue.settings() };
            Central::new(unasked).open().await?;
        }
    }

    async fn a_server_that_is_stopped_is_told_as_away_and_a_broken_connection_as_lost(cluster: &Cluster) {
        // A server of its own, because others must not be stopped with it.
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        let connection = catalogue.open().await?;
        own.stop()?;
        let lost = connection.head().await.err().context("the server was stopped")?;
        ensure!(lost.code() == "connection_lost" && lost.passes_by_itself(), "{lost}");
        let away = error_of(catalogue.settings()).await?;
        ensure!(away.code() == "unreachable" && away.passes_by_itself(), "{away}");
        ensure!(away.to_string().contains("edits are safe here"), "{away}");
        own.resume()?;
        catalogue.open().await?;
    }
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_does_not_hold_anybody_up() -> anyhow::Result<()> {
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let settings = CentralSettings {
        port: silent.local_addr()?.port(),
        ..CentralSettings::for_server("127.0.0.1")
    };
    let limits = Limits {
        connect: Duration::from_millis(50),
        ..Limits::default()
    };
    for tls in [TlsMode::Disable, TlsMode::Prefer] {
        let central = Central::with_limits(
            CentralSettings {
                tls,
                ..settings.clone()
            },
            limits,
        );
        let error = central
            .open()
            .await
            .map(|_| ())
            .err()
            .context("silence was taken for an answer")?;
        ensure!(error.code() == "timeout", "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_port_where_something_else_listens_is_told_as_such() -> anyhow::Result<()> {
    let other = TcpListener::bind(("127.0.0.1", 0))?;
    let port = other.local_addr()?.port();
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        for (stream, listens) in other.incoming().zip([true, false].into_iter().cycle()) {
            let Ok(mut stream) = stream else { return };
            let _ = stream.write_all(b"220 mail.example.org ESMTP\r\n");
            if listens {
                // It reads what is said to it before it hangs up, so that what it has said is certain to arrive.
                let _ = stream.shutdown(std::net::Shutdown::Write);
                let _ = stream.read_to_end(&mut Vec::new());
            }
        }
    });
    let settings = CentralSettings {
        port,
        tls: TlsMode::Disable,
        ..CentralSettings::for_server("127.0.0.1")
    };
    for _ in 0..20 {
        let error = error_of(settings.clone()).await?;
        ensure!(
            why_unreachable(&error) == Some(WhyUnreachable::NotPostgres),
            "{error:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_name_that_nobody_has_and_a_port_where_nobody_listens_are_told_apart() -> anyhow::Result<()> {
    let unknown = error_of(CentralSettings::for_server("nowhere.invalid")).await?;
    ensure!(
        why_unreachable(&unknown) == Some(WhyUnreachable::NameNotFound),
        "{unknown:?}"
    );
    let free = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let settings = CentralSettings {
        port: free,
        ..CentralSettings::for_server("127.0.0.1")
    };
    let refused = error_of(settings).await?;
    ensure!(
        why_unreachable(&refused) == Some(WhyUnreachable::Refused),
        "{refused:?}"
    );
    Ok(())
}

fn why_unreachable(error: &Error) -> Option<WhyUnreachable> {
    match error {
        Error::Unreachable { why, .. } => Some(*why),
        _ => None,
    }
}
