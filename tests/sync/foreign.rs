//! Programs that know nothing of Colophon write the same catalogue.

use std::collections::HashSet;

use anyhow::{Context as _, ensure};
use colophon_catalogue::AuthorDraft;
use colophon_tests::foreign::ForeignWriter;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Cluster, Psql};

use crate::team::{Member, Team};

/// Two of the customer's triggers, made by whoever runs the server.
fn upper_case_titles(psql: &mut Psql) -> anyhow::Result<()> {
    psql.run(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := upper(NEW.title); RETURN NEW; END $$;
         CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON book FOR EACH ROW EXECUTE FUNCTION shout()",
    )?;
    Ok(())
}

/// Everything that was ever said about a title: as it is, as it was, and what could not stand.
fn titles_told(psql: &mut Psql) -> anyhow::Result<HashSet<String>> {
    let told = psql.run(
        "SELECT title FROM book UNION SELECT content->>'title' FROM tombstone WHERE entity = 'book'
         UNION SELECT old->>'title' FROM history WHERE entity = 'book' AND old ? 'title'
         UNION SELECT v::jsonb #>> '{}' FROM conflict, unnest(ARRAY[mine, theirs]) AS v WHERE field = 'title' AND v IS NOT NULL",
    )?;
    Ok(told.into_iter().collect())
}

/// Gives a book another title: returns the one it had, and the one it got.
async fn retitle(member: &Member, number: usize) -> anyhow::Result<Option<(String, String)>> {
    let books = member
        .database()
        .read(|s| s.repo::<colophon_catalogue::Book>().all())
        .await?;
    let Some(book) = books.get(number * 7 % books.len().max(1)) else {
        return Ok(None);
    };
    let title = format!("{} {number}", member.name);
    member.retitle(book.id, &title).await?;
    Ok(Some((book.title.clone(), title)))
}

on_each_release! {
    async fn rows_of_a_program_that_knows_only_author_and_book_arrive_everywhere(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let mut psql = team.catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('Homer', 'Homer')")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'The Iliad' FROM author")?;
        let rows = "Somebody\tSomebody\n".repeat(500);
        psql.copy_in("COPY author (name, sort_name) FROM STDIN", &rows)?;
        team.comes_to_rest().await?;
        psql.run("UPDATE book SET title = 'Ilias'")?;
        psql.run("DELETE FROM author WHERE name = 'Somebody'")?;
        team.comes_to_rest().await?;
        let titles = team.members[1].database().read(|s| s.repo::<colophon_catalogue::Book>().all()).await?;
        ensure!(titles.iter().map(|book| book.title.as_str()).eq(["Ilias"]));
    }

    async fn what_a_foreign_program_changed_is_merged_like_anybodys(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        ann.retitle(book.id, "Ilias").await?;
        bob.edit_book(book.id, |book| book.page_count = Some(700)).await?;
        let mut psql = team.catalogue.psql()?;
        psql.run("UPDATE book SET publisher = 'Penguin', page_count = 682")?;
        team.comes_to_rest().await?;
        // The later edit of the page count is the foreign one.
        let merged = psql.run("SELECT title, publisher, page_count FROM book")?;
        ensure!(merged == ["Ilias|Penguin|682"], "{merged:?}");
        let conflict = team.conflict().await?;
        ensure!(conflict.theirs_by.as_deref() == Some("postgres") && conflict.mine.as_deref() == Some("700"), "{conflict:?}");
    }

    async fn a_foreign_row_that_we_would_refuse_comes_as_it_is_and_stops_nothing(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, _] = &team.members;
        let mut psql = team.catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name, birth_year, death_year, email, website, notes)
            VALUES (' ', E'a\\u0007b', 2000, -9999, 'nobody', ' ', repeat('n\u{301} ', 333333))")?;
        psql.run("INSERT INTO book (author_id, title, isbn, language, series_position) SELECT id, E'\\u202Etitle\\n', '0000000000000', 'Klingon', '' FROM author")?;
        psql.run("INSERT INTO contribution (book_id, author_id, role, position) SELECT id, author_id, 'editor', 2147483647 FROM book")?;
        ann.author("Homer").await?;
        team.comes_to_rest().await?;
        ensure!(ann.database().read(|s| s.repo::<colophon_catalogue::Author>().all()).await?.len() == 2);
        psql.run("DELETE FROM contribution")?;
        psql.run("UPDATE author SET name = E'\\u0001' WHERE name = ' '")?;
        team.comes_to_rest().await?;
    }

    async fn a_trigger_of_the_customers_that_changes_what_is_sent_comes_to_rest(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let mut psql = team.catalogue.psql()?;
        upper_case_titles(&mut psql)?;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            let title = member.find_book(book.id).await?.map(|book| book.title);
            ensure!(title.as_deref() == Some("THE ILIAD"), "{}: {title:?}", member.name);
        }
        ann.retitle(book.id, "Ilias").await?;
        bob.edit_book(book.id, |book| book.publisher = Some("Penguin".to_owned())).await?;
        team.comes_to_rest().await?;
        let merged = psql.run("SELECT title, publisher FROM book")?;
        ensure!(merged == ["ILIAS|Penguin"] && team.conflicts().await?.is_empty(), "{merged:?}");
    }

    async fn a_trigger_of_the_customers_that_writes_other_rows_is_seen_by_who_caused_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        team.catalogue.psql()?.run(&format!(
            "CREATE FUNCTION {0}.tally() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
               UPDATE {0}.author SET notes = (SELECT count(*) FROM {0}.book WHERE author_id = NEW.author_id) WHERE id = NEW.author_id;
               RETURN NULL; END $$;
             CREATE TRIGGER tally AFTER INSERT ON {0}.book FOR EACH ROW EXECUTE FUNCTION {0}.tally()", team.catalogue.name()))?;
        ann.book(author.id, "The Iliad").await?;
        ann.book(author.id, "The Odyssey").await?;
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            let notes = member.find_author(author.id).await?.and_then(|author| author.notes);
            ensure!(notes.as_deref() == Some("2"), "{}: {notes:?}", member.name);
        }
    }

    async fn a_transaction_held_open_while_later_ones_commit_hides_nothing_and_makes_no_reader_wait(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let (mut reader, mut writer) = (team.catalogue.psql()?, team.catalogue.psql()?);
        // Its snapshot is older than everything that follows, and it writes last.
        reader.run("BEGIN; SELECT count(*) FROM author")?;
        writer.run("UPDATE author SET birth_year = -750")?;
        ann.rename(author.id, "Homeros").await?;
        ann.round().await?;
        bob.round().await?;
        reader.run("INSERT INTO author (name, sort_name) VALUES ('late', 'late')")?;
        // It holds the head now. Whoever only reads gets through.
        let report = bob.round().await?;
        ensure!((report.pulled, report.pending) == (0, 0), "{report:?}");
        reader.run("COMMIT")?;
        team.comes_to_rest().await?;
        ensure!(bob.database().read(|s| s.repo::<colophon_catalogue::Author>().all()).await?.len() == 2);
    }

    async fn with_a_foreign_writer_always_at_work_no_title_is_lost(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        team.members[0].author("Homer 0123456789").await?;
        team.comes_to_rest().await?;
        let writer = ForeignWriter::start(team.catalogue.psql()?);
        let (mut said, mut number) = (HashSet::new(), 0);
        for _ in 0..8 {
            for member in &team.members {
                let author = member.database().write(move |tx| {
                    tx.repo_mut::<colophon_catalogue::Author>().create(&AuthorDraft::named(format!("ours {number}")))
                }).await?;
                let title = format!("{}: new {number}", member.name);
                member.book(author.id, &title).await?;
                said.insert(title);
                if let Some((old, new)) = retitle(member, number).await? {
                    if old.starts_with(&member.name) {
                        // Superseded by its own author, perhaps before anybody heard of it.
                        said.remove(&old);
                    }
                    said.insert(new);
                }
                member.round().await.context("while others write")?;
                number += 1;
            }
        }
        writer.stop().await?;
        team.comes_to_rest().await?;
        let told = titles_told(&mut team.catalogue.psql()?)?;
        let lost: Vec<_> = said.iter().filter(|title| !told.contains(*title)).collect();
        ensure!(lost.is_empty(), "{lost:?} of {}", said.len());
    }
}

/// The check with which all the others end would find what it should find.
#[tokio::test(flavor = "multi_thread")]
async fn the_comparison_of_devices_and_server_sees_every_kind_of_difference() -> anyhow::Result<()> {
    let cluster = Cluster::shared(colophon_tests::postgres::Release::Distribution)?;
    let team = Team::of(cluster, ["Ann"]).await?;
    let [ann] = &team.members;
    let author = ann.author("Homer").await?;
    team.comes_to_rest().await?;
    let other_program = ann.local.other_program();
    other_program.execute("INSERT INTO applying(id) VALUES (1)", [])?;
    for (break_it, repair, word) in [
        (
            "UPDATE author SET name = 'Homr'",
            "UPDATE author SET name = 'Homer'",
            "name: \"Homr\" here, \"Homer\" there",
        ),
        (
            "UPDATE author SET revision = 7",
            "UPDATE author SET revision = 1",
            "revision: 7 here, 1 there",
        ),
        (
            "UPDATE author SET updated_at = updated_at + 1",
            "UPDATE author SET updated_at = updated_at - 1",
            "updated_at: ",
        ),
        (
            "UPDATE device SET cursor = 0",
            "UPDATE device SET cursor = 1",
            "the cursor is at 0, the head at 1",
        ),
        (
            "INSERT INTO batch_in_flight VALUES (9, x'00', x'00', x'00')",
            "DELETE FROM batch_in_flight",
            "1 rows in batch_in_flight",
        ),
        ("DELETE FROM author", "SELECT 1", "is there only"),
    ] {
        other_program.execute_batch(break_it)?;
        let found = in_step(&team.catalogue, [&**ann])
            .err()
            .context("nothing was found")?
            .to_string();
        ensure!(found.contains(word), "{break_it}: {found}");
        other_program.execute_batch(repair)?;
    }
    drop(author);
    Ok(())
}
