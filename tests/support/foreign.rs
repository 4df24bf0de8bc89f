//! A program that knows nothing of Colophon and is always at work on the same tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::postgres::Psql;

/// Inserts, updates and deletes, in small transactions and larger ones, some of which are rolled back.
#[derive(Debug)]
pub struct ForeignWriter {
    enough: Enough,
    work: JoinHandle<anyhow::Result<u32>>,
}

/// Signals the end when it is dropped: otherwise a thread that keeps working would keep a failed test from ending.
#[derive(Debug)]
struct Enough(Arc<AtomicBool>);

impl Drop for Enough {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl ForeignWriter {
    /// Begins to write.
    pub fn start(psql: Psql) -> Self {
        let is_enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_enough);
        let work = tokio::task::spawn_blocking(move || write_without_end(psql, &told));
        Self {
            enough: Enough(is_enough),
            work,
        }
    }

    /// Ends it. Returns how many transactions it made.
    pub async fn stop(self) -> anyhow::Result<u32> {
        drop(self.enough);
        self.work.await?
    }
}

fn write_without_end(mut psql: Psql, is_enough: &AtomicBool) -> anyhow::Result<u32> {
    let mut number = 0;
    while !is_enough.load(Ordering::SeqCst) {
        psql.run("BEGIN")?;
        psql.run(&format!(
            "INSERT INTO author (name, sort_name) VALUES ('foreign {number}', 'foreign {number}')"
        ))?;
        psql.run(&format!(
            "INSERT INTO book (author_id, title) SELECT id, 'foreign book {number}' FROM author WHERE name LIKE '%{}%' LIMIT 3",
            number % 10
        ))?;
        psql.run(&format!(
            "UPDATE book SET publisher = 'publisher {number}' WHERE id IN (SELECT id FROM book ORDER BY md5(id::text || '{number}') LIMIT 5)"
        ))?;
        psql.run(&format!(
            "DELETE FROM book WHERE id IN (SELECT id FROM book ORDER BY md5(id::text || 'gone {number}') LIMIT 1)"
        ))?;
        psql.run(if number % 7 == 6 { "ROLLBACK" } else { "COMMIT" })?;
        number += 1;
        #[expect(clippy::disallowed_methods, reason = "others must get a turn at the head")]
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(number)
}
