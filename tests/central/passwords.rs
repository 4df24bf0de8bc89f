//! Who gets a password, and in which form. A server that asks for it in clear text or as md5 gets it only if its
//! identity is certain.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use anyhow::{Context as _, ensure};
use colophon_sync::central::{Central, CentralSettings, Error, HungUp, Password, RequireAuth, TlsMode, WhyUnreachable};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, PASSWORD};

/// Requests to prove oneself, as the protocol has them: in clear text, and as md5 with some salt.
const IN_CLEAR: &[u8] = &[b'R', 0, 0, 0, 8, 0, 0, 0, 3];
const AS_MD5: &[u8] = &[b'R', 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4];
/// A request that claims to be two gigabytes long, and such a notice.
const ENDLESS: [&[u8]; 2] = [&[b'R', 0x7f, 0xff, 0xff, 0xff], &[b'N', 0x7f, 0xff, 0xff, 0xff]];
/// How much of it a device may let in: what is on the way in the system's buffers.
const ON_THE_WAY_MAX: usize = 32 * 1024 * 1024;

async fn error_of(settings: CentralSettings) -> anyhow::Result<Error> {
    let opened = Central::new(settings).connect().await;
    opened.map(drop).err().context("it could be opened")
}

/// Makes the server let everybody in over TCP and the socket in one way.
fn let_in(server: &Cluster, method: &str) -> anyhow::Result<()> {
    let (data, rules) = (server.socket().join("data"), "pg_hba.conf");
    // The superuser's own way in stays: over the socket, without a question.
    let lines = format!("local all postgres trust\nlocal all all {method}\nhost all all all {method}\n");
    std::fs::write(data.join(rules), lines)?;
    server.stop()?;
    server.resume()
}

fn list(words: &str) -> Option<RequireAuth> {
    words.parse().ok()
}

/// Somebody who listens on a port, says something to whoever signs in, and notes the answer.
fn listener(says: &'static [u8]) -> anyhow::Result<(u16, JoinHandle<anyhow::Result<Vec<u8>>>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let heard = std::thread::spawn(move || {
        let (mut device, _) = listener.accept()?;
        let mut length = [0; 4];
        device.read_exact(&mut length)?;
        let mut introduction = vec![0; u32::from_be_bytes(length) as usize - 4];
        device.read_exact(&mut introduction)?;
        device.write_all(says)?;
        let mut heard = Vec::new();
        device.read_to_end(&mut heard)?;
        Ok(heard)
    });
    Ok((port, heard))
}

on_each_release! {
    async fn a_password_in_clear_or_as_md5_goes_to_nobody_who_may_be_somebody_else(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        for method in ["password", "md5"] {
            let mut psql = catalogue.psql()?;
            psql.run(&format!("SET password_encryption = '{}'", if method == "md5" { "md5" } else { "scram-sha-256" }))?;
            psql.run(&format!("ALTER ROLE {}_ann PASSWORD '{PASSWORD}'", catalogue.name()))?;
            drop(psql);
            let_in(&own, method)?;
            let settings = CentralSettings { server: "localhost".to_owned(), ..catalogue.settings() };
            for tls in [TlsMode::Disable, TlsMode::Allow, TlsMode::Prefer, TlsMode::Require] {
                let error = error_of(CentralSettings { tls, ..settings.clone() }).await?;
                ensure!(error.code() == "auth_not_allowed" && !error.passes_by_itself(), "{tls:?}: {error:?}");
                let told = error.to_string();
                for part in ["scram-sha-256", &format!("POSTGRES_REQUIRE_AUTH={method}"), "safe here"] {
                    ensure!(told.contains(part), "{tls:?}: {told}");
                }
                ensure!(!told.contains(PASSWORD), "{told}");
                // Somebody has said that the server may have it.
                let allowed = CentralSettings { tls, require_auth: list(method), ..settings.clone() };
                Central::new(allowed).connect().await?;
            }
            let verified = CentralSettings {
                tls: TlsMode::VerifyFull,
                root_certificates: Some(own.authority()),
                ..settings.clone()
            };
            Central::new(verified.clone()).connect().await?;
            Central::new(CentralSettings { tls: TlsMode::VerifyCa, ..verified.clone() }).connect().await?;
            let socket = own.socket().display().to_string();
            Central::new(CentralSettings { server: socket, ..settings.clone() }).connect().await?;
            // And somebody has said that no server may.
            for never in ["scram-sha-256", "!password,!md5"] {
                let error = error_of(CentralSettings { require_auth: list(never), ..verified.clone() }).await?;
                ensure!(error.code() == "auth_not_allowed" && error.to_string().contains(never), "{error}");
            }
        }
    }

    async fn a_server_that_asks_for_no_proof_is_refused_where_one_is_required(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        let required = CentralSettings { require_auth: list("scram-sha-256"), ..catalogue.settings() };
        Central::new(required.clone()).connect().await?;
        let_in(&own, "trust")?;
        let error = error_of(required).await?;
        ensure!(error.code() == "auth_not_allowed" && error.to_string().contains("without a proof"), "{error}");
        Central::new(catalogue.settings()).connect().await?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_to_somebody_who_asks_for_the_password_in_clear() -> anyhow::Result<()> {
    for asks in [IN_CLEAR, AS_MD5] {
        let (port, heard) = listener(asks)?;
        let settings = CentralSettings {
            port,
            password: Some(Password::new("swordfish")),
            tls: TlsMode::Disable,
            ..CentralSettings::for_server("127.0.0.1")
        };
        let error = error_of(settings).await?;
        ensure!(
            matches!(error, Error::HungUp(HungUp::AuthNotAllowed { .. })),
            "{error:?}"
        );
        let heard = heard.join().map_err(|_| anyhow::anyhow!("the listener stopped"))??;
        // At most a goodbye.
        ensure!(heard.is_empty() || heard == [b'X', 0, 0, 0, 4], "{heard:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_announces_two_gigabytes_before_the_sign_in_is_hung_up_on() -> anyhow::Result<()> {
    for announces in ENDLESS {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let sent = std::thread::spawn(move || -> anyhow::Result<usize> {
            let (mut device, _) = listener.accept()?;
            device.write_all(announces)?;
            let mut sent = 0;
            while sent <= ON_THE_WAY_MAX && device.write_all(&[7; 8 * 1024]).is_ok() {
                sent += 8 * 1024;
            }
            Ok(sent)
        });
        let settings = CentralSettings {
            port,
            tls: TlsMode::Disable,
            ..CentralSettings::for_server("127.0.0.1")
        };
        let error = error_of(settings).await?;
        ensure!(
            matches!(
                error,
                Error::Unreachable {
                    why: WhyUnreachable::NotPostgres,
                    ..
                }
            ),
            "{error:?}"
        );
        let sent = sent.join().map_err(|_| anyhow::anyhow!("the listener stopped"))??;
        ensure!(sent <= ON_THE_WAY_MAX, "{sent} bytes were taken");
    }
    Ok(())
}
