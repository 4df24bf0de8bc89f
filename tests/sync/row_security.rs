//! Row-level security, as a customer sets it up: rows that some may not see, or may not write. Everybody signs in as an
//! editor and has no other right.

use anyhow::{Context as _, ensure};
use colophon_store::EntityId as _;
use colophon_sync::WhyQuarantined;
use colophon_sync::central::CentralSettings;
use colophon_sync::verify::Difference;
use colophon_tests::device::Device;
use colophon_tests::in_step::{differences_of, in_step};
use colophon_tests::ledger::accounted;
use colophon_tests::on_each_release_and_in_german;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// Two people with logins of their own. Bob may see only what is not in the vault, and write only what `denied` does not forbid.
struct Office<'c> {
    catalogue: CentralCatalogue<'c>,
    ann: Device,
    bob: Device,
}

impl<'c> Office<'c> {
    async fn open(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("bob", "editor")?;
        let name = catalogue.name();
        let mut psql = catalogue.psql()?;
        psql.run(&format!(
            "CREATE TABLE vault (id uuid PRIMARY KEY); GRANT SELECT ON vault TO {name}_editor;
             CREATE TABLE denied (id uuid PRIMARY KEY); GRANT SELECT ON denied TO {name}_editor"
        ))?;
        for table in ["author", "book"] {
            psql.run(&format!(
                "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY seen ON {table} FOR SELECT USING
                   (current_user <> '{name}_bob' OR NOT EXISTS (SELECT FROM {name}.vault AS v WHERE v.id = {table}.id));
                 CREATE POLICY made ON {table} FOR INSERT WITH CHECK (true);
                 CREATE POLICY changed ON {table} FOR UPDATE USING
                   (NOT EXISTS (SELECT FROM {name}.denied AS d WHERE d.id = {table}.id));
                 CREATE POLICY gone ON {table} FOR DELETE USING
                   (NOT EXISTS (SELECT FROM {name}.denied AS d WHERE d.id = {table}.id))"
            ))?;
        }
        let owners = format!(
            "SELECT count(*) FROM pg_roles WHERE rolname IN ('{name}_ann', '{name}_bob') AND (rolsuper OR pg_has_role(oid, '{name}_owner', 'MEMBER'))"
        );
        ensure!(
            psql.value(&owners)? == "0",
            "an editor is an owner, whom no policy binds"
        );
        Ok(Self {
            catalogue,
            ann: Device::named("Ann"),
            bob: Device::named("Bob"),
        })
    }

    fn as_bob(&self) -> CentralSettings {
        CentralSettings {
            user: format!("{}_bob", self.catalogue.name()),
            ..self.catalogue.settings()
        }
    }

    /// Both make rounds until nothing moves.
    async fn rounds(&self) -> anyhow::Result<()> {
        for _ in 0..2 {
            self.ann.round(self.catalogue.settings()).await.context("Ann")?;
            self.bob.round(self.as_bob()).await.context("Bob")?;
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.catalogue.psql()?.run(sql)?;
        Ok(())
    }
}

on_each_release_and_in_german! {
    async fn a_row_that_becomes_visible_later_is_healed_by_verify_and_one_that_vanishes_too(cluster: &Cluster) {
        let office = Office::open(cluster).await?;
        let Office { catalogue, ann, bob } = &office;
        let (homer, hesiod) = (ann.author("Homer").await?, ann.author("Hesiod").await?);
        let (iliad, _) = (ann.book(homer.id, "The Iliad").await?, ann.book(hesiod.id, "Theogony").await?);
        ann.round(catalogue.settings()).await?;
        // The author is hidden, the book that refers to it is not.
        office.run("INSERT INTO vault SELECT id FROM author WHERE name = 'Homer'")?;
        office.rounds().await?;
        ensure!(bob.find_author(homer.id).await?.is_none() && bob.find_author(hesiod.id).await?.is_some());
        // The book cannot be kept without it. That is not a difference that anybody could heal.
        let verified = bob.exchange(office.as_bob()).verify().await?;
        ensure!((verified.hidden, verified.same) == (1, 2) && verified.healed.is_empty(), "{verified:?}");
        // Visible again, and no revision says so.
        office.run("DELETE FROM vault")?;
        bob.round(office.as_bob()).await?;
        ensure!(bob.find_author(homer.id).await?.is_none(), "no pull can know");
        let verified = bob.exchange(office.as_bob()).verify().await?;
        let missing = verified.healed.iter().filter(|row| row.difference == Difference::MissingHere);
        ensure!(missing.count() >= 1 && bob.find_author(homer.id).await?.is_some() && bob.find_book(iliad.id).await?.is_some(), "{verified:?}");
        in_step(catalogue, [ann, bob])?;
        // And hidden once more, with its book.
        office.run("INSERT INTO vault SELECT id FROM author WHERE name = 'Homer' UNION SELECT id FROM book WHERE title = 'The Iliad'")?;
        let verified = bob.exchange(office.as_bob()).verify().await?;
        ensure!(verified.healed.len() == 2 && bob.find_author(homer.id).await?.is_none(), "{verified:?}");
        // That is not a deletion: the others still have it, and Bob gets it back.
        office.rounds().await?;
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM author")? == "2");
        office.run("DELETE FROM vault")?;
        bob.exchange(office.as_bob()).verify().await?;
        office.rounds().await?;
        in_step(catalogue, [ann, bob])?;
    }

    async fn a_row_that_may_not_be_written_is_quarantined_and_the_others_flow(cluster: &Cluster) {
        let office = Office::open(cluster).await?;
        let Office { catalogue, ann, bob } = &office;
        let (homer, hesiod) = (ann.author("Homer").await?, ann.author("Hesiod").await?);
        ann.round(catalogue.settings()).await?;
        bob.round(office.as_bob()).await?;
        // One may not be changed, another may not be made.
        office.run("INSERT INTO denied SELECT id FROM author WHERE name = 'Homer'")?;
        office.run("DROP POLICY made ON author; CREATE POLICY made ON author FOR INSERT WITH CHECK (name <> 'Nobody')")?;
        bob.rename(homer.id, "Homeros").await?;
        bob.rename(hesiod.id, "Hesiodos").await?;
        bob.author("Nobody").await?;
        bob.author("Sappho").await?;
        let report = bob.round(office.as_bob()).await?;
        ensure!((report.pushed, report.pending, report.quarantined.len()) == (2, 2, 2), "{report:#?}");
        ensure!(report.quarantined.iter().all(|row| matches!(row.why, WhyQuarantined::Refused { .. })), "{report:#?}");
        ann.author("Pindar").await?;
        office.rounds().await?;
        ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY name")? == ["Hesiodos", "Homer", "Pindar", "Sappho"]);
        ensure!(differences_of(catalogue, ann)?.is_empty());
        accounted(bob, office.as_bob()).await?;
        // Allowed at last.
        office.run("DELETE FROM denied; DROP POLICY made ON author; CREATE POLICY made ON author FOR INSERT WITH CHECK (true)")?;
        bob.exchange(office.as_bob()).retry_quarantined().await?;
        bob.round(office.as_bob()).await?;
        office.rounds().await?;
        in_step(catalogue, [ann, bob])?;
    }

    async fn an_edit_of_a_row_that_was_hidden_meanwhile_stays_here_and_stops_nothing(cluster: &Cluster) {
        let office = Office::open(cluster).await?;
        let Office { catalogue, ann, bob } = &office;
        let homer = ann.author("Homer").await?;
        ann.round(catalogue.settings()).await?;
        bob.round(office.as_bob()).await?;
        bob.rename(homer.id, "Homeros").await?;
        office.run("INSERT INTO vault SELECT id FROM author")?;
        bob.author("Sappho").await?;
        let report = bob.round(office.as_bob()).await?;
        ensure!((report.pushed, report.pending, report.quarantined.len()) == (1, 1, 1), "{report:#?}");
        ensure!(bob.find_author(homer.id).await?.is_some_and(|author| author.name == "Homeros"));
        office.run("DELETE FROM vault")?;
        bob.exchange(office.as_bob()).retry_quarantined().await?;
        office.rounds().await?;
        in_step(catalogue, [ann, bob])?;
        ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY name")? == ["Homeros", "Sappho"]);
    }

    async fn the_deletion_of_a_row_that_was_hidden_meanwhile_waits_and_is_made_when_it_is_seen_again(cluster: &Cluster) {
        for forgets in [false, true] {
            let office = Office::open(cluster).await?;
            let Office { catalogue, ann, bob } = &office;
            let (homer, hesiod) = (ann.author("Homer").await?, ann.author("Hesiod").await?);
            ann.round(catalogue.settings()).await?;
            bob.round(office.as_bob()).await?;
            bob.rename(hesiod.id, "Hesiodos").await?;
            bob.delete_author(homer.id).await?;
            office.run("INSERT INTO vault SELECT id FROM author WHERE name = 'Homer'")?;
            if forgets {
                // Somebody else's deletion, which the server has forgotten: whoever was away for so long compares
                // everything.
                office.run("INSERT INTO author (name, sort_name) VALUES ('Nobody', 'Nobody')")?;
                office.run("DELETE FROM author WHERE name = 'Nobody'; SELECT purge((SELECT revision FROM catalogue_head))")?;
            }
            let report = bob.round(office.as_bob()).await?;
            let why: Vec<_> = report.quarantined.iter().map(|row| (row.id, &row.why)).collect();
            ensure!(why == [(homer.id.uuid(), &WhyQuarantined::Hidden)] && report.pending == 1, "{forgets}: {report:#?}");
            office.rounds().await?;
            ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY name")? == ["Hesiodos", "Homer"], "{forgets}");
            accounted(bob, office.as_bob()).await?;
            office.run("DELETE FROM vault")?;
            bob.exchange(office.as_bob()).retry_quarantined().await?;
            office.rounds().await?;
            in_step(catalogue, [ann, bob])?;
            ensure!(catalogue.psql()?.run("SELECT name FROM author")? == ["Hesiodos"], "{forgets}");
            ensure!(bob.conflicts().await?.is_empty(), "{forgets}: {:#?}", bob.conflicts().await?);
        }
    }

    async fn the_deletion_of_a_row_that_something_hidden_refers_to_waits_and_is_made_when_that_is_gone(cluster: &Cluster) {
        let office = Office::open(cluster).await?;
        let Office { catalogue, ann, bob } = &office;
        let homer = ann.author("Homer").await?;
        let iliad = ann.book(homer.id, "The Iliad").await?;
        ann.round(catalogue.settings()).await?;
        office.run("INSERT INTO vault SELECT id FROM book")?;
        bob.round(office.as_bob()).await?;
        ensure!(bob.find_book(iliad.id).await?.is_none(), "it is hidden");
        bob.delete_author(homer.id).await?;
        bob.author("Sappho").await?;
        let report = bob.round(office.as_bob()).await?;
        ensure!((report.pushed, report.pending, report.quarantined.len()) == (1, 1, 1), "{report:#?}");
        let refused = matches!(&report.quarantined[0].why, WhyQuarantined::Refused { constraint: Some(name), .. } if name == "book_author_reference");
        ensure!(refused, "{report:#?}");
        office.rounds().await?;
        accounted(bob, office.as_bob()).await?;
        ann.delete_book(iliad.id).await?;
        ann.round(catalogue.settings()).await?;
        bob.exchange(office.as_bob()).retry_quarantined().await?;
        bob.round(office.as_bob()).await?;
        office.rounds().await?;
        in_step(catalogue, [ann, bob])?;
        ensure!(catalogue.psql()?.run("SELECT name FROM author")? == ["Sappho"]);
    }

    async fn a_row_that_is_deleted_while_it_is_hidden_goes_and_an_edit_of_it_does_not(cluster: &Cluster) {
        for forgets in [false, true] {
            let office = Office::open(cluster).await?;
            let Office { catalogue, ann, bob } = &office;
            let (homer, hesiod) = (ann.author("Homer").await?, ann.author("Hesiod").await?);
            ann.round(catalogue.settings()).await?;
            bob.round(office.as_bob()).await?;
            office.run("INSERT INTO vault SELECT id FROM author")?;
            bob.rename(hesiod.id, "Hesiodos").await?;
            bob.round(office.as_bob()).await?;
            ann.delete_author(homer.id).await?;
            ann.delete_author(hesiod.id).await?;
            ann.round(catalogue.settings()).await?;
            if forgets {
                office.run("SELECT purge((SELECT revision FROM catalogue_head))")?;
            }
            bob.round(office.as_bob()).await?;
            office.rounds().await?;
            ensure!(bob.find_author(homer.id).await?.is_none(), "{forgets}: the deletion did not come");
            ensure!(ann.find_author(hesiod.id).await?.is_none_or(|author| author.name == "Hesiodos"), "{forgets}");
            office.run("DELETE FROM vault")?;
            bob.exchange(office.as_bob()).retry_quarantined().await?;
            office.rounds().await?;
            in_step(catalogue, [ann, bob])?;
            ensure!(catalogue.psql()?.run("SELECT name FROM author")? == ["Hesiodos"], "{forgets}");
            accounted(bob, office.as_bob()).await?;
        }
    }

    async fn with_the_editors_role_alone_whole_rounds_conflicts_and_verify_work(cluster: &Cluster) {
        let office = Office::open(cluster).await?;
        let Office { catalogue, ann, bob } = &office;
        let author = ann.author("Homer").await?;
        let (iliad, odyssey) = (ann.book(author.id, "The Iliad").await?, ann.book(author.id, "The Odyssey").await?);
        office.rounds().await?;
        ann.retitle(iliad.id, "Ilias").await?;
        bob.retitle(iliad.id, "The Song of Ilium").await?;
        ann.delete_book(odyssey.id).await?;
        bob.edit_book(odyssey.id, |book| book.publisher = Some("Penguin".to_owned())).await?;
        office.rounds().await?;
        in_step(catalogue, [ann, bob])?;
        ensure!(ann.conflicts().await?.len() == 2 && bob.conflicts().await?.len() == 2);
        for (device, settings) in [(ann, catalogue.settings()), (bob, office.as_bob())] {
            let verified = device.exchange(settings.clone()).verify().await?;
            ensure!(verified.healed.is_empty(), "{verified:?}");
            accounted(device, settings).await?;
        }
    }
}
