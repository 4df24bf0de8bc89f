//! A column that was half fetched: a program is upgraded, fetches what there was no room for, and is stopped in the
//! middle. People go on meanwhile, here and elsewhere, with records whose part has arrived and with others.

use std::process::Command;

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Book, BookId};
use colophon_store::EntityId as _;
use colophon_sync::central::CentralSettings;
use colophon_tests::binary::{binary, environment};
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Fault, PASSWORD, Proxy};
use uuid::Uuid;

/// More than fit in one part, and fewer than in two.
const BOOKS: u128 = 6_000;

on_each_release! {
    async fn what_a_connection_cut_in_the_middle_has_left_half_fetched_is_fetched_to_its_end(cluster: &Cluster) {
        let mut half = Half::begun(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let through = CentralSettings { port: proxy.port(), ..half.catalogue.settings() };
        half.device.upgrade(Program::this()?)?;
        half.says_something_new().await?;
        // The words with which the second part is asked for.
        proxy.hold("AND id > '");
        let mut exchange = half.device.exchange(through);
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        proxy.held().await?;
        half.people_go_on().await?;
        proxy.set_fault(Fault::Refuse);
        proxy.let_go();
        ensure!(round.await?.is_err(), "the connection was not cut");
        half.comes_to_its_end().await?;
    }

    async fn what_a_program_killed_in_the_middle_has_left_half_fetched_is_fetched_to_its_end(cluster: &Cluster) {
        let mut half = Half::begun(cluster).await?;
        half.device.upgrade(Program::this()?)?;
        half.says_something_new().await?;
        let file = half.device.local.file();
        let mut program = Command::new(binary()?);
        program
            .arg("sync")
            .env_clear()
            .env("HOME", file.parent().context("a file is in a folder")?)
            .env("COLOPHON_FILE", &file)
            .env("POSTGRES_PASSWORD", PASSWORD)
            .envs(environment(&half.catalogue.settings()))
            .env("COLOPHON_DIE_AT", "versions: a part is here");
        let ended = colophon_tests::ending::output(&mut program)?;
        ensure!(ended.status.code().is_none(), "it was not killed: {ended:?}");
        half.people_go_on().await?;
        half.comes_to_its_end().await?;
    }
}

/// A device whose program knew nothing of shelf marks until now, and a colleague whose program did.
struct Half<'c> {
    catalogue: CentralCatalogue<'c>,
    device: Device,
    colleague: Device,
}

impl<'c> Half<'c> {
    /// All books are everywhere, and their marks are on the server and with the colleague. What was edited and deleted
    /// here waits.
    async fn begun(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::of("a laptop", Program::before()?);
        let colleague = Device::named("a colleague");
        catalogue.psql()?.run(&format!(
            "INSERT INTO author (name, sort_name) VALUES ('Homer', 'Homer');
             INSERT INTO book (id, author_id, title, shelf_mark)
               SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, author.id, 'Book ' || n, 'R ' || n
                 FROM author, generate_series(1, {BOOKS}) AS n"
        ))?;
        for device in [&device, &colleague] {
            device.rest(catalogue.settings()).await?;
        }
        for place in [1, BOOKS] {
            device.retitle(book(place), "before").await?;
        }
        for place in [2, BOOKS - 1] {
            device.delete_book(book(place)).await?;
        }
        Ok(Self {
            catalogue,
            device,
            colleague,
        })
    }

    async fn says_something_new(&self) -> anyhow::Result<()> {
        for place in [3, BOOKS - 2] {
            self.marks(&self.device, place, Some("ours")).await?;
        }
        Ok(())
    }

    /// One part has arrived and another has not.
    async fn people_go_on(&self) -> anyhow::Result<()> {
        let Self {
            catalogue,
            device,
            colleague,
        } = self;
        let file = device.local.other_program();
        let come: u128 = file
            .query_row("SELECT count(*) FROM book WHERE shelf_mark IS NOT NULL", [], |row| {
                row.get::<_, u32>(0)
            })?
            .into();
        ensure!(
            (BOOKS / 2..BOOKS - 100).contains(&come),
            "{come} have come: not the middle"
        );
        for place in [4, BOOKS - 3] {
            self.marks(device, place, Some("ours, since")).await?;
        }
        for place in [5, BOOKS - 4] {
            self.marks(colleague, place, Some("theirs, since")).await?;
        }
        // What has arrived is taken away again; of the others nothing is known that could be.
        self.marks(device, 6, None).await?;
        for place in [7, BOOKS - 5] {
            device.delete_book(book(place)).await?;
        }
        for place in [8, BOOKS - 6] {
            colleague.delete_book(book(place)).await?;
            device.retitle(book(place), "edited here and deleted there").await?;
        }
        for place in [9, BOOKS - 7] {
            colleague.delete_book(book(place)).await?;
        }
        colleague.rest(catalogue.settings()).await?;
        Ok(())
    }

    async fn marks(&self, device: &Device, place: u128, mark: Option<&str>) -> anyhow::Result<()> {
        let mark = mark.map(str::to_owned);
        device.edit_book(book(place), move |book| book.shelf_mark = mark).await
    }

    /// The rest arrives, and everything that anybody has said is there.
    async fn comes_to_its_end(&self) -> anyhow::Result<()> {
        let Self {
            catalogue,
            device,
            colleague,
        } = self;
        for _ in 0..2 {
            for device in [device, colleague] {
                device.rest(catalogue.settings()).await?;
            }
        }
        in_step(catalogue, [device, colleague])?;
        for place in [1, BOOKS] {
            self.reads(place, "before", Some(&format!("R {place}"))).await?;
        }
        for (places, mark) in [
            ([3, BOOKS - 2], Some("ours")),
            ([4, BOOKS - 3], Some("ours, since")),
            ([5, BOOKS - 4], Some("theirs, since")),
            ([6, 6], None),
        ] {
            for place in places {
                self.reads(place, &format!("Book {place}"), mark).await?;
            }
        }
        for place in [8, BOOKS - 6] {
            self.reads(place, "edited here and deleted there", Some(&format!("R {place}")))
                .await?;
        }
        for place in [7, 9, BOOKS - 7] {
            ensure!(device.find_book(book(place)).await?.is_none(), "book {place} is back");
        }
        let untouched = "SELECT count(*) FROM book WHERE shelf_mark = 'R ' || right(id::text, 12)::bigint";
        let untouched = catalogue.psql()?.value(untouched)?;
        // All except those that say something else, and those that are gone.
        ensure!(untouched == (BOOKS - 7 - 3).to_string(), "{untouched}");
        self.is_asked_about().await?;
        for device in [device, colleague] {
            let audit = device.audit(catalogue.settings()).await?;
            ensure!(
                audit.unaccounted.is_empty(),
                "{}: {:#?}",
                device.name,
                audit.unaccounted
            );
        }
        Ok(())
    }

    /// Where something was said before its part had arrived, the server's word is kept as a conflict; and whoever
    /// deleted a record that says something they had not seen is asked.
    async fn is_asked_about(&self) -> anyhow::Result<()> {
        let mut parked = self.device.conflicts().await?;
        parked.sort_by_key(|conflict| (conflict.kind.clone(), conflict.record_id));
        let parked: Vec<_> = parked
            .iter()
            .map(|conflict| (conflict.kind.as_str(), conflict.record_id, conflict.theirs.as_deref()))
            .collect();
        let theirs = |place: u128| format!("\"R {place}\"");
        let [first, last, since] = [3, BOOKS - 2, BOOKS - 3].map(theirs);
        let expected = [
            ("deleted_there", book(8).uuid(), None),
            ("deleted_there", book(BOOKS - 6).uuid(), None),
            ("deletion_undone", book(2).uuid(), None),
            ("deletion_undone", book(BOOKS - 5).uuid(), None),
            ("deletion_undone", book(BOOKS - 1).uuid(), None),
            ("field", book(3).uuid(), Some(first.as_str())),
            ("field", book(BOOKS - 3).uuid(), Some(since.as_str())),
            ("field", book(BOOKS - 2).uuid(), Some(last.as_str())),
        ];
        ensure!(parked == expected, "{parked:#?}");
        Ok(())
    }

    async fn reads(&self, place: u128, title: &str, mark: Option<&str>) -> anyhow::Result<()> {
        let found = self.colleague.find_book(book(place)).await?;
        let Book {
            title: is, shelf_mark, ..
        } = found.with_context(|| format!("book {place} is gone"))?;
        ensure!(
            is == title && shelf_mark.as_deref() == mark,
            "book {place}: {is}, {shelf_mark:?}"
        );
        Ok(())
    }
}

/// The id of a book by its place in the order in which books are fetched.
#[expect(clippy::expect_used, reason = "twelve digits make the rest of an id")]
fn book(place: u128) -> BookId {
    let id = format!("00000000-0000-4000-8000-{place:012}");
    BookId::from_uuid(Uuid::parse_str(&id).expect("twelve digits"))
}
