//! What a server reports in another language.

use super::*;
use crate::central::reasons::tests::error_after;

/// What a German-speaking server reports.
async fn reported(code: &str, words: &str, detail: &str, routine: &str) -> Error {
    let mut fields = Vec::new();
    for (name, value) in [
        ('S', "FEHLER"),
        ('V', "ERROR"),
        ('C', code),
        ('M', words),
        ('D', detail),
        ('R', routine),
    ] {
        fields.extend(format!("{name}{value}\0").into_bytes());
    }
    fields.push(0);
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    let message = [b"E".as_slice(), length.as_slice(), fields.as_slice()].concat();
    let error = error_after(message.leak(), None, false).await;
    let peer = Peer {
        server: "a server".to_owned(),
        user: "ann".to_owned(),
        database: "d".to_owned(),
        schema: "colophon".to_owned(),
        statement_seconds: 60,
    };
    peer.while_doing("pushing", &error)
}

#[tokio::test]
async fn a_row_that_a_policy_denies_is_told_from_a_missing_right_in_every_language() {
    let words = "neue Zeile verletzt Sicherheitsrichtlinie auf Zeilenebene für Tabelle „author“";
    let denied = reported("42501", words, "", "ExecWithCheckOptions").await;
    assert_eq!(denied.code(), "refused", "{denied}");
    let by_a_trigger = reported("42501", "hier nicht", "", "exec_stmt_raise").await;
    assert_eq!(by_a_trigger.code(), "refused", "{by_a_trigger}");
    // Words that would have been mistaken for it.
    let missing = reported("42501", "row-level security", "", "aclcheck_error").await;
    assert_eq!(missing.code(), "not_allowed", "{missing}");
}

#[tokio::test]
async fn the_row_itself_is_not_repeated_in_any_language() {
    let row = "Fehlgeschlagene Zeile enthält (xxx)";
    for code in ["23514", "23502"] {
        let refused = reported(code, "verletzt eine Bedingung", row, "ExecConstraints").await;
        assert!(!refused.to_string().contains("xxx"), "{refused}");
    }
    let held = reported("23505", "doppelter Schlüsselwert", "(isbn)=(1)", "_bt_check_unique").await;
    assert!(held.to_string().contains("(isbn)=(1)"), "{held}");
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_read_only_and_nothing_else() {
    let error = reported("25006", "nur lesend", "", "PreventCommandIfReadOnly").await;
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
}
