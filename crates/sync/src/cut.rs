//! Cutting what waits into batches.

use colophon_store::Waiting;

/// The most rows in one batch. The head is locked while a batch is written, so this is how long others may have to
/// wait: some tenths of a second.
pub const BATCH_ROWS_MAX: usize = 10_000;

/// How much the values of one batch may take, in bytes, unless they belong to a single row. A batch is held in memory,
/// both as it is sent and as it is kept, while the next one is prepared.
pub(crate) const BATCH_BYTES_MAX: usize = 6 << 20;

/// The same for a batch of rows that wait for each other. What takes more than this together stays quarantined.
pub(crate) const TOGETHER_BYTES_MAX: usize = 24 << 20;

/// The upper limits of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Most {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

impl Most {
    /// As usual, with this many rows.
    pub(crate) fn usual(rows: usize) -> Self {
        Self {
            rows,
            bytes: BATCH_BYTES_MAX,
        }
    }

    /// As many rows as there are, because they wait for each other.
    pub(crate) fn together() -> Self {
        Self {
            rows: usize::MAX,
            bytes: TOGETHER_BYTES_MAX,
        }
    }
}

/// Cuts rows, which come ordered by their transaction, into batches of at most `most` rows. A transaction is never divided,
/// unless it is larger than a batch itself.
pub(crate) fn cut(rows: &[Waiting], most: usize) -> Vec<Vec<Waiting>> {
    let mut batches: Vec<Vec<Waiting>> = Vec::new();
    for transaction in rows.chunk_by(|one, next| one.since == next.since) {
        for part in transaction.chunks(most.max(1)) {
            match batches.last_mut() {
                Some(batch) if batch.len() + transaction.len() <= most => batch.extend_from_slice(part),
                _ => batches.push(part.to_vec()),
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use colophon_store::schema::Table;
    use uuid::Uuid;

    use super::*;

    static TABLE: Table = Table {
        name: "t",
        columns: &[],
        unique: &[],
        merged_by_line: &[],
    };

    fn sizes(transactions: &[usize], most: usize) -> Vec<Vec<i64>> {
        let mut rows = Vec::new();
        for (since, size) in (0..).zip(transactions) {
            let row = Waiting {
                table: &TABLE,
                id: Uuid::nil(),
                since,
                version: 0,
            };
            rows.extend(std::iter::repeat_n(row, *size));
        }
        let batches = cut(&rows, most);
        batches
            .iter()
            .map(|batch| batch.iter().map(|row| row.since).collect())
            .collect()
    }

    #[test]
    fn small_transactions_share_a_batch_and_are_not_divided() {
        assert_eq!(sizes(&[1, 2, 2, 1], 3), [vec![0, 1, 1], vec![2, 2, 3]]);
        assert_eq!(sizes(&[2, 2], 3), [vec![0, 0], vec![1, 1]]);
        assert_eq!(sizes(&[], 3), Vec::<Vec<i64>>::new());
    }

    #[test]
    fn a_transaction_larger_than_a_batch_is_divided_and_shares_none() {
        assert_eq!(sizes(&[1, 4, 1], 3), [vec![0], vec![1, 1, 1], vec![1, 2]]);
    }
}
