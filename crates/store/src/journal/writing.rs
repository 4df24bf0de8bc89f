//! Writes what a transaction has recorded into the journal, just before its commit.

use uuid::Uuid;

use crate::error::Result;
use crate::schema::sql::Sql;
use crate::session::WriteSession;
use crate::session::recorder::{Content, EditKind};

const INSERT: Sql = Sql::new(
    "INSERT INTO edit(act,at,entity,kind,entity_id,last_id,count,others,before,after,label,undoes)
     VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
);
/// Asked beforehand: for an insert that reads the table it writes to, SQLite makes a temporary table each time.
const NEXT_ACT: Sql = Sql::new("SELECT coalesce(max(id),0)+1 FROM edit");

impl WriteSession<'_> {
    /// Marks this transaction as taking back an earlier one, which was about this record. That holds even where nothing
    /// of it could be given back: if the journal did not know that an act was undone, that act would be the next one to
    /// undo for ever.
    pub fn undoes(&self, act: i64, table: &'static str, id: Uuid) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.undoes = Some(act);
        if recorder.entries.is_empty() {
            recorder.push(EditKind::Update, table, id, Content::None);
        }
    }

    pub(crate) fn write_journal(&self) -> Result<()> {
        let recorded = self.recorder.take();
        if recorded.entries.is_empty() {
            return Ok(());
        }
        let act: i64 = self.prepare(&NEXT_ACT)?.query_row([], |row| row.get(0))?;
        let mut statement = self.prepare(&INSERT)?;
        let mut label = recorded.label;
        let mut undoes = recorded.undoes;
        for entry in recorded.entries {
            let last_id = (entry.last_id != entry.id).then(|| entry.last_id.as_bytes().as_slice());
            let (others, before, after) = match entry.content {
                Content::None => (None, None, None),
                Content::Row(row) => (None, Some(row), None),
                Content::Changed(changed) => {
                    let (before, after) = changed.objects();
                    let others = (!changed.others.is_empty()).then_some(changed.others);
                    (others, Some(before), Some(after))
                }
            };
            statement.execute(rusqlite::params![
                act,
                self.now().as_microsecond(),
                entry.table,
                entry.kind.word(),
                entry.id.as_bytes().as_slice(),
                last_id,
                entry.count,
                others,
                before,
                after,
                label.take(),
                undoes.take(),
            ])?;
        }
        self.note_clock(act)
    }
}
