//! Merging two rows field by field.
//!
//! A pure function, like the [plan](mod@crate::plan) that calls for it. A field that only one side has changed keeps
//! that side's value. If both changed it, texts of several lines are merged line by line; otherwise the later edit
//! stands and the other value is reported, so that it can be parked.

use colophon_store::schema::{Column, Table, Value};

use crate::plan::Values;

/// Three rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'r> {
    /// The table.
    pub table: &'static Table,
    /// As the server had it before both; `None` if nothing is known about that.
    pub base: Option<&'r Values>,
    /// As it is here.
    pub mine: &'r Values,
    /// As it is there.
    pub theirs: &'r Values,
}

/// A merged row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// All values.
    pub values: Vec<Value>,
    /// Whether they differ from the server's, so that the row still waits.
    pub differs_from_theirs: bool,
    /// Fields in which only one value could stand.
    pub clashes: Vec<Clash>,
}

/// A field that both sides have set to different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    /// The position of its column.
    pub column: usize,
    /// Whether the value from here stands.
    pub mine_stands: bool,
}

/// Merges. `mine_is_later` says for a field, by the position of its column, whether it was edited here later than
/// there.
pub fn merge(sides: Sides<'_>, mut mine_is_later: impl FnMut(usize) -> bool) -> Merged {
    let mut values = sides.theirs.to_vec();
    let mut clashes = Vec::new();
    let mut differs_from_theirs = false;
    for (position, column) in sides.table.columns.iter().enumerate() {
        if !column.is_content() {
            continue;
        }
        let field = Field {
            base: sides.base.map(|base| &base[position]),
            mine: &sides.mine[position],
            theirs: &sides.theirs[position],
        };
        let merged = match field.decide() {
            Decision::Theirs => continue,
            Decision::Mine => field.mine.clone(),
            Decision::Both => {
                if let Some(text) = field.by_line(sides.table, column) {
                    text
                } else {
                    let mine_stands = mine_is_later(position);
                    clashes.push(Clash {
                        column: position,
                        mine_stands,
                    });
                    if !mine_stands {
                        continue;
                    }
                    field.mine.clone()
                }
            }
        };
        differs_from_theirs |= merged != *field.theirs;
        values[position] = merged;
    }
    if differs_from_theirs {
        set_time(sides, &mut values);
    }
    Merged {
        values,
        differs_from_theirs,
        clashes,
    }
}

/// Whether two rows of a table say the same: everything but the times, which follow.
pub fn say_the_same(table: &Table, one: &Values, other: &Values) -> bool {
    differing(table, Some(one), other).next().is_none()
}

/// The fields, by their positions, in which a row says something other than another one does; all of them if there is
/// no other.
pub(crate) fn differing(table: &Table, base: Option<&[Value]>, row: &[Value]) -> impl Iterator<Item = usize> {
    let columns = table.columns.iter().enumerate();
    let differs = move |at: &usize| base.is_none_or(|base| base[*at] != row[*at]);
    columns
        .filter(|(_, column)| column.is_content())
        .map(|(at, _)| at)
        .filter(differs)
}

struct Field<'r> {
    base: Option<&'r Value>,
    mine: &'r Value,
    theirs: &'r Value,
}

enum Decision {
    Mine,
    Theirs,
    Both,
}

impl Field<'_> {
    fn decide(&self) -> Decision {
        let Some(base) = self.base else {
            return if self.mine == self.theirs {
                Decision::Theirs
            } else {
                Decision::Both
            };
        };
        if self.mine == self.theirs || self.mine == base {
            Decision::Theirs
        } else if self.theirs == base {
            Decision::Mine
        } else {
            Decision::Both
        }
    }

    /// Both versions of a text of several lines in one, if they changed different lines.
    fn by_line(&self, table: &Table, column: &Column) -> Option<Value> {
        if !table.merged_by_line.contains(&column.name) {
            return None;
        }
        let text = |value: &Value| match value {
            // Without a line ending, the last line would never equal one that is followed by another.
            Value::Text(text) => Some(format!("{text}\n")),
            _ => None,
        };
        let merged = diffy::merge(&text(self.base?)?, &text(self.mine)?, &text(self.theirs)?).ok()?;
        Some(Value::Text(merged.strip_suffix('\n').unwrap_or(&merged).to_owned()))
    }
}

/// The time of a merged row's last change is the later of the two.
fn set_time(sides: Sides<'_>, values: &mut [Value]) {
    let Some(position) = sides.table.position("updated_at") else {
        return;
    };
    if let (Value::Integer(mine), Value::Integer(theirs)) = (&sides.mine[position], &sides.theirs[position]) {
        values[position] = Value::Integer(*mine.max(theirs));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use colophon_store::schema::ColumnKind;
    use proptest::prelude::*;

    use super::*;

    const fn column(name: &'static str, kind: ColumnKind) -> Column {
        Column {
            name,
            kind,
            nullable: true,
        }
    }

    static TABLE: Table = Table {
        name: "t",
        columns: &[
            column("id", ColumnKind::Id),
            column("one", ColumnKind::Text),
            column("two", ColumnKind::Integer),
            column("notes", ColumnKind::Text),
            column("created_at", ColumnKind::Timestamp),
            column("updated_at", ColumnKind::Timestamp),
        ],
        unique: &[],
        merged_by_line: &["notes"],
    };

    fn row(one: u8, two: u8, notes: &str, updated_at: i64) -> Vec<Value> {
        vec![
            Value::Uuid(uuid::Uuid::nil()),
            Value::Text(one.to_string()),
            Value::Integer(i64::from(two)),
            Value::Text(notes.to_owned()),
            Value::Integer(1),
            Value::Integer(updated_at),
        ]
    }

    fn merged(base: Option<&Values>, mine: &Values, theirs: &Values, mine_is_later: bool) -> Merged {
        let sides = Sides {
            table: &TABLE,
            base,
            mine,
            theirs,
        };
        merge(sides, |_| mine_is_later)
    }

    /// Every combination of two fields with three values each on three sides, with and without a known base.
    #[test]
    fn a_field_is_whose_it_is_and_a_value_that_cannot_stand_is_reported() {
        let rows: Vec<_> = (0..9).map(|number| row(number / 3, number % 3, "", 0)).collect();
        for base in rows.iter().map(Some).chain([None]) {
            for mine in &rows {
                for theirs in &rows {
                    for later in [true, false] {
                        let base = base.map(Vec::as_slice);
                        check_each_field(base, mine, theirs, &merged(base, mine, theirs, later), later);
                    }
                }
            }
        }
    }

    fn check_each_field(base: Option<&Values>, mine: &Values, theirs: &Values, merged: &Merged, later: bool) {
        for column in [1, 2] {
            let (mine, theirs, result) = (&mine[column], &theirs[column], &merged.values[column]);
            let base = base.map(|base| &base[column]);
            let clash = merged.clashes.iter().find(|clash| clash.column == column);
            let (by_me, by_them) = (base != Some(mine), base != Some(theirs));
            let expected = match (by_me, by_them) {
                (true, true) if mine != theirs => {
                    if later {
                        mine
                    } else {
                        theirs
                    }
                }
                (true, false) => mine,
                _ => theirs,
            };
            assert_eq!(result, expected, "{base:?} {mine:?} {theirs:?}");
            assert_eq!(clash.is_some(), by_me && by_them && mine != theirs);
            assert!(clash.is_none_or(|clash| clash.mine_stands == later));
        }
        assert_eq!(
            merged.differs_from_theirs,
            !say_the_same(&TABLE, &merged.values, theirs)
        );
    }

    #[test]
    fn notes_are_merged_by_line_and_parked_only_where_the_same_line_was_changed() {
        let base = row(0, 0, "one\ntwo\nthree", 0);
        let mine = row(0, 0, "ONE\ntwo\nthree", 5);
        let theirs = row(0, 0, "one\ntwo\nTHREE", 3);
        let both = merged(Some(&base), &mine, &theirs, false);
        assert_eq!(both.values, row(0, 0, "ONE\ntwo\nTHREE", 5));
        assert!(both.differs_from_theirs && both.clashes.is_empty());
        let theirs = row(0, 0, "EINS\ntwo\nthree", 3);
        let one = merged(Some(&base), &mine, &theirs, true);
        assert_eq!(one.values, row(0, 0, "ONE\ntwo\nthree", 5));
        assert_eq!(
            one.clashes,
            [Clash {
                column: 3,
                mine_stands: true
            }]
        );
    }

    #[test]
    fn a_row_that_only_its_time_tells_apart_is_the_servers() {
        let (mine, theirs) = (row(1, 1, "n", 9), row(1, 1, "n", 2));
        let same = merged(Some(&row(0, 0, "", 0)), &mine, &theirs, true);
        assert_eq!((same.values, same.differs_from_theirs), (theirs, false));
    }

    proptest! {
        #[test]
        fn changes_of_different_lines_all_arrive(lines in prop::collection::vec("[a-z]{1,5}", 5..12), mine in 0usize..2, theirs in 3usize..5) {
            let text = |change: Option<(usize, &str)>| {
                let mut lines = lines.clone();
                if let Some((at, line)) = change { line.clone_into(&mut lines[at]); }
                lines.join("\n")
            };
            let both = merged(
                Some(&row(0, 0, &text(None), 0)),
                &row(0, 0, &text(Some((mine, "MINE"))), 1),
                &row(0, 0, &text(Some((theirs, "THEIRS"))), 1),
                true,
            );
            let mut expected = lines.clone();
            "MINE".clone_into(&mut expected[mine]);
            "THEIRS".clone_into(&mut expected[theirs]);
            // If lines repeat, which of them was changed can be interpreted in two ways: then the value that does not
            // stand is a clash.
            let are_distinct = lines.iter().collect::<HashSet<_>>().len() == lines.len();
            if are_distinct || both.clashes.is_empty() {
                prop_assert_eq!(&both.values[3], &Value::Text(expected.join("\n")));
            } else {
                prop_assert_eq!(both.clashes, [Clash { column: 3, mine_stands: true }]);
            }
        }
    }
}
