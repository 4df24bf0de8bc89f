//! What taking back a migration of the server would lose, found by taking the way down in a transaction that is not
//! committed.

use colophon_store::Loss;
use colophon_store::schema::Table;
use refinery::Migration;

use super::connection::{Connection, Question};
use super::error::Result;
use super::schema::CentralSchema;
use crate::shared::ColumnsThere;

const LOOKING: &str = "finding out what taking back a migration loses";
const BECOME_OWNER: &str = include_str!("become_owner.sql");

impl Connection {
    /// What taking back the last migration would lose from this program's tables. Nothing is changed; whoever writes
    /// there waits for a moment.
    pub async fn would_lose(&self, schema: &CentralSchema) -> Result<Vec<Loss>> {
        let version = self.head().await?.version;
        let down = schema.down.iter().find(|migration| migration.version() == version);
        let Some(script) = down.and_then(Migration::sql) else {
            return Ok(Vec::new());
        };
        let tables = self.edition.tables;
        let of_catalogue = |script: &str| script.replace("{schema}", self.schema.as_str());
        let looked = async {
            self.begin(LOOKING, &of_catalogue(BECOME_OWNER)).await?;
            let before = self.columns_there(tables).await?;
            self.run(LOOKING, "SAVEPOINT before_the_way_back").await?;
            self.run_each(LOOKING, script).await?;
            let after = self.columns_there(tables).await?;
            self.run(LOOKING, "ROLLBACK TO SAVEPOINT before_the_way_back").await?;
            self.count_lost(tables, &before, &after).await
        };
        let losses = looked.await;
        self.roll_back().await?;
        losses
    }

    async fn count_lost(
        &self,
        tables: &[&'static Table],
        before: &ColumnsThere,
        after: &ColumnsThere,
    ) -> Result<Vec<Loss>> {
        let mut losses = Vec::new();
        for table in tables.iter().filter(|table| before.contains_key(table.name)) {
            let Some(left) = after.get(table.name) else {
                losses.push(self.count_where(table, None, "true").await?);
                continue;
            };
            for column in table.columns.iter().filter(|column| !left.contains(column.name)) {
                if before[table.name].contains(column.name) {
                    let says_something = format!("coalesce({}::text, '') NOT IN ('', '0')", column.name);
                    losses.push(self.count_where(table, Some(column.name), &says_something).await?);
                }
            }
        }
        Ok(losses)
    }

    async fn count_where(&self, table: &Table, field: Option<&str>, condition: &str) -> Result<Loss> {
        let count = format!(
            "SELECT count(*) FROM \"{}\".{} WHERE {condition}",
            self.schema, table.name
        );
        let question: Question<'_> = (count, Vec::new());
        let answers = self.ask_all(LOOKING, vec![question]).await?;
        let counted = answers.first().and_then(|rows| rows.first());
        let records: Option<i64> = counted
            .map(|row| row.try_get(0))
            .transpose()
            .map_err(|error| self.peer.while_doing(LOOKING, &error))?;
        Ok(Loss {
            entity: table.name.to_owned(),
            field: field.map(str::to_owned),
            records: records.unwrap_or_default().unsigned_abs(),
        })
    }
}
