//! Any page of a large list by its number, without walking to it.
//!
//! `OFFSET n` walks over n index entries: 27 ms to the last page of a million rows. Instead, one index scan per order
//! keeps an *anchor* for every [`SPACING`] rows, the sort key and the place of that row, and a page begins at the
//! nearest anchor before it. Anchors are used only in a snapshot that shows the table as it was when they were made
//! (see [`snapshot`](crate::session::snapshot)); otherwise they are made anew when a page needs them. Either way, the
//! page's items and its total come from the same snapshot.

use std::sync::{Arc, PoisonError};

use rusqlite::types::Value as Bound;

use crate::entity::query::{PageRequest, Query};
use crate::entity::{Entity, SortOrder};
use crate::error::Result;
use crate::schema::columns::column_list;
use crate::schema::sql::Sql;
use crate::session::ReadSession;
use crate::session::anchors::Anchors;

/// Rows from one anchor to the next.
const SPACING: u64 = 1_000;

/// A list shorter than this is walked; making anchors for it would cost more than they save.
const WORTH_IT: u64 = 5 * SPACING;

/// The rows of an unfiltered list from `offset` on, and how many the list has; `None` when anchors do not help.
pub(crate) fn page<E: Entity>(
    session: &ReadSession<'_>,
    query: &Query<E>,
    request: PageRequest,
) -> Result<Option<(Vec<E>, u64)>> {
    let Some(anchors) = current::<E>(session, query.sort)? else {
        return Ok(None);
    };
    let total = anchors.total;
    let offset = request.offset()?;
    if offset >= total {
        return Ok(Some((Vec::new(), total)));
    }
    let length = u64::from(request.per_page).min(total - offset);
    // A reversed list is the same list read from its end.
    let first = if query.descending {
        total - offset - length
    } else {
        offset
    };
    let mut rows = walk::<E>(session, query.sort, &anchors, first, length)?;
    if query.descending {
        rows.reverse();
    }
    Ok(Some((rows, total)))
}

/// Anchors that are right for the session's snapshot, made now if necessary.
fn current<E: Entity>(session: &ReadSession<'_>, sort: E::Sort) -> Result<Option<Arc<Anchors>>> {
    let table = E::TABLE.name;
    let key = (table, sort.expression());
    let cache = &session.context.anchors.0;
    let kept = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(anchors) = kept.filter(|anchors| session.version.shows_same(table, anchors.number)) {
        return Ok((anchors.total >= WORTH_IT).then_some(anchors));
    }
    let Some(number) = session.version.number() else {
        return Ok(None);
    };
    let total: u64 = session
        .query_first(&E::statements().count, [], |row| row.get::<_, i64>(0))?
        .unwrap_or(0)
        .unsigned_abs();
    let points = if total < WORTH_IT {
        Vec::new()
    } else {
        points::<E>(session, sort)?
    };
    let anchors = Arc::new(Anchors { number, total, points });
    cache
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&anchors));
    Ok((total >= WORTH_IT).then_some(anchors))
}

fn points<E: Entity>(session: &ReadSession<'_>, sort: E::Sort) -> Result<Vec<(Bound, i64)>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(sort.expression())
        .push(",rowid FROM ")
        .push(E::TABLE.name)
        .push(" ORDER BY ");
    sql.push(sort.expression()).push(",rowid");
    let mut position = 0;
    let mut points = Vec::new();
    session.visit(&sql, [], |row| {
        if position % SPACING == 0 {
            points.push((row.get(0)?, row.get(1)?));
        }
        position += 1;
        Ok(true)
    })?;
    Ok(points)
}

/// `length` rows from position `first` on, in ascending order.
///
/// Rows with the anchor's own key and rows with a greater key are two index ranges; given a single row-value
/// comparison, SQLite would walk through all rows that share the key.
fn walk<E: Entity>(
    session: &ReadSession<'_>,
    sort: E::Sort,
    anchors: &Anchors,
    first: u64,
    length: u64,
) -> Result<Vec<E>> {
    let index = usize::try_from(first / SPACING).unwrap_or(usize::MAX);
    let Some((key, rowid)) = anchors.points.get(index) else {
        return Ok(Vec::new());
    };
    let skip = i64::try_from(first % SPACING).unwrap_or(i64::MAX);
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let expression = sort.expression();
    let mut sql = Sql::new("SELECT ");
    sql.append(&column_list(E::TABLE, Some("t")))
        .push(" FROM (SELECT * FROM (SELECT rowid AS row_number FROM ");
    sql.push(E::TABLE.name)
        .push(" WHERE ")
        .push(expression)
        .push("=?1 AND rowid>=?2 ORDER BY rowid LIMIT ?3+?4)");
    sql.push(" UNION ALL SELECT * FROM (SELECT rowid AS row_number FROM ")
        .push(E::TABLE.name);
    sql.push(" WHERE ")
        .push(expression)
        .push(">?1 ORDER BY ")
        .push(expression);
    sql.push(",rowid LIMIT ?3+?4) LIMIT ?4 OFFSET ?3) AS p CROSS JOIN ")
        .push(E::TABLE.name);
    sql.push(" AS t ON t.rowid=p.row_number");
    session.query(&sql, rusqlite::params![key, rowid, skip, length], |row| E::read(row, 0))
}
