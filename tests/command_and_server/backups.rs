//! `colophon restore` on a shared catalogue: the file goes on syncing, as a device of its own.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use serde_json::json;

use crate::SECRET;
use crate::program::Colophon;

fn done(device: &Colophon, arguments: &[&str]) -> anyhow::Result<()> {
    let run = device.run(arguments)?;
    ensure!(run.code == Some(0), "{arguments:?}: {run:?}");
    Ok(())
}

/// The title and the publisher of all books.
fn books(device: &Colophon) -> anyhow::Result<Vec<String>> {
    let list = device.run(&["books", "list", "--json"])?.json()?;
    let items = list["items"].as_array().into_iter().flatten();
    Ok(items
        .map(|book| format!("{} {}", book["title"], book["publisher"]))
        .collect())
}

on_each_release! {
    async fn a_file_that_was_gone_back_to_goes_on_syncing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let one = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        let other = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        for isbn in ["9780141439587", "9780306406157"] {
            done(&one, &["books", "add", "--title", isbn, "--author", "A", "--isbn", isbn])?;
        }
        done(&one, &["sync"])?;
        done(&one, &["backup"])?;
        // Sent after the backup was made; not sent; and written by a colleague.
        done(&one, &["books", "edit", "9780141439587", "--publisher", "Sent"])?;
        done(&one, &["sync"])?;
        done(&one, &["books", "edit", "9780306406157", "--publisher", "Not sent"])?;
        done(&other, &["init"])?;
        done(&other, &["sync"])?;
        done(&other, &["books", "add", "--title", "Theirs", "--author", "B"])?;
        done(&other, &["sync"])?;
        done(&one, &["restore", "1", "--yes"])?;
        done(&one, &["books", "add", "--title", "After it", "--author", "A"])?;
        for device in [&one, &other, &one] {
            done(device, &["sync"])?;
        }
        let now = books(&one)?;
        ensure!(now.len() == 4 && now == books(&other)?, "{now:?}");
        ensure!(now.iter().any(|book| book.contains("Sent") && !book.contains("Not")), "{now:?}");
        for device in [&one, &other] {
            let verified = device.run(&["sync", "verify", "--json"])?.json()?;
            ensure!(verified["healed"] == json!([]), "{verified}");
            ensure!(device.run(&["status", "--json"])?.json()?["conflicts"] == 0);
        }
        let devices = one.run(&["devices", "list", "--json"])?.json()?;
        ensure!(devices.as_array().is_some_and(|devices| devices.len() == 3), "{devices}");
        done(&one, &["doctor"])?;
    }

    async fn doctor_says_when_a_file_is_ahead_of_its_server_and_a_sync_puts_it_right(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let one = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        let other = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        for device in [&one, &other] {
            done(device, &["init"])?;
            done(device, &["sync"])?;
        }
        done(&one, &["books", "add", "--title", "Ours", "--author", "A"])?;
        done(&one, &["sync"])?;
        rusqlite::Connection::open(one.file())?.execute_batch("UPDATE device SET cursor=cursor+1000")?;
        let doctor = one.run(&["doctor"])?;
        ensure!(doctor.code == Some(9) && doctor.stdout.contains("the server is only at"), "{doctor:?}");

        done(&other, &["sync"])?;
        done(&other, &["books", "add", "--title", "Theirs", "--author", "B"])?;
        done(&other, &["sync"])?;
        done(&one, &["sync"])?;
        let now = books(&one)?;
        ensure!(now.len() == 2 && now == books(&other)?, "{now:?}");
        done(&one, &["doctor"])?;
    }
}
