//! What one device writes reaches another: records, edits, deletions, conflicts; in two catalogues on two workers.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema};
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::postgres::CentralCatalogue;

use crate::{cluster, two_apart};

/// One author and this many of their books, made in one transaction, as an import makes them.
pub(crate) async fn import(device: &Device, books: usize) -> anyhow::Result<()> {
    use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
    let create = move |tx: &colophon_store::WriteSession<'_>| {
        let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
        for number in 0..books {
            tx.repo_mut::<Book>()
                .create(&BookDraft::new(format!("Book {number}"), author.id))?;
        }
        Ok(())
    };
    device.database().write(create).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_changed_and_deleted_travels_on_two_workers_and_verify_and_audit_agree() -> anyhow::Result<()> {
    for catalogue in &two_apart(cluster()?).await? {
        let coordinator = catalogue.entrance();
        ensure!(catalogue.holder()? != coordinator, "the coordinator holds it itself");
        let (ann, bob) = (Device::named("ann's"), Device::named("bob's"));
        import(&ann, 12_000).await?;
        ann.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
        in_step(catalogue, [&ann, &bob])?;
        there_and_back(catalogue, &ann, &bob).await?;
        for device in [&ann, &bob] {
            device.rest(catalogue.settings()).await?;
        }
        in_step(catalogue, [&ann, &bob])?;
        for device in [&ann, &bob] {
            let verified = device.exchange(catalogue.settings()).verify().await?;
            ensure!(verified.is_identical() && verified.healed.is_empty(), "{verified:?}");
            let audit = device.audit(catalogue.settings()).await?;
            ensure!(audit.unaccounted.is_empty(), "{audit:?}");
        }
    }
    Ok(())
}

/// A few edits at once, more by stages; deletions, one of something that the other has edited, one that is undone; the
/// same field on both.
async fn there_and_back(catalogue: &CentralCatalogue<'_>, ann: &Device, bob: &Device) -> anyhow::Result<()> {
    let author = ann.author("Hesiod").await?;
    let (kept, gone) = (ann.book(author.id, "Works").await?, ann.book(author.id, "Days").await?);
    ann.round(catalogue.settings()).await?;
    bob.round(catalogue.settings()).await?;
    ann.retitle(kept.id, "Works and Days").await?;
    bob.retitle(kept.id, "Erga").await?;
    ann.delete_book(gone.id).await?;
    bob.retitle(gone.id, "Hemerai").await?;
    for number in 0..200 {
        bob.author(&format!("author {number}")).await?;
    }
    for _ in 0..2 {
        ann.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
    }
    ann.rest(catalogue.settings()).await?;
    ensure!(
        ann.find_book(gone.id).await?.is_some(),
        "the edit wins over the deletion"
    );
    ensure!(ann.conflicts().await?.len() >= 2, "{:?}", ann.conflicts().await?);
    let alone = ann.author("Nobody").await?;
    ann.round(catalogue.settings()).await?;
    ann.delete_author(alone.id).await?;
    ann.round(catalogue.settings()).await?;
    bob.round(catalogue.settings()).await?;
    ensure!(bob.find_author(alone.id).await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_is_migrated_down_and_up_and_its_roles_are_nobody_elses() -> anyhow::Result<()> {
    let cluster = cluster()?;
    let catalogue = CentralCatalogue::new(cluster).await?;
    let schema = CentralSchema::embedded()?;
    let mut owner = Central::new(catalogue.as_superuser()).connect().await?;
    ensure!(owner.migrate(&schema).await?.versions.is_empty());
    let last = owner.roll_back_migration(&schema).await?.versions;
    ensure!(owner.migrate(&schema).await?.versions == last);
    let login = format!(
        "SELECT rolcanlogin, rolpassword IS NULL FROM pg_authid WHERE rolname = '{}_owner'",
        catalogue.name()
    );
    let open_to_all = format!(
        "SELECT proname FROM pg_proc WHERE pronamespace = '{}'::regnamespace
        AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)",
        catalogue.name()
    );
    for server in [catalogue.entrance(), catalogue.holder()?] {
        let open = catalogue
            .psql_at(server, &catalogue.as_superuser().user)?
            .run(&open_to_all)?;
        ensure!(open.is_empty(), "everybody may call {open:?}");
    }
    ensure!(
        cluster.psql()?.run(&login)? == ["t|t"],
        "the owner signs in between the servers, and has no password"
    );
    Ok(())
}
