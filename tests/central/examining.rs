//! Trying a connection: how far it gets, and why it stops there.

use anyhow::ensure;
use colophon_catalogue::schema::TABLES;
use colophon_sync::central::{Central, CentralSettings, Error, Finding, Password, TlsMode, WhyInsecure};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn a_catalogue_that_can_be_edited_is_ready(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let found = Central::new(catalogue.settings()).examine(TABLES).await?;
        let Finding::Ready { revision: 0, server_version } = &found else { anyhow::bail!("{found:?}") };
        ensure!(server_version.starts_with(|first: char| first.is_ascii_digit()), "{server_version}");
    }

    async fn a_catalogue_that_is_not_there_is_told_with_who_may_make_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let elsewhere = |settings: CentralSettings| CentralSettings { schema: "elsewhere".parse().unwrap_or_default(), ..settings };
        let found = Central::new(elsewhere(catalogue.settings())).examine(TABLES).await?;
        let missing = |may_prepare| Finding::NotPrepared { schema_exists: false, may_prepare, owner: "postgres".to_owned() };
        ensure!(found == missing(false), "{found:?}");
        let found = Central::new(elsewhere(catalogue.as_superuser())).examine(TABLES).await?;
        ensure!(found == missing(true), "{found:?}");
    }

    async fn a_schema_of_somebody_else_is_told_as_not_prepared(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        cluster.psql()?.run(&format!("CREATE SCHEMA {}", catalogue.name()))?;
        let found = Central::new(catalogue.as_superuser()).examine(TABLES).await?;
        ensure!(matches!(found, Finding::NotPrepared { schema_exists: true, .. }), "{found:?}");
    }

    async fn a_login_that_may_only_read_and_one_that_may_nothing_are_told_apart(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("rita", "reader")?;
        let rita = CentralSettings { user: format!("{}_rita", catalogue.name()), ..catalogue.settings() };
        let found = Central::new(rita).examine(TABLES).await?;
        let tables: Vec<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
        ensure!(found == Finding::ReadOnly { tables }, "{found:?}");
        let other = CentralCatalogue::new(cluster).await?;
        let stranger = CentralSettings { schema: other.name().clone(), ..catalogue.settings() };
        let found = Central::new(stranger).examine(TABLES).await;
        ensure!(matches!(found, Err(Error::NotAllowed { .. })), "{found:?}");
    }

    async fn what_is_wrong_with_a_certificate_is_told(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let authority = Some(cluster.authority());
        for (server, root_certificates, expected) in [
            ("localhost", None, WhyInsecure::NotTrusted),
            ("127.0.0.1", authority, WhyInsecure::OtherName),
            ("localhost", Some("/nothing/here.pem".into()), WhyInsecure::CertificateFile),
        ] {
            let settings = CentralSettings {
                tls: TlsMode::VerifyFull,
                server: server.to_owned(),
                root_certificates,
                ..catalogue.settings()
            };
            let found = Central::new(settings).examine(TABLES).await;
            ensure!(matches!(&found, Err(Error::Tls { why, .. }) if *why == expected), "{expected:?}: {found:?}");
        }
    }

    async fn without_a_keychain_the_way_out_is_told_and_a_given_password_does_not_need_one(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        Central::new(catalogue.settings()).asking_keychain().connect().await?;
        let none = CentralSettings { password: None, ..catalogue.settings() };
        let found = Central::new(none).asking_keychain().connect().await.map(drop);
        let Err(error @ Error::NoPassword { .. }) = found else { anyhow::bail!("{found:?}") };
        ensure!(error.to_string().contains("POSTGRES_PASSWORD"), "{error}");
        let wrong = CentralSettings { password: Some(Password::new("swordfish")), ..catalogue.settings() };
        let found = Central::new(wrong).asking_keychain().connect().await.map(drop);
        ensure!(matches!(found, Err(Error::WrongPassword { .. })), "{found:?}");
    }
}
