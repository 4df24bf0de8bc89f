//! The server's limits are the app's own.

use anyhow::ensure;
use colophon_catalogue::text::{
    EMAIL_MAX_CHARS, NAME_MAX_CHARS, NOTES_MAX_CHARS, SERIES_POSITION_MAX_CHARS, WEBSITE_MAX_CHARS,
};
use colophon_sync::central::{Central, CentralSchema};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// Each text with a limit, and the most characters the app lets it have.
const LIMITS: [(&str, &str, usize); 12] = [
    ("author", "name", NAME_MAX_CHARS),
    ("author", "sort_name", NAME_MAX_CHARS),
    ("author", "email", EMAIL_MAX_CHARS),
    ("author", "website", WEBSITE_MAX_CHARS),
    ("author", "notes", NOTES_MAX_CHARS),
    ("book", "title", NAME_MAX_CHARS),
    ("book", "subtitle", NAME_MAX_CHARS),
    ("book", "publisher", NAME_MAX_CHARS),
    ("book", "series", NAME_MAX_CHARS),
    ("book", "series_position", SERIES_POSITION_MAX_CHARS),
    ("book", "notes", NOTES_MAX_CHARS),
    ("conflict", "mine", 6 * NOTES_MAX_CHARS),
];

on_each_release! {
    async fn a_text_may_have_as_many_characters_as_in_the_app_and_not_one_more(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'b' FROM author")?;
        psql.run("INSERT INTO conflict (entity, record_id, kind) SELECT 'book', id, 'field' FROM book")?;
        for (table, column, limit) in LIMITS {
            // A conflict keeps JSON, whose letters have one byte each; elsewhere the widest letters count as one.
            let (letter, more) = if table == "conflict" { ("n", 3) } else { ("𝔸", 1) };
            psql.run(&format!("UPDATE {table} SET {column} = repeat('{letter}', {limit})"))?;
            let refused = psql.run(&format!("UPDATE {table} SET {column} = repeat('n', {limit} + {more})"));
            let words = refused.err().map(|error| error.message).unwrap_or_default();
            ensure!(words.contains(&format!("{table}_{column}_check")), "{table}.{column}: {words}");
        }
    }

    async fn what_was_there_with_more_stays_and_can_be_edited(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let mut owner = Central::new(catalogue.as_superuser()).connect().await?;
        let all = CentralSchema::embedded()?;
        let first = CentralSchema { up: all.up[..1].to_vec(), ..all.clone() };
        owner.migrate(&first).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name, notes) VALUES ('long', 'a', repeat('n', 10000000)), ('short', 'a', 'n')")?;
        owner.migrate(&all).await?;
        psql.run("UPDATE author SET birth_year = 1900")?;
        ensure!(psql.value("SELECT char_length(notes) FROM author WHERE name = 'long'")? == "10000000");
        let refused = psql.run("UPDATE author SET notes = repeat('n', 10000000)");
        ensure!(refused.is_err_and(|error| error.message.contains("author_notes_check")));
    }
}
