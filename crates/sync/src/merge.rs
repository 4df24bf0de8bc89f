//! Merging two rows by field.
//!
//! A pure function, like the [plan](mod@crate::plan) that calls for it. A field that only one side has changed is that side's. Where
//! both changed it, texts of several lines are merged by line; otherwise the later edit stands and the other value is
//! reported, so that it can be parked.

use colophon_store::schema::{Column, Table, Value};

use crate::plan::Values;

/// Three rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'r> {
    /// The table.
    pub table: &'static Table,
    /// As the server had it before both; `None` if nothing is known of that.
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
    /// Fields of which only one value could stand.
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

/// Merges. `mine_is_later` says of a field, by the position of its column, whether it was edited here after it was there.
pub fn merge(sides: Sides<'_>, mut mine_is_later: impl FnMut(usize) -> bool) -> Merged {
    let mut values = sides.theirs.to_vec();
    let mut clashes = Vec::new();
    let mut differs_from_theirs = false;
    for (position, column) in sides.table.columns.iter().enumerate() {
        if !is_content(column) {
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
            Decision::Both => match field.by_line(sides.table, column) {
                Some(text) => text,
                None => {
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
            },
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
    let columns = table.columns.iter().zip(one.iter().zip(other));
    columns
        .filter(|(column, _)| is_content(column))
        .all(|(_, (one, other))| one == other)
}

/// Whether a column holds what people say, and not when a row was made or changed.
pub fn is_content(column: &Column) -> bool {
    !matches!(column.name, "id" | "created_at" | "updated_at")
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
            // Without an end the last line would never be the same as one that another follows.
            Value::Text(text) => Some(format!("{text}\n")),
            _ => None,
        };
        let merged = diffy::merge(&text(self.base?)?, &text(self.mine)?, &text(self.theirs)?).ok()?;
        Some(Value::Text(merged.strip_suffix('\n').unwrap_or(&merged).to_owned()))
    }
}

/// A merged row was last changed when the later of the two was.
fn set_time(sides: Sides<'_>, values: &mut [Value]) {
    let Some(position) = sides.table.position("updated_at") else {
        return;
    };
    if let (Value::Integer(mine), Value::Integer(theirs)) = (&sides.mine[position], &sides.theirs[position]) {
        values[position] = Value::Integer(*mine.max(theirs));
    }
}
