//! What a transaction has recorded is written into the journal just before its commit.

use uuid::Uuid;

use crate::error::Result;
use crate::schema::sql::Sql;
use crate::session::WriteSession;
use crate::session::recorder::{Content, EditKind};

const INSERT: Sql = Sql::new(
    "INSERT INTO edit(act,at,entity,kind,entity_id,last_id,count,others,before,after,label,undoes)
     VALUES(coalesce(?1,(SELECT coalesce(max(id),0)+1 FROM edit)),?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
);

impl WriteSession<'_> {
    /// Marks this transaction as taking back an earlier one, which was about this record. It is so even where nothing of it could be
    /// given back: an act of which the journal does not know that it was undone would be the next one to be undone for ever.
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
        let mut statement = self.prepare(&INSERT)?;
        let mut act: Option<i64> = None;
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
            if act.is_none() {
                let number = self.connection().last_insert_rowid();
                self.note_clock(number)?;
                act = Some(number);
            }
        }
        Ok(())
    }
}
