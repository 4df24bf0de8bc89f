//! What the triggers remember: tombstones, history, times; and what they refuse.

use anyhow::ensure;
use colophon_store::schema::ColumnKind;
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::work::TABLES;

on_each_release! {
    async fn a_deletion_leaves_a_tombstone_and_an_insert_of_the_same_id_removes_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name, birth_year) VALUES ('Homer', 'Homer', -750)")?;
        let id = psql.value("SELECT id FROM author")?;
        psql.run("DELETE FROM author")?;
        let tombstone = psql.value("SELECT entity, revision, content->>'name', content->>'birth_year', deleted_by FROM tombstone")?;
        ensure!(tombstone == format!("author|2|Homer|-750|{}_ann", catalogue.name()), "{tombstone}");
        psql.run(&format!("INSERT INTO author (id, name, sort_name) VALUES ('{id}', 'Homer', 'Homer')"))?;
        ensure!(psql.value("SELECT count(*) FROM tombstone")? == "0");
        ensure!(psql.value("SELECT revision FROM author")? == "3");
    }

    async fn a_row_deleted_twice_has_the_tombstone_of_the_last_time(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('a', 'a'); DELETE FROM author; COMMIT")?;
        let id = psql.value("SELECT id FROM tombstone")?;
        psql.run(&format!("INSERT INTO author (id, name, sort_name) VALUES ('{id}', 'b', 'b')"))?;
        psql.run("DELETE FROM author")?;
        ensure!(psql.run("SELECT content->>'name', revision FROM tombstone")? == ["b|3"]);
    }

    async fn history_tells_which_fields_an_update_changed_and_what_they_were(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('Doris Lessing', 'Lessing, Doris')")?;
        psql.run("UPDATE author SET name = 'Jane Somers', email = 'jane@example.org'")?;
        psql.run("UPDATE author SET name = 'Jane Somers'")?;
        psql.run("DELETE FROM author")?;
        let story = psql.run("SELECT kind, revision, old->>'name', old ? 'email', old ? 'birth_year' FROM history ORDER BY number")?;
        ensure!(story == ["update|2|Doris Lessing|t|f", "delete|4|Jane Somers|t|t"], "{story:?}");
    }

    async fn every_column_of_every_entity_is_in_its_history(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'the first'), ('b', 'the second')")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, name FROM author")?;
        psql.run("INSERT INTO contribution (book_id, author_id, role, position) SELECT book.id, author_id, 'editor', 1 FROM book LIMIT 1")?;
        for table in TABLES {
            let one = format!("(SELECT id FROM {} ORDER BY id LIMIT 1)", table.name);
            for column in table.columns.iter().filter(|column| !["id", "updated_at"].contains(&column.name)) {
                let value = match column.name {
                    "author_id" => "(SELECT id FROM author WHERE id <> t.author_id)".to_owned(),
                    "book_id" => "(SELECT id FROM book WHERE id <> t.book_id)".to_owned(),
                    "isbn" => "'9780000000002'".to_owned(),
                    "role" => "'translator'".to_owned(),
                    "created_at" => "'2001-01-01'".to_owned(),
                    _ if column.kind == ColumnKind::Integer => "77".to_owned(),
                    _ => "'x'".to_owned(),
                };
                psql.run("DELETE FROM history")?;
                psql.run(&format!("UPDATE {} AS t SET {} = {value} WHERE id = {one}", table.name, column.name))?;
                let told = psql.run("SELECT entity, string_agg(key, ',') FROM history, jsonb_object_keys(old) AS key GROUP BY entity")?;
                ensure!(told == [format!("{}|{}", table.name, column.name)], "{told:?}");
            }
        }
    }

    async fn an_update_that_leaves_the_time_alone_has_it_set(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name, updated_at) VALUES ('a', 'a', '2001-01-01')")?;
        ensure!(psql.value("SELECT updated_at < '2001-01-02' FROM author")? == "t");
        psql.run("UPDATE author SET name = 'b'")?;
        ensure!(psql.value("SELECT updated_at > '2020-01-01' FROM author")? == "t");
        psql.run("UPDATE author SET name = 'c', updated_at = '2002-02-02'")?;
        ensure!(psql.value("SELECT updated_at < '2002-02-04' FROM author")? == "t");
    }

    async fn truncate_is_refused_with_a_hint(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        for table in TABLES {
            let refused = psql.run(&format!("TRUNCATE {} CASCADE", table.name));
            let words = refused.err().map(|error| error.message).unwrap_or_default();
            ensure!(words.contains("TRUNCATE of") && words.contains("HINT:  Use DELETE FROM"), "{words}");
        }
        ensure!(psql.value("SELECT count(*) FROM author")? == "1");
    }

    async fn the_id_of_a_record_cannot_change(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let refused = psql.run("UPDATE author SET id = gen_random_uuid()");
        ensure!(refused.is_err_and(|error| error.code == "23001"));
        psql.run("UPDATE author SET id = id, name = 'b'")?;
        ensure!(psql.value("SELECT name FROM author")? == "b");
    }

    async fn two_books_may_swap_their_isbns_in_one_transaction(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        psql.run("INSERT INTO book (author_id, title, isbn) SELECT id, 'one', '9780000000001' FROM author")?;
        psql.run("INSERT INTO book (author_id, title, isbn) SELECT id, 'two', '9780000000002' FROM author")?;
        psql.run("BEGIN")?;
        psql.run("UPDATE book SET isbn = '9780000000002' WHERE title = 'one'")?;
        psql.run("UPDATE book SET isbn = '9780000000001' WHERE title = 'two'")?;
        psql.run("COMMIT")?;
        ensure!(psql.run("SELECT title, isbn FROM book ORDER BY title")? == ["one|9780000000002", "two|9780000000001"]);
        let clash = psql.run("UPDATE book SET isbn = '9780000000001'");
        ensure!(clash.is_err_and(|error| error.code == "23505"));
    }

    async fn a_child_may_come_before_its_parent_within_a_transaction(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        let id = "01900000-0000-7000-8000-000000000001";
        psql.run("BEGIN")?;
        psql.run(&format!("INSERT INTO book (author_id, title) VALUES ('{id}', 'early')"))?;
        psql.run(&format!("INSERT INTO author (id, name, sort_name) VALUES ('{id}', 'late', 'late')"))?;
        psql.run("COMMIT")?;
        ensure!(psql.value("SELECT count(*) FROM book")? == "1");
        let orphan = psql.run("INSERT INTO book (author_id, title) VALUES (gen_random_uuid(), 'orphan')");
        ensure!(orphan.is_err_and(|error| error.code == "23503"));
    }

    async fn limits_are_kept_and_named_after_their_column(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'b' FROM author")?;
        for (table, column, bad) in [
            ("author", "name", "''"),
            ("author", "sort_name", "repeat('é', 501)"),
            ("author", "birth_year", "10000"),
            ("author", "death_year", "-10000"),
            ("author", "email", "repeat('a', 255)"),
            ("author", "website", "repeat('a', 2001)"),
            ("book", "title", "''"),
            ("book", "isbn", "'978-0-00-00000'"),
            ("book", "isbn", "'978000000000'"),
            ("book", "page_count", "0"),
            ("book", "page_count", "100001"),
            ("book", "series_position", "repeat('1', 21)"),
        ] {
            let refused = psql.run(&format!("UPDATE {table} SET {column} = {bad}"));
            let words = refused.err().map(|error| error.message).unwrap_or_default();
            ensure!(words.contains(&format!("{table}_{column}_check")), "{table}.{column} = {bad}: {words}");
        }
        let contribution = "INSERT INTO contribution (book_id, author_id, role, position) SELECT id, author_id, repeat('a', 101), 0 FROM book";
        ensure!(psql.run(contribution).is_err_and(|error| error.message.contains("contribution_role_check")));
    }

    async fn what_a_program_does_not_know_is_kept_when_its_record_comes_back(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("ALTER TABLE author ADD COLUMN shelf text DEFAULT 'none'; ALTER TABLE author ADD COLUMN tags text[]; SELECT track('author')")?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        let author = ann.author("Homer").await?;
        ann.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
        psql.run("UPDATE author SET shelf = 'R 12', tags = '{a,b}', notes = 'a note'")?;
        ann.round(catalogue.settings()).await?;
        // Deleted there, edited here; and deleted and restored.
        ann.delete_author(author.id).await?;
        ann.round(catalogue.settings()).await?;
        bob.rename(author.id, "Homeros").await?;
        bob.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
        ensure!(psql.run("SELECT name, shelf, tags, notes FROM author")? == ["Homeros|R 12|{a,b}|a note"], "{:?}", psql.run("SELECT * FROM author")?);
        // A program of the first version says nothing about its columns; what it empties stays empty.
        let id = author.id;
        psql.run("DELETE FROM author")?;
        psql.run("BEGIN; SELECT set_config('colophon.device', gen_random_uuid()::text, true)")?;
        psql.run(&format!("INSERT INTO author (id, name, sort_name, notes) VALUES ('{id}', 'c', 'c', NULL); COMMIT"))?;
        ensure!(psql.run("SELECT name, shelf, tags, notes FROM author")? == ["c|R 12|{a,b}|"]);
        // Somebody who is not a device means what they say.
        psql.run("DELETE FROM author")?;
        psql.run(&format!("INSERT INTO author (id, name, sort_name, shelf) VALUES ('{id}', 'd', 'd', 'S 1')"))?;
        ensure!(psql.run("SELECT name, shelf, tags FROM author")? == ["d|S 1|"]);
    }

    async fn a_row_that_the_app_would_refuse_is_stored_as_it_is(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name, notes) VALUES (' ', E'a\\u0007b', repeat('n', 1000000))")?;
        ensure!(psql.value("SELECT char_length(name) || ' ' || char_length(notes) FROM author")? == "1 1000000");
    }

    async fn a_story_keeps_the_time_of_each_field_where_a_device_tells_them(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::named("Ann");
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        let id = author.id;
        psql.run("UPDATE device SET was_here = now() - interval '1 day'")?;
        let mut edit = |assignments: &str, times: &str| -> anyhow::Result<Vec<String>> {
            let begin = "BEGIN; SELECT set_config('colophon.device', id::text, true), set_config('colophon.clock_offset', '0', true)";
            psql.run(&format!("{begin}, set_config('colophon.times', {times}, true) FROM device"))?;
            psql.run(&format!("UPDATE author SET {assignments}, updated_at = now() - interval '1 hour'"))?;
            psql.run("COMMIT")?;
            let told = psql.run(
                "SELECT round(extract(epoch FROM now() - changed_at) / 3600) || ' ' || coalesce((
                    SELECT string_agg(key || ' ' || round((extract(epoch FROM now())::bigint - value::bigint / 1000000) / 3600.0), ' ' ORDER BY key)
                      FROM jsonb_each_text(times)), '-') FROM history ORDER BY number",
            )?;
            psql.run("DELETE FROM history")?;
            Ok(told)
        };
        let ago = |hours: i64| format!("((extract(epoch FROM now()) - {hours} * 3600)::bigint * 1000000)");
        let told = |fields: &str| format!("jsonb_build_object('{id}', jsonb_build_object({fields}))::text");
        ensure!(edit("name = 'a'", "''")? == ["1 -"], "the row's own time");
        ensure!(edit("name = 'b', notes = 'b'", &told(&format!("'name', {}", ago(3))))? == ["1 name 3 notes 1"]);
        // All fields at one time, which is not the row's: what the device's clock had shown then was wrong.
        ensure!(edit("name = 'c', notes = 'c'", &told(&format!("'name', {0}, 'notes', {0}", ago(5))))? == ["5 -"]);
        // Neither before it was last here nor after now.
        ensure!(edit("name = 'd', notes = 'd'", &told(&format!("'name', {}, 'notes', {}", ago(2000), ago(-2000))))? == ["0 name 24 notes 0"]);
        // A field that was not changed, and another record.
        ensure!(edit("name = 'e'", &told(&format!("'notes', {}", ago(3))))? == ["1 -"]);
        ensure!(edit("name = 'f'", &format!("jsonb_build_object(gen_random_uuid(), jsonb_build_object('name', {}))::text", ago(3)))? == ["1 -"]);
    }

    async fn whatever_a_session_says_of_times_its_rows_are_written(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::named("Ann");
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        let id = author.id;
        let deep = format!("repeat('[', 100000) || '{id}'");
        let said = [
            "'nonsense'", "'{'", "'[]'", "'7'", "'null'", r#"'"\u0000"'"#, &deep,
            &format!("'{{\"{id}\": 7}}'"),
            &format!("'{{\"{id}\": [\"name\"]}}'"),
            &format!("'{{\"{id}\": {{\"name\": \"now\"}}}}'"),
            &format!("'{{\"{id}\": {{\"name\": null}}}}'"),
            &format!("'{{\"{id}\": {{\"name\": 1e4000}}}}'"),
            &format!("'{{\"{id}\": {{\"name\": -1e4000}}}}'"),
            &format!("'{{\"{id}\": {{\"name\": 0.5}}}}'"),
        ];
        for (number, times) in said.into_iter().enumerate() {
            // With a device that was here, one that nobody has heard of, and none.
            for device in ["(SELECT id::text FROM device)", "gen_random_uuid()::text", "''"] {
                psql.run(&format!(
                    "BEGIN; SELECT set_config('colophon.device', {device}, true), set_config('colophon.clock_offset', '0', true), \
                     set_config('colophon.times', {times}, true)"
                ))?;
                psql.run(&format!("UPDATE author SET name = '{number} ' || {device}; COMMIT"))?;
            }
        }
        let told = psql.value("SELECT count(*) || ' ' || count(*) FILTER (WHERE changed_at > now() OR changed_at < '0001-01-01Z') FROM history")?;
        ensure!(told == format!("{} 0", said.len() * 3), "{told}");
    }

    async fn whatever_a_session_says_of_its_clock_its_rows_are_written(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::named("Ann");
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run("UPDATE device SET was_here = now() - interval '1 day'")?;
        let id = author.id;
        let said = [
            "nonsense", "-", "1 day", "NaN", "Infinity", "-Infinity", "1e300", "-1e300", "0x10", "1.5", "-99999999999999999",
            "99999999999999999", "-9223372036854775808", "9223372036854775807", "99999999999999999999999", "0\n", " 0",
        ];
        for (number, offset) in said.into_iter().enumerate() {
            psql.run(&format!("BEGIN; SELECT set_config('colophon.device', id::text, true), set_config('colophon.clock_offset', E'{offset}', true) FROM device"))?;
            psql.run(&format!("UPDATE author SET name = '{number}', updated_at = now() - interval '1 hour' WHERE id = '{id}'; COMMIT"))?;
        }
        // As from somebody who says nothing, or clamped if it is a number.
        let told = psql.value(
            "SELECT count(*) || ' ' || count(*) FILTER (WHERE changed_at > now() OR changed_at < now() - interval '25 hours') FROM history",
        )?;
        ensure!(told == format!("{} 0", said.len()), "{told}");
        psql.run("DELETE FROM history")?;
        psql.run("BEGIN; SELECT set_config('colophon.device', id::text, true), set_config('colophon.clock_offset', '-3600000000', true) FROM device")?;
        psql.run(&format!("UPDATE author SET name = 'z', updated_at = now() - interval '1 hour' WHERE id = '{id}'; COMMIT"))?;
        ensure!(psql.value("SELECT now() - changed_at BETWEEN '119 minutes' AND '121 minutes' FROM history")? == "t");
    }
}
