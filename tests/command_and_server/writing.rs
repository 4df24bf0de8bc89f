//! `colophon doctor` names who keeps others from writing.

use anyhow::ensure;
use colophon_tests::device::pause;
use colophon_tests::ending::Deadline;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::SECRET;
use crate::program::Colophon;

on_each_release! {
    async fn doctor_names_who_keeps_others_from_writing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["init"])?;
        let healthy = colophon.run(&["doctor"])?;
        ensure!(healthy.code == Some(0) && healthy.stdout.contains("nobody is keeping others from writing"), "{healthy:?}");
        // A colleague's terminal, about which this login may see everything.
        let mut colleague = catalogue.psql_of("ann")?;
        let pid = colleague.backend()?;
        colleague.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('forgotten', 'forgotten')")?;
        let doctor = colophon.run(&["doctor"])?;
        for words in [
            format!("`a foreign writer` (process {pid} on the server, signed in as {}_ann)", catalogue.name()),
            "is the only one who can write, since 2".to_owned(),
            "idle with its transaction open".to_owned(),
            format!("SELECT pg_terminate_backend({pid})"),
        ] {
            ensure!(doctor.code == Some(9) && doctor.stdout.contains(&words), "{words}: {doctor:?}");
        }
        colleague.run("ROLLBACK")?;
        // One about which it may see little, and which has locked a table, not the head.
        let mut administrator = catalogue.psql()?;
        administrator.run("BEGIN; LOCK TABLE book IN SHARE MODE")?;
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.stdout.contains("signed in as postgres") && doctor.stdout.contains("since a time that your login may not see"), "{doctor:?}");
        administrator.run("ROLLBACK")?;
        ensure!(colophon.run(&["doctor"])?.code == Some(0));
    }

    async fn who_only_reads_or_waits_is_not_blamed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut reader, mut writer, mut waiter) = (catalogue.psql()?, catalogue.psql()?, catalogue.psql()?);
        let insert = "INSERT INTO author (name, sort_name) VALUES ('a', 'a')";
        reader.run("BEGIN; SELECT * FROM author, catalogue_head")?;
        let connection = catalogue.open().await?;
        ensure!(connection.blockers().await?.is_empty());
        writer.run("BEGIN")?;
        writer.run(insert)?;
        waiter.send(insert);
        let deadline = Deadline::until("a session is told to wait for another");
        let blockers = loop {
            let blockers = connection.blockers().await?;
            if blockers.iter().any(|blocker| blocker.waiting > 0) {
                break blockers;
            }
            deadline.check()?;
            pause().await;
        };
        ensure!(blockers.len() == 1 && blockers[0].pid == writer.backend()? && blockers[0].waiting == 1, "{blockers:?}");
        let again = connection.blockers().await?;
        ensure!(again[0].transaction == blockers[0].transaction);
        writer.run("COMMIT")?;
        waiter.answer()?;
        ensure!(connection.blockers().await?.is_empty());
    }
}
