use std::sync::Barrier;

use colophon_catalogue::Author;
use colophon_store::settings::{Layer, Sources};
use colophon_store::{PoolStatus, Query, Settings};
use colophon_tests::catalogue::Catalogue;

#[test]
fn the_pool_grows_under_load_and_shrinks_again() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 2;
        settings.max_overflow = 3;
    });
    let database = &catalogue.database;
    let all_reading = Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                database
                    .read_blocking(|s| {
                        s.repo::<Author>().count(&Query::all())?;
                        all_reading.wait();
                        all_reading.wait();
                        Ok(())
                    })
                    .unwrap();
            });
        }
        all_reading.wait();
        assert_eq!(database.pool_status(), Some(PoolStatus { idle: 0, busy: 5 }));
        all_reading.wait();
    });
    assert_eq!(database.pool_status(), Some(PoolStatus { idle: 2, busy: 0 }));
}

#[test]
fn a_panic_in_a_read_loses_no_reader() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 1;
        settings.max_overflow = 0;
    });
    for _ in 0..3 {
        let database = catalogue.database.clone();
        let panicked = std::thread::spawn(move || database.read_blocking::<()>(|_| panic!("on purpose"))).join();
        assert!(panicked.is_err());
    }
    assert_eq!(catalogue.database.pool_status(), Some(PoolStatus { idle: 1, busy: 0 }));
}

#[test]
fn settings_come_from_the_environment_then_a_named_file_then_the_settings_file_then_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let (named, file) = (folder.path().join("named"), folder.path().join("settings.toml"));
    std::fs::write(&named, "POOL_SIZE=7\n").unwrap();
    std::fs::write(&file, "POOL_SIZE = 5\nMAX_OVERFLOW = 6\n").unwrap();
    let sources = Sources::load(Some(&named), Some(&file)).unwrap();
    let settings = Settings::from_sources("catalogue.sqlite", &sources).unwrap();
    assert_eq!((settings.pool_size, settings.max_overflow), (7, 6));
    let sources = Sources::of([("POOL_SIZE", "0")]);
    let refused = Settings::from_sources("catalogue.sqlite", &sources).unwrap_err();
    assert_eq!(refused.to_string(), "the setting POOL_SIZE must be between 1 and 256");
    let secret = Sources::of([("POSTGRES_PASSWORD", "hunter2")]);
    assert!(!format!("{secret:?}").contains("hunter2"));
    let missing = folder.path().join("not-there");
    assert!(
        Sources::load(Some(&missing), Some(&file)).is_err(),
        "what is named has to be there"
    );
}

#[test]
fn a_path_in_a_file_is_meant_from_where_the_file_lies() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("named"), "A_FILE=below/one\nANOTHER=/elsewhere/one\n").unwrap();
    std::fs::write(at("settings.toml"), "A_FOLDER = \"../two\"\nA_FILE = \"three\"\n").unwrap();
    let sources = Sources::load(Some(&at("named")), Some(&at("settings.toml"))).unwrap();
    assert_eq!(sources.path("A_FILE"), Some(at("below/one")));
    assert_eq!(sources.path("ANOTHER"), Some("/elsewhere/one".into()));
    assert_eq!(sources.path("A_FOLDER"), Some(at("../two")));
    assert_eq!(sources.path("NOTHING"), None);
    let said = Sources::of([("A_FILE", "one")]);
    assert_eq!(said.path("A_FILE"), Some("one".into()), "from where one is");
}

#[test]
fn what_belongs_together_is_not_put_together_of_two_layers() {
    let folder = tempfile::tempdir().unwrap();
    let (named, file) = (folder.path().join("named"), folder.path().join("settings.toml"));
    std::fs::write(&named, "A_SERVER=theirs\nA_USER=${HOME}\n").unwrap();
    std::fs::write(&file, "A_SERVER = \"ours\"\nA_PASSWORD = \"of ours\"\n").unwrap();
    let sources = Sources::load(Some(&named), Some(&file)).unwrap();
    assert_eq!(sources.get("A_SERVER"), Ok(Some("theirs")));
    assert_eq!(sources.get("A_USER"), Ok(Some("${HOME}")));
    assert_eq!(sources.get_beside("A_PASSWORD", "A_SERVER"), Ok(None));
    assert_eq!(sources.decides("A_SERVER"), Some(Layer::EnvFile(named.clone())));
    std::fs::write(&named, "A_PASSWORD=of theirs\n").unwrap();
    let sources = Sources::load(Some(&named), Some(&file)).unwrap();
    assert_eq!(sources.get_beside("A_PASSWORD", "A_SERVER"), Ok(Some("of ours")));
    let nowhere = sources.get_beside("A_PASSWORD", "B_SERVER");
    assert_eq!(nowhere, Ok(None));
}
