//! What a room of the workspace may say: the invariants that a dependency cannot express.

use anyhow::{Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

/// The words of our field, which the generic half of the database must not know.
const FIELD_WORDS: [&str; 8] = [
    "author",
    "authors",
    "book",
    "books",
    "contribution",
    "contributions",
    "contributor",
    "isbn",
];

/// What begins or ends a transaction of SQLite, in the form it has in code. A trigger's own `BEGIN … END` is something
/// else, so a bare word is looked for only as a whole string.
const TRANSACTION_SIGNS: [&str; 12] = [
    "\"BEGIN\"",
    "\"COMMIT\"",
    "\"ROLLBACK\"",
    "BEGIN DEFERRED",
    "BEGIN IMMEDIATE",
    "BEGIN EXCLUSIVE",
    "SAVEPOINT ",
    "TransactionBehavior",
    ".unchecked_transaction(",
    ".savepoint(",
    ".transaction_with_behavior(",
    ".transaction()",
];

/// The person of our examples, who has a home but no machine.
const EXAMPLE_HOME: &str = concat!("/ho", "me/ada");

/// The one place of each database that begins and ends transactions.
const TRANSACTION_FILES: [&str; 2] = ["crates/store/src/file/transaction.rs", "crates/sync/src/central"];

/// The only place that knows the words of a library, which has no other way to tell its own errors apart. A test checks
/// that they are still the library's.
const LIBRARY_WORDS: &str = "crates/sync/src/central/reasons.rs";

/// Paths on somebody's own machine, each split in two so that this file passes its own rule.
const MACHINE_PATHS: [(&str, &str); 4] = [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/")];

#[test]
fn the_store_names_no_entity() -> Result<()> {
    unbroken(
        tree::sources_ending("crates/store/src", &["rs"])?
            .iter()
            .flat_map(field_words),
    );
    Ok(())
}

#[test]
fn the_store_tells_people_of_no_application() -> Result<()> {
    let store = tree::sources_ending("crates/store/src", &["rs"])?;
    unbroken(store.iter().flat_map(naming_our_application));
    Ok(())
}

#[test]
fn only_the_central_room_talks_to_the_server() -> Result<()> {
    unbroken(rust_of_the_program()?.iter().flat_map(server_named_outside_central));
    Ok(())
}

#[test]
fn transactions_begin_and_end_in_one_place() -> Result<()> {
    let sources = rust_of_the_program()?;
    ensure!(
        sources
            .iter()
            .any(|source| is_in(source, TRANSACTION_FILES[0]) && !transaction_signs(source).is_empty()),
        "no transaction begins in {}: the rule looks in the wrong place",
        TRANSACTION_FILES[0]
    );
    let elsewhere = sources
        .iter()
        .filter(|source| !TRANSACTION_FILES.iter().any(|path| is_in(source, path)));
    unbroken(elsewhere.flat_map(transaction_signs));
    Ok(())
}

#[test]
fn the_planner_touches_no_database_and_no_network() -> Result<()> {
    let planner: Vec<_> = tree::sources_ending("crates/sync/src", &["rs"])?
        .into_iter()
        .filter(is_planner)
        .collect();
    ensure!(
        !planner.is_empty(),
        "crates/sync/src has no plan.rs or plan/: the rule looks in the wrong place"
    );
    unbroken(planner.iter().flat_map(input_and_output));
    Ok(())
}

#[test]
fn no_words_of_the_server_are_compared() -> Result<()> {
    let sources = tree::sources_ending("crates/sync/src", &["rs"])?;
    unbroken(sources.iter().flat_map(compared_words));
    Ok(())
}

#[test]
fn no_file_holds_a_path_of_somebodys_machine() -> Result<()> {
    unbroken(tree::sources_below("")?.iter().flat_map(machine_paths));
    Ok(())
}

#[test]
fn npm_packages_come_from_the_public_registry() -> Result<()> {
    let locks: Vec<_> = tree::sources_below("")?
        .into_iter()
        .filter(|source| source.file_name() == "package-lock.json")
        .collect();
    ensure!(
        !locks.is_empty(),
        "there is no package-lock.json: the rule looks in the wrong place"
    );
    unbroken(locks.iter().flat_map(other_registries));
    Ok(())
}

#[test]
fn the_rules_see_a_source_that_breaks_them() {
    let store = |text| Source::imagined("crates/store/src/session.rs", text);
    assert_eq!(field_words(&store("fn find_author() {}")).len(), 1);
    assert_eq!(field_words(&store("struct BookRow;")).len(), 1);
    assert_eq!(
        field_words(&store("// for instance `book`\nlet bookkeeping = 1;")),
        Vec::<String>::new()
    );

    let push = |text| Source::imagined("crates/sync/src/push.rs", text);
    assert_eq!(
        server_named_outside_central(&push("use tokio_postgres::Client;")).len(),
        1
    );
    let central = Source::imagined("crates/sync/src/central/rows.rs", "use tokio_postgres::Client;");
    assert_eq!(server_named_outside_central(&central), Vec::<String>::new());

    assert_eq!(transaction_signs(&push("connection.execute(\"BEGIN\", [])?;")).len(), 1);
    assert_eq!(transaction_signs(&push("let tx = connection.transaction()?;")).len(), 1);
    assert_eq!(
        transaction_signs(&push("AFTER UPDATE ON t BEGIN UPDATE u SET v = 1; END")),
        Vec::<String>::new()
    );

    let plan = Source::imagined("crates/sync/src/plan/merge.rs", "use rusqlite::Connection;");
    assert!(is_planner(&plan) && input_and_output(&plan).len() == 1);

    let error = |text| Source::imagined("crates/sync/src/central/error.rs", text);
    for compared in [
        "error.message().contains(\"row-level security\")",
        "detail.filter(|detail| !detail.starts_with(\"Failing row\"))",
        "let words = error.to_string(); if words.contains(\"TLS\") {}",
        "if error\n    .message()\n    .ends_with(\"denied\") {}",
        "if error.message() == \"denied\" {}",
    ] {
        assert_eq!(compared_words(&error(compared)).len(), 1, "{compared}");
    }
    for fine in [
        "format!(\"{}: {detail}\", error.message())",
        "matches!(error.routine(), Some(\"ExecWithCheckOptions\"))",
        "let list = ids.iter(); if list.contains(&id) {}",
        "fn it_says_so() {}\n#[cfg(test)]\nmod tests { assert!(error.to_string().contains(\"x\")); }",
    ] {
        assert_eq!(compared_words(&error(fine)), Vec::<String>::new(), "{fine}");
    }

    let lost = format!("cd {}{}", "/ho", "me/somebody/colophon");
    assert_eq!(machine_paths(&push(&lost)).len(), 1);
    assert_eq!(machine_paths(&push("cd /home/ada/books")), Vec::<String>::new());
    assert_eq!(
        machine_paths(&push("https://example.org/homework/")),
        Vec::<String>::new()
    );

    let lock = Source::imagined(
        "ui/package-lock.json",
        "      \"resolved\": \"http://mirror.example/x.tgz\",",
    );
    assert_eq!(other_registries(&lock).len(), 1);
}

/// The Rust sources that become part of the programs.
fn rust_of_the_program() -> Result<Vec<Source>> {
    let mut sources = tree::sources_ending("src-tauri", &["rs"])?;
    for source in tree::sources_ending("crates", &["rs"])? {
        if source.path.contains("/src/") {
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Whether a source is this file, or lies in the folder of this name.
fn is_in(source: &Source, path: &str) -> bool {
    source.path == path || source.path == format!("{path}.rs") || source.path.starts_with(&format!("{path}/"))
}

/// Where a line of code contains a text that it should not, as `path:line: why`.
fn lines_with(source: &Source, why: &str, found: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = source.code_lines().enumerate();
    numbered
        .filter(|(_, line)| found(line))
        .map(|(at, _)| format!("{}:{}: {why}", source.path, at + 1))
        .collect()
}

fn field_words(source: &Source) -> Vec<String> {
    lines_with(
        source,
        "the store names something of our field; it belongs to the catalogue",
        |line| words(line).iter().any(|word| FIELD_WORDS.contains(&word.as_str())),
    )
}

/// The words of a line: `find_author`, `AuthorRow` and `"author"` all have the word `author`.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in line.chars() {
        let hump = letter.is_uppercase() && before.is_lowercase();
        if hump || !letter.is_alphabetic() {
            words.push(String::new());
        }
        if letter.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words
}

/// Texts of the store that name us or one of our commands: somebody else's application shows them to its people.
fn naming_our_application(source: &Source) -> Vec<String> {
    let texts = source.code_lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    let ours = |text: &&str| text.contains("Colophon ") || text.contains("colophon ");
    texts
        .filter(ours)
        .map(|text| format!("{} says “{text}”: the application words what is its own", source.path))
        .collect()
}

fn server_named_outside_central(source: &Source) -> Vec<String> {
    if is_in(source, TRANSACTION_FILES[1]) {
        return Vec::new();
    }
    lines_with(source, "only crates/sync/src/central may name tokio_postgres", |line| {
        line.contains("tokio_postgres")
    })
}

fn transaction_signs(source: &Source) -> Vec<String> {
    lines_with(
        source,
        "transactions begin and end in crates/store/src/file/transaction.rs alone",
        |line| TRANSACTION_SIGNS.iter().any(|sign| line.contains(sign)),
    )
}

/// Where the words of an error are compared with others: a server says things in its own language.
fn compared_words(source: &Source) -> Vec<String> {
    if LIBRARY_WORDS == source.path || source.file_name() == "tests.rs" {
        return Vec::new();
    }
    let code: String = source.code_lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let program = code.split("#[cfg(test)]").next().unwrap_or_default();
    // A chain of calls counts as one line, however it is broken.
    let program = program.replace("\n.", ".");
    let says = [
        "message()",
        "detail()",
        "hint()",
        "detail.",
        "words.",
        "reason.",
        "to_string().",
    ];
    let compares = [
        ".contains(\"",
        ".starts_with(\"",
        ".ends_with(\"",
        ".find(\"",
        " == \"",
        " != \"",
    ];
    let compares_words = |line: &&str| {
        let compares_words = compares.iter().any(|sign| line.contains(sign));
        compares_words && says.iter().any(|sign| line.contains(sign))
    };
    let lines = program.lines().filter(compares_words);
    lines
        .map(|line| {
            format!(
                "{}: words of an error are compared; look at its code or its routine: {line}",
                source.path
            )
        })
        .collect()
}

fn is_planner(source: &Source) -> bool {
    is_in(source, "crates/sync/src/plan")
}

fn input_and_output(source: &Source) -> Vec<String> {
    let doors = [
        "rusqlite",
        "tokio",
        "std::fs",
        "std::net",
        "Database",
        "Timestamp::now",
        "Instant::now",
    ];
    lines_with(
        source,
        "the planner decides from its arguments and touches nothing else",
        |line| doors.iter().any(|door| line.contains(door)),
    )
}

fn machine_paths(source: &Source) -> Vec<String> {
    let starts: Vec<String> = MACHINE_PATHS
        .iter()
        .map(|(one, other)| format!("{one}{other}"))
        .collect();
    let holds = |line: &str| {
        let line = line.replace(EXAMPLE_HOME, "");
        starts.iter().any(|start| {
            // Part of an address or of a longer path is not a path of a machine.
            let starts_here =
                |at: usize| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '.');
            line.match_indices(start.as_str()).any(|(at, _)| starts_here(at))
        })
    };
    let numbered = source.text.lines().enumerate();
    let found = numbered.filter(|(_, line)| holds(line));
    found
        .map(|(at, _)| format!("{}:{}: a path of somebody's machine", source.path, at + 1))
        .collect()
}

fn other_registries(source: &Source) -> Vec<String> {
    lines_of_resolution(&source.text)
        .filter(|line| !line.contains("\"https://registry.npmjs.org/"))
        .map(|line| format!("{}: not from the public registry: {line}", source.path))
        .collect()
}

fn lines_of_resolution(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with("\"resolved\":"))
}
