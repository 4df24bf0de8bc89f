//! Certificates as PostgreSQL's own manual tells people to make them, with the program it names, and what each is good
//! for.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use colophon_sync::central::{Central, CentralSettings, Error, TlsMode, WhyInsecure};
use colophon_tests::ending;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// The manual's first: a certificate that is its own authority, with nothing in it but a name.
const SELF_SIGNED: &str =
    "openssl req -new -x509 -days 365 -nodes -text -out server.crt -keyout server.key -subj /CN=localhost";
/// The manual's second: an authority, and a certificate that it signs.
const AUTHORITY: &str = "openssl req -new -nodes -text -out root.csr -keyout root.key -subj /CN=root.example.org && \
    openssl x509 -req -in root.csr -text -days 3650 -extfile /etc/ssl/openssl.cnf -extensions v3_ca -signkey root.key -out root.crt";
const SIGNED: &str = "openssl req -new -nodes -text -out server.csr -keyout server.key -subj /CN=localhost && \
    openssl x509 -req -in server.csr -text -days 365 -CA root.crt -CAkey root.key -CAcreateserial -out server.crt";
/// The same with an elliptic curve.
const SIGNED_ON_A_CURVE: &str = "openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -out server.csr \
    -keyout server.key -subj /CN=localhost && \
    openssl x509 -req -in server.csr -text -days 365 -CA root.crt -CAkey root.key -CAcreateserial -out server.crt";
/// Of version 3, and with the name where no modern program looks for it.
const NAME_IN_SUBJECT: &str = "echo basicConstraints=CA:FALSE > old.ext && \
    openssl x509 -req -in server.csr -days 365 -CA root.crt -CAkey root.key -CAcreateserial -extfile old.ext -out server.crt";
/// Of version 1 and its own authority.
const OLD_SELF_SIGNED: &str = "openssl req -new -nodes -out server.csr -keyout server.key -subj /CN=localhost && \
    openssl x509 -req -in server.csr -days 365 -signkey server.key -out server.crt";

fn run(folder: &Path, commands: &str) -> anyhow::Result<()> {
    let output = ending::output(Command::new("sh").args(["-c", commands]).current_dir(folder))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{commands}: {said}; openssl is needed here");
    Ok(())
}

/// Makes the server show `server.crt` from now on, with the newest TLS there is or an older one.
fn install(server: &Cluster, folder: &Path, newest_tls: &str) -> anyhow::Result<()> {
    let newest = format!("ALTER SYSTEM SET ssl_max_protocol_version = '{newest_tls}'");
    server.psql()?.run(&newest)?;
    server.stop()?;
    fs::copy(folder.join("server.crt"), server.socket().join("server.pem"))?;
    // Overwritten, it keeps the owner and the mode that the server insists on.
    fs::write(server.socket().join("server.key"), fs::read(folder.join("server.key"))?)?;
    server.resume()
}

async fn open(settings: &CentralSettings, tls: TlsMode, trusted: Option<&Path>) -> Result<(), Error> {
    let settings = CentralSettings {
        tls,
        server: "localhost".to_owned(),
        root_certificates: trusted.map(Into::into),
        ..settings.clone()
    };
    Central::new(settings).open().await.map(drop)
}

fn why(opened: &Result<(), Error>) -> Option<WhyInsecure> {
    match opened {
        Err(Error::Tls { why, .. }) => Some(*why),
        _ => None,
    }
}

/// The command that a message gives, between its marks.
fn command_of(error: &Error) -> anyhow::Result<String> {
    let told = error.to_string();
    let command = told.split('`').nth(1).with_context(|| told.clone())?;
    Ok(command.to_owned())
}

on_each_release! {
    async fn who_does_not_ask_who_the_server_is_takes_every_certificate(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let settings = CentralCatalogue::new(&own).await?.settings();
        let folder = tempfile::tempdir()?;
        run(folder.path(), AUTHORITY)?;
        for commands in [SELF_SIGNED, SIGNED, SIGNED_ON_A_CURVE, OLD_SELF_SIGNED] {
            run(folder.path(), commands)?;
            for newest_tls in ["TLSv1.3", "TLSv1.2"] {
                install(&own, folder.path(), newest_tls)?;
                for tls in [TlsMode::Prefer, TlsMode::Require] {
                    let opened = open(&settings, tls, None).await;
                    ensure!(opened.is_ok(), "{tls:?} over {newest_tls}: {commands}: {opened:?}");
                }
            }
        }
    }

    async fn a_certificate_that_is_its_own_authority_is_taken_where_a_person_has_it(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let settings = CentralCatalogue::new(&own).await?.settings();
        let folder = tempfile::tempdir()?;
        let theirs = folder.path().join("server.crt");
        let ours = folder.path().join("ours.crt");
        for commands in [SELF_SIGNED, OLD_SELF_SIGNED] {
            run(folder.path(), commands)?;
            install(&own, folder.path(), "TLSv1.3")?;
            fs::copy(&theirs, &ours)?;
            for tls in [TlsMode::VerifyFull, TlsMode::VerifyCa, TlsMode::Require] {
                let opened = open(&settings, tls, Some(&ours)).await;
                ensure!(opened.is_ok(), "{tls:?}: {commands}: {opened:?}");
                // Another one that looks the same is not the same.
                let other = folder.path().join("other");
                fs::create_dir_all(&other)?;
                run(&other, commands)?;
                let opened = open(&settings, tls, Some(&other.join("server.crt"))).await;
                ensure!(why(&opened).is_some(), "{tls:?}: {commands}: {opened:?}");
            }
            let untold = open(&settings, TlsMode::VerifyFull, None).await;
            ensure!(why(&untold) == Some(WhyInsecure::OwnAuthority), "{commands}: {untold:?}");
            let told = untold.err().context("it is not trusted")?.to_string();
            ensure!(told.contains("POSTGRES_SSLROOTCERT") && told.contains("edits are safe here"), "{told}");
        }
        // It is for one server, and for no other.
        run(folder.path(), &SELF_SIGNED.replace("localhost", "db.example.org"))?;
        install(&own, folder.path(), "TLSv1.3")?;
        fs::copy(&theirs, &ours)?;
        let opened = open(&settings, TlsMode::VerifyFull, Some(&ours)).await;
        ensure!(why(&opened) == Some(WhyInsecure::OtherName), "{opened:?}");
        ensure!(open(&settings, TlsMode::VerifyCa, Some(&ours)).await.is_ok());
        // Nor for ever.
        run(folder.path(), &OLD_SELF_SIGNED.replace("-days 365", "-days -1"))?;
        install(&own, folder.path(), "TLSv1.3")?;
        fs::copy(&theirs, &ours)?;
        let opened = open(&settings, TlsMode::VerifyCa, Some(&ours)).await;
        ensure!(matches!(why(&opened), Some(WhyInsecure::Expired { .. })), "{opened:?}");
    }

    async fn what_cannot_be_verified_is_told_with_the_command_that_makes_a_right_one(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let settings = CentralCatalogue::new(&own).await?.settings();
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("root.crt");
        run(folder.path(), AUTHORITY)?;
        for (commands, expected) in [
            (SIGNED, WhyInsecure::VersionOne),
            (NAME_IN_SUBJECT, WhyInsecure::NameInSubjectOnly),
        ] {
            run(folder.path(), commands)?;
            install(&own, folder.path(), "TLSv1.3")?;
            let opened = open(&settings, TlsMode::VerifyFull, Some(&root)).await;
            ensure!(why(&opened) == Some(expected), "{commands}: {opened:?}");
            let error = opened.err().context("it cannot be verified")?;
            run(folder.path(), &command_of(&error)?)?;
            install(&own, folder.path(), "TLSv1.3")?;
            let opened = open(&settings, TlsMode::VerifyFull, Some(&root)).await;
            ensure!(opened.is_ok(), "{opened:?}, with what was told in: {error}");
        }
        run(folder.path(), SELF_SIGNED)?;
        install(&own, folder.path(), "TLSv1.3")?;
        let error = open(&settings, TlsMode::VerifyFull, Some(&root)).await.err().context("it is not trusted")?;
        run(folder.path(), &command_of(&error)?)?;
        install(&own, folder.path(), "TLSv1.3")?;
        open(&settings, TlsMode::VerifyFull, Some(&folder.path().join("server.crt"))).await?;
    }
}
