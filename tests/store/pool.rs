use std::sync::Barrier;

use colophon_catalogue::Author;
use colophon_store::{PoolStatus, Query, Settings, settings::Sources};
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
fn settings_come_from_the_environment_then_dotenv_then_the_file_then_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let (dotenv, file) = (folder.path().join(".env"), folder.path().join("settings.toml"));
    std::fs::write(&dotenv, "POOL_SIZE=7\n").unwrap();
    std::fs::write(&file, "POOL_SIZE = 5\nMAX_OVERFLOW = 6\n").unwrap();
    let sources = Sources::load(Some(&dotenv), Some(&file)).unwrap();
    let settings = Settings::from_sources("catalogue.sqlite", &sources).unwrap();
    assert_eq!((settings.pool_size, settings.max_overflow), (7, 6));
    let sources = Sources::of([("POOL_SIZE", "0")]);
    let refused = Settings::from_sources("catalogue.sqlite", &sources).unwrap_err();
    assert_eq!(refused.to_string(), "the setting POOL_SIZE must be between 1 and 256");
    let secret = Sources::of([("POSTGRES_PASSWORD", "hunter2")]);
    assert!(!format!("{secret:?}").contains("hunter2"));
}
