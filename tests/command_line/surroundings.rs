//! What surrounds the command: files that happen to be in the folder, variables that belong to somebody else, names
//! that are not text.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use serde_json::Value as Json;

use crate::command::{Colophon, Run, run};

/// What `doctor` says about the settings.
fn settings_told(run: &Run) -> String {
    let answer: Json = serde_json::from_str(&run.stdout).unwrap();
    let findings = answer["findings"].as_array().unwrap().iter();
    let of_settings = findings.filter(|finding| finding["check"] == "settings");
    of_settings
        .map(|finding| finding["detail"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_file_that_happens_to_lie_in_the_folder_is_not_read() {
    let colophon = Colophon::with_catalogue();
    fs::create_dir(colophon.path(".env")).unwrap();
    colophon.run(["status"]).expect_code(0);
    fs::remove_dir(colophon.path(".env")).unwrap();
    for content in [
        "this is no setting\n",
        "POSTGRES_SERVER=evil.example.org\nPOSTGRES_USER=${HOME}\n",
    ] {
        colophon.file(".env", content);
        assert_eq!(colophon.json(["status"])["state"], "not_configured", "{content}");
        assert_eq!(settings_told(&colophon.run(["doctor", "--json"])), "");
    }
}

#[test]
fn a_file_that_is_named_is_read_as_it_stands() {
    let colophon = Colophon::new();
    colophon.file("library.env", "# ours\nexport COLOPHON_FILE='${HOME} $PATH.sqlite'\n");
    let nowhere = || {
        let mut command = colophon.command();
        command.env_remove("COLOPHON_FILE");
        command
    };
    run(nowhere().args(["init", "--env-file", "library.env"])).expect_code(0);
    assert!(colophon.path("${HOME} $PATH.sqlite").exists());
    run(nowhere().args(["status"]).env("COLOPHON_ENV_FILE", "library.env")).expect_code(0);
    run(nowhere().args(["status", "--env-file", "not-there.env"]))
        .expect_code(2)
        .says(&["not-there.env", "cannot be read"]);
    colophon.file("odd.env", "POSTGRES_USER=a\nsecret words\n");
    let odd = run(nowhere().args(["status", "--env-file", "odd.env"]));
    odd.expect_code(2).says(&["odd.env", "line 2"]);
    assert!(!odd.stderr.contains("secret words"), "{odd:?}");
}

#[test]
fn a_file_that_settings_name_is_the_same_from_every_folder() {
    let colophon = Colophon::new();
    for folder in [".config/colophon", "elsewhere"] {
        fs::create_dir_all(colophon.path(folder)).unwrap();
    }
    colophon.file(".config/colophon/settings.toml", "COLOPHON_FILE = \"ours.sqlite\"\n");
    for folder in ["", "elsewhere", ".config"] {
        let mut command = colophon.command();
        command.env_remove("COLOPHON_FILE").current_dir(colophon.path(folder));
        run(command.args(["authors", "add", "--name", "Ann"])).expect_code(0);
    }
    let there = colophon.path(".config/colophon/ours.sqlite");
    assert_eq!(
        colophon.json(["status", "--file", there.to_str().unwrap()])["authors"],
        3
    );
}

#[test]
fn a_password_is_for_the_server_of_its_own_layer_and_doctor_says_so() {
    let colophon = Colophon::with_catalogue();
    // A port on which nobody listens.
    colophon.file("library.env", "POSTGRES_SERVER=127.0.0.1\nPOSTGRES_PORT=1\n");
    let mut doctor = colophon.command();
    doctor
        .env("POSTGRES_PASSWORD", "swordfish")
        .args(["doctor", "--json", "--env-file", "library.env"]);
    let told = run(&mut doctor);
    let settings = settings_told(&told);
    for part in [
        "POSTGRES_SERVER from library.env",
        "POSTGRES_PORT from library.env",
        "POSTGRES_PASSWORD from the environment is not used, because library.env names the server",
    ] {
        assert!(settings.contains(part), "{settings}");
    }
    assert!(!format!("{told:?}").contains("swordfish"));
    doctor.env("POSTGRES_SERVER", "127.0.0.1").env("POSTGRES_PORT", "1");
    let settings = settings_told(&run(&mut doctor));
    assert!(
        settings.contains("POSTGRES_PASSWORD from the environment"),
        "{settings}"
    );
    assert!(
        !settings.contains("POSTGRES_PASSWORD from the environment is not used"),
        "{settings}"
    );
    // Nothing from the lower layer is added to the server of the upper one.
    assert!(
        settings.contains("POSTGRES_SERVER from the environment") && !settings.contains("library.env"),
        "{settings}"
    );
}

#[test]
fn a_port_from_below_is_not_added_to_a_server_and_a_password_from_below_is_not_for_another_port() {
    let colophon = Colophon::with_catalogue();
    colophon.file("below.env", "POSTGRES_PORT=2\nPOSTGRES_SSLMODE=disable\n");
    let mut doctor = colophon.command();
    doctor
        .env("POSTGRES_SERVER", "127.0.0.1")
        .env("POSTGRES_PASSWORD", "swordfish")
        .args(["doctor", "--json", "--env-file", "below.env"]);
    let told = run(&mut doctor);
    let settings = settings_told(&told);
    for part in [
        "POSTGRES_PORT from below.env is not used, because the environment names the server",
        "POSTGRES_SSLMODE from below.env is not used, because the environment names the server",
    ] {
        assert!(settings.contains(part), "{settings}");
    }
    assert!(told.stdout.contains("127.0.0.1:5432"), "{told:?}");

    colophon.file(
        "library.env",
        "POSTGRES_SERVER=127.0.0.1\nPOSTGRES_PASSWORD=swordfish\n",
    );
    let mut doctor = colophon.command();
    doctor
        .env("POSTGRES_PORT", "1")
        .args(["doctor", "--json", "--env-file", "library.env"]);
    let told = run(&mut doctor);
    let settings = settings_told(&told);
    let part = "POSTGRES_PASSWORD from library.env is not used, because POSTGRES_PORT is from another place";
    assert!(settings.contains(part), "{settings}");
    assert!(told.stdout.contains("127.0.0.1:1"), "{told:?}");
    assert!(!format!("{told:?}").contains("swordfish"));
}

/// A word with a byte that occurs in no text.
fn no_text(word: &str) -> OsString {
    let mut bytes = word.as_bytes().to_vec();
    bytes.push(0xff);
    OsString::from_vec(bytes)
}

#[test]
fn a_variable_that_is_no_text_is_somebody_elses() {
    let colophon = Colophon::with_catalogue();
    for name in ["SOME_VARIABLE", "PWD", "LANG", "TERM"] {
        run(colophon.command().env(name, no_text("x")).args(["status", "--json"])).expect_code(0);
    }
    let odd_name = no_text("NAME");
    run(colophon.command().env(odd_name, "x").args(["doctor"])).expect_code(0);
    run(colophon.command().env("POSTGRES_SERVER", no_text("x")).args(["sync"]))
        .expect_code(2)
        .says(&["POSTGRES_SERVER", "not text"]);
}

#[test]
fn folders_and_files_need_not_be_text() {
    let colophon = Colophon::new();
    let folder = colophon.path("").join(no_text("folder"));
    fs::create_dir(&folder).unwrap();
    let file = folder.join(no_text("catalogue"));
    colophon.file("two.csv", "title,author\nA,B\nC,D\n");
    let with = |arguments: &[&OsStr]| {
        let mut command = colophon.command();
        command.args(arguments).env("COLOPHON_FILE", &file).current_dir(&folder);
        run(&mut command)
    };
    for arguments in [
        "init",
        "import ../two.csv",
        "books list",
        "doctor",
        "migrate rollback",
        "migrate",
        "status --json",
    ] {
        let arguments: Vec<&OsStr> = arguments.split(' ').map(OsStr::new).collect();
        with(&arguments).expect_code(0);
    }
    let backups = fs::read_dir(&folder).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.as_bytes().windows(8).any(|part| part == b".backup-")
    });
    assert_eq!(backups.count(), 2, "the file is kept before each way");
    let target = folder.join(no_text("all"));
    with(&[
        "export".as_ref(),
        target.as_os_str(),
        "--format".as_ref(),
        "csv".as_ref(),
    ])
    .expect_code(0);
    assert!(target.exists());
    with(&["import".as_ref(), target.as_os_str()]).expect_code(0);
    with(&["books".as_ref(), "show".as_ref(), &no_text("A")]).expect_code(2);
    for variable in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        let mut command = colophon.command();
        command.env_remove("COLOPHON_FILE").env(variable, &folder);
        run(command.args(["init"])).expect_code(0);
    }
}
