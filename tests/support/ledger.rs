//! What was written on the server, and how many times: whether an edit arrived twice shows in no table, because the
//! second time changes nothing. So a test keeps a ledger beside the catalogue.
//!
//! A trigger on `batch` records what each batch has written, in its own transaction. The sync looks for foreign
//! triggers on the tables that travel and finds none, so nothing is done differently from usual.

use anyhow::{Context as _, ensure};
use colophon_catalogue::schema::TABLES;
use colophon_sync::audit::{Audit, audit};
use colophon_sync::central::{Central, CentralSettings};

use crate::device::Device;
use crate::postgres::{CentralCatalogue, Psql};

/// The ledger of a catalogue.
#[derive(Debug)]
pub struct Ledger {
    psql: Psql,
}

impl Ledger {
    /// Begins one.
    pub fn keep(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Self> {
        let schema = catalogue.name();
        let written: Vec<String> = TABLES
            .iter()
            .map(|table| {
                let name = table.name;
                format!(
                    "SELECT '{name}', id, to_jsonb(t) - 'revision' FROM {schema}.{name} AS t WHERE revision = NEW.revision"
                )
            })
            .collect();
        let mut psql = catalogue.psql()?;
        psql.run(&format!(
            "CREATE TABLE ledger (device uuid, number bigint, revision bigint, entity text, id uuid, content jsonb);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
               IF NEW.revision > 0 THEN
                 INSERT INTO {schema}.ledger SELECT NEW.device, NEW.number, NEW.revision, w.* FROM ({}
                   UNION ALL SELECT entity, id, content || '{{\"deleted\": true}}' FROM {schema}.tombstone WHERE revision = NEW.revision) AS w;
               END IF;
               RETURN NULL; END $$;
             CREATE TRIGGER note AFTER INSERT ON batch FOR EACH ROW EXECUTE FUNCTION note()",
            written.join(" UNION ALL ")
        ))?;
        Ok(Self { psql })
    }

    /// An error that says what was written twice: the same content of the same record, by the same device.
    pub fn has_nothing_twice(&mut self) -> anyhow::Result<()> {
        let twice = self.psql.run(
            "SELECT entity, id, count(*), array_agg(number), content FROM ledger GROUP BY device, entity, id, content HAVING count(*) > 1",
        )?;
        ensure!(twice.is_empty(), "written twice:\n{}", twice.join("\n"));
        Ok(())
    }

    /// How many times a value of a field was written.
    pub fn count(&mut self, field: &str, value: &str) -> anyhow::Result<u64> {
        let count = format!("SELECT count(*) FROM ledger WHERE content->>'{field}' = '{value}'");
        Ok(self.psql.value(&count)?.parse()?)
    }
}

/// What became of every edit of a device, after the server was asked about what the file alone does not account for. An
/// error if any is unaccounted for.
pub async fn accounted(device: &Device, settings: CentralSettings) -> anyhow::Result<Audit> {
    let mut found = device.database().read(audit).await?;
    if !found.unaccounted.is_empty() {
        let (connection, _) = Central::new(settings).open().await.context("asking for the history")?;
        let history = connection.history(&found.in_question()).await?;
        found.account_by_history(&history);
    }
    ensure!(
        found.unaccounted.is_empty(),
        "{}: {:#?}",
        device.name,
        found.unaccounted
    );
    Ok(found)
}
