//! Lists of columns that follow from the declarations of fields, computed at compile time: what a
//! [`Table`](crate::schema::Table) says about itself.

use super::{Declared, FieldOptions};

/// How many fields are unique; for [`entity!`](crate::entity!), as are the three below.
#[doc(hidden)]
pub const fn count_unique(declared: &[Declared]) -> usize {
    count(declared, false)
}

/// How many fields are merged line by line.
#[doc(hidden)]
pub const fn count_merged_by_line(declared: &[Declared]) -> usize {
    count(declared, true)
}

/// The names of those that are unique. A program in which one of them cannot be empty does not compile: if two rows
/// were given the same value on two devices, one has to do without it until somebody decides.
#[doc(hidden)]
pub const fn unique<const N: usize>(declared: &[Declared]) -> [&'static str; N] {
    let mut place = 0;
    while place < declared.len() {
        let Declared { column, options, .. } = &declared[place];
        assert!(
            column.nullable || !options.is_unique,
            "a unique field is an Option: when two devices give the same value apart from each other, one row has to do without it until \
             somebody decides; say in `joined` that a person may not leave it empty"
        );
        place += 1;
    }
    names(declared, false)
}

/// The names of those that are merged line by line.
#[doc(hidden)]
pub const fn merged_by_line<const N: usize>(declared: &[Declared]) -> [&'static str; N] {
    names(declared, true)
}

const fn is_one(options: &FieldOptions, by_line: bool) -> bool {
    if by_line {
        options.is_merged_by_line
    } else {
        options.is_unique
    }
}

const fn count(declared: &[Declared], by_line: bool) -> usize {
    let (mut index, mut found) = (0, 0);
    while index < declared.len() {
        if is_one(&declared[index].options, by_line) {
            found += 1;
        }
        index += 1;
    }
    found
}

const fn names<const N: usize>(declared: &[Declared], by_line: bool) -> [&'static str; N] {
    let (mut index, mut found, mut names) = (0, 0, [""; N]);
    while index < declared.len() {
        if is_one(&declared[index].options, by_line) {
            names[found] = declared[index].column.name;
            found += 1;
        }
        index += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::declaration::FieldSql;
    use crate::schema::{Column, ColumnKind};

    fn unique_field(nullable: bool) -> Declared {
        Declared {
            column: Column {
                name: "sign",
                kind: ColumnKind::Text,
                nullable,
            },
            position: 1,
            doc: &[],
            options: FieldOptions::NONE.unique(),
            sql: FieldSql {
                folded: "",
                unfit: "",
                text_order: "",
                number_order: "",
            },
        }
    }

    #[test]
    fn a_unique_field_may_be_empty() {
        assert_eq!(unique(&[unique_field(true)]), ["sign"]);
    }

    #[test]
    #[should_panic(expected = "a unique field is an Option")]
    fn one_that_may_not_has_no_program() {
        let _ = unique::<1>(&[unique_field(false)]);
    }
}
