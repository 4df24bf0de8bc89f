//! What can be told from an error that the server reports, whatever language it speaks: by its code and by the routine
//! that reports it.

use tokio_postgres::error::{DbError, SqlState};

/// The server's names for the places from which it reports that one row may not be written, though the login may write
/// others: a policy, or a trigger of the customer's that raises this code. They are names in its sources, the same in
/// every language.
const ROUTINES_ABOUT_A_ROW: [&str; 2] = ["ExecWithCheckOptions", "exec_stmt_raise"];

/// Whether another row could have passed: a value, a constraint, a policy, or a trigger of the customer's refused. The
/// server's words are in its own language, so they tell nothing.
pub(super) fn is_about_a_row(error: &DbError) -> bool {
    let code = error.code();
    match &code.code()[..2] {
        "22" | "23" | "44" | "54" | "P0" => true,
        "42" => {
            let said_by = error.routine().unwrap_or_default();
            *code == SqlState::INSUFFICIENT_PRIVILEGE && ROUTINES_ABOUT_A_ROW.contains(&said_by)
        }
        _ => false,
    }
}

/// Its words, with the detail if that says more.
pub(super) fn words_of(error: &DbError) -> String {
    // For a rule that a row breaks by itself, the detail repeats the row, which is known here and would only be long.
    let repeats_the_row = [SqlState::CHECK_VIOLATION, SqlState::NOT_NULL_VIOLATION].contains(error.code());
    match error.detail() {
        Some(detail) if !repeats_the_row => format!("{}: {detail}", error.message()),
        _ => error.message().to_owned(),
    }
}
