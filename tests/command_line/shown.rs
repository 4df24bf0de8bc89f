//! A terminal obeys nothing that somebody wrote into a record, and no such text makes a line of a list.

use rusqlite::Connection;

use crate::command::Colophon;

/// The number of the evil book.
const ISBN: &str = "9780306406157";

/// Clears the screen, rings, and continues in a line that looks like another record.
const TITLE: &str = "Evil\u{1b}[2J\u{9b}31m\u{7}\r\nGood\tbook";

/// What the program itself tells a terminal. Where no colours are wanted it takes out all that begins like them, also what is in a record; so
/// only with colours is seen what it lets through.
const OURS: [&str; 4] = ["\u{1b}[31m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];

fn with_evil_records() -> Colophon {
    let colophon = Colophon::new();
    colophon
        .run([
            "books", "add", "--title", "Plain", "--author", "Ann", "--notes", "one\ntwo", "--isbn", ISBN,
        ])
        .expect_code(0);
    // As another program may write it, or a server send it.
    let other = Connection::open(colophon.catalogue()).unwrap();
    other
        .execute("UPDATE book SET title=?, publisher=?", [TITLE, TITLE])
        .unwrap();
    other.execute("UPDATE author SET name=?", [TITLE]).unwrap();
    drop(other);
    colophon
}

#[test]
fn no_list_error_or_history_shows_what_a_terminal_obeys() {
    let colophon = with_evil_records();
    let obeyed = |letter: char| letter.is_control() && !['\n', '\t'].contains(&letter);
    for arguments in [
        "books list",
        "books list --json",
        "authors list",
        "authors list --json",
        "books show 9780306406157",
        "history",
        "history --json",
        "doctor",
        "doctor --json",
        "books edit 9780306406157 --notes N",
        "books add --title X --author Y --isbn \u{1b}[2J",
        "books show \u{1b}[2Jnothing",
        "export \u{1b}[2J",
        "books list --file \u{1b}[2J.sqlite",
        "import \u{1b}[2J.csv",
        "books delete 9780306406157",
    ] {
        let run = colophon.run(["--color", "always"].into_iter().chain(arguments.split(' ')));
        let shown = OURS
            .iter()
            .fold(run.stdout + &run.stderr, |shown, ours| shown.replace(ours, ""));
        assert!(!shown.contains(obeyed), "{arguments}: {shown:?}");
    }
}

#[test]
fn a_record_is_one_line_of_a_list() {
    let colophon = with_evil_records();
    for list in ["books list", "authors list"] {
        let run = colophon.run(list.split(' '));
        assert_eq!(run.stdout.lines().count(), 1, "{list}: {run:?}");
        let columns = run.stdout.matches('\t').count();
        colophon
            .run(["books", "add", "--title", "Second", "--author", "Second"])
            .says(&["Added"]);
        let second = colophon.run(list.split(' ')).stdout;
        let second = second.lines().find(|line| line.contains("Second")).unwrap();
        assert_eq!(second.matches('\t').count(), columns, "{list}");
        colophon
            .run(["authors", "delete", "Second", "--with-books"])
            .expect_code(0);
    }
}

#[test]
fn further_lines_of_a_field_stand_under_the_first() {
    let colophon = with_evil_records();
    let shown = colophon.run(["books", "show", ISBN]).stdout;
    assert!(shown.contains(" one\n                 two\n"), "{shown:?}");
}
