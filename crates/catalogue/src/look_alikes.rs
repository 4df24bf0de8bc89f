//! The records that look as if they were in the catalogue twice, in groups: each record is in one group at most, and
//! looks the same as every other one of its group. So "J. Smith", who may be John and may be Jane, makes no one person
//! of the two.

use std::collections::{BTreeMap, BTreeSet};

use colophon_store::schema::Table;
use colophon_store::{Columns as _, ReadSession, Result, Sql, read_field};
use uuid::Uuid;

use crate::author::Author;
use crate::book::Book;
use crate::duplicates;

/// The most records in one group: as many as there is room for side by side. The others come up afterwards.
pub const GROUP_MAX: usize = 6;

/// The groups of a table, in the order of its list; none for a table that is not looked through.
pub fn look_alikes(session: &ReadSession<'_>, table: &Table) -> Result<Vec<Vec<Uuid>>> {
    let pairs = match table.name {
        name if name == Book::TABLE.name => duplicates::books(),
        name if name == Author::TABLE.name => duplicates::people(),
        _ => return Ok(Vec::new()),
    };
    session.lend_functions::<Book>()?;
    let pairs = session.query(&pairs, [], |row| Ok((read_field(row, 0)?, read_field(row, 1)?)))?;
    let mut groups = grouped(&pairs);
    let mut order = Sql::new("SELECT sort_key FROM ");
    order.push(table.name).push(" WHERE id=?");
    let mut keyed = Vec::with_capacity(groups.len());
    for group in groups.drain(..) {
        let key: Option<String> = match group.first() {
            Some(first) => session.query_first(&order, [first.as_bytes().to_vec()], |row| row.get(0))?,
            None => None,
        };
        keyed.push((key, group));
    }
    keyed.sort();
    Ok(keyed.into_iter().map(|(_, group)| group).collect())
}

/// Groups in which every two are a pair.
fn grouped(pairs: &[(Uuid, Uuid)]) -> Vec<Vec<Uuid>> {
    let mut alike: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for (one, two) in pairs {
        alike.entry(*one).or_default().insert(*two);
        alike.entry(*two).or_default().insert(*one);
    }
    let mut taken = BTreeSet::new();
    let mut groups = Vec::new();
    for (first, others) in &alike {
        if taken.contains(first) {
            continue;
        }
        let mut group = vec![*first];
        for other in others {
            let is_like_all = group.iter().all(|one| alike[other].contains(one));
            if group.len() < GROUP_MAX && is_like_all && !taken.contains(other) {
                group.push(*other);
            }
        }
        if group.len() > 1 {
            taken.extend(group.iter().copied());
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_group_is_of_records_that_all_look_the_same() {
        let pairs = [(1, 2), (1, 3), (2, 3), (4, 5), (5, 6)].map(|(one, two)| (id(one), id(two)));
        assert_eq!(grouped(&pairs), [vec![id(1), id(2), id(3)], vec![id(4), id(5)]]);
    }

    #[test]
    fn more_than_there_is_room_for_come_up_afterwards() {
        let pairs: Vec<_> = (1..=8)
            .flat_map(|one| (one + 1..=8).map(move |two| (id(one), id(two))))
            .collect();
        let sizes: Vec<_> = grouped(&pairs).iter().map(Vec::len).collect();
        assert_eq!(sizes, [GROUP_MAX, 8 - GROUP_MAX]);
    }
}
