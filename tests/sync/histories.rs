//! Random histories, on real files and a real server: three devices, a foreign program, answers that are lost. Each
//! history is made from a number, which is in the error if one fails; `COLOPHON_HISTORIES=from..to` makes others.

use std::collections::HashSet;
use std::fmt::Display;

use anyhow::{Context as _, bail, ensure};
use colophon_catalogue::{Author, AuthorId, Book, BookDraft, BookId};
use colophon_store::EntityId as _;
use colophon_sync::Exchange;
use colophon_sync::central::CentralSettings;
use colophon_tests::chance::Chance;
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy, Psql};
use jiff::SignedDuration;

/// Which histories are made if nothing else is asked for.
const USUAL: std::ops::Range<u64> = 0..4;
const STEPS: u32 = 120;
const DEVICES: usize = 3;
/// The most rounds that all devices make until all are at rest.
const ROUNDS_MAX: u32 = 8;
/// Few, so that they clash.
const ISBNS: [&str; 4] = ["9780140268867", "9780441172719", "9780316246620", "9780261103573"];

struct History<'c> {
    catalogue: CentralCatalogue<'c>,
    proxy: Proxy,
    devices: Vec<(Device, Exchange)>,
    foreign: Psql,
    chance: Chance,
    step: u32,
    told: Vec<String>,
    /// Titles that somebody has given to a book, each a different one.
    titles: Vec<(usize, BookId, String)>,
}

impl<'c> History<'c> {
    async fn new(cluster: &'c Cluster, seed: u64) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let devices = (0..DEVICES).map(|number| {
            let device = Device::named(&format!("d{number}"));
            // Each has a clock of its own.
            device.set_clock(SignedDuration::from_hours([0, 40_000, -40_000][number % 3]));
            let through = CentralSettings {
                port: proxy.port(),
                ..catalogue.settings()
            };
            let exchange = device.exchange(through);
            (device, exchange)
        });
        Ok(Self {
            devices: devices.collect(),
            foreign: catalogue.psql()?,
            catalogue,
            proxy,
            chance: Chance::of(seed),
            step: 0,
            told: Vec::new(),
            titles: Vec::new(),
        })
    }

    fn tell(&mut self, what: impl Display) {
        self.told.push(format!("{:3} {what}", self.step));
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        for step in 0..STEPS {
            self.step = step;
            match self.chance.number(10) {
                0..=4 => self.edit().await?,
                5 => self.write_as_foreigner()?,
                _ => self.round().await?,
            }
        }
        self.come_to_rest().await?;
        in_step(&self.catalogue, self.devices.iter().map(|(device, _)| device))?;
        self.account_for_titles()
    }

    async fn round(&mut self) -> anyhow::Result<()> {
        let number = self.chance.number(DEVICES);
        let is_lost = self.chance.one_in(4);
        if is_lost {
            self.proxy.next_commit(CommitAnswer::Cut);
        }
        let came_to = self.devices[number].1.round(&mut |_| ()).await;
        self.proxy.next_commit(CommitAnswer::PassOn);
        self.tell(format!(
            "d{number} round{}: {came_to:?}",
            if is_lost { " lost" } else { "" }
        ));
        match came_to {
            Err(error) if !(is_lost && error.code() == "connection_lost") => bail!("{error}"),
            _ => Ok(()),
        }
    }

    async fn edit(&mut self) -> anyhow::Result<()> {
        let number = self.chance.number(DEVICES);
        let database = self.devices[number].0.database().clone();
        let authors = database.read(|s| s.repo::<Author>().all()).await?;
        let books = database.read(|s| s.repo::<Book>().all()).await?;
        let (author, book) = (
            self.chance.of_all(&authors).cloned(),
            self.chance.of_all(&books).cloned(),
        );
        match (self.chance.number(10), author, book) {
            (0, ..) | (_, None, _) => self.make_author(number).await?,
            (1 | 2, Some(author), _) | (_, Some(author), None) => self.make_book(number, author.id, &books).await?,
            (3, Some(author), _) => {
                let notes = self.with_a_line(number, author.notes.as_deref());
                self.tell(format!("d{number} notes of author {}", author.id.uuid()));
                self.devices[number]
                    .0
                    .edit_author(author.id, |author| author.notes = Some(notes))
                    .await?;
            }
            (4, Some(author), _) => {
                for book in books.iter().filter(|book| book.author_id == Some(author.id)) {
                    self.delete_book(number, book.id).await?;
                }
                self.tell(format!("d{number} deletes author {}", author.id.uuid()));
                self.devices[number].0.delete_author(author.id).await?;
            }
            (5, _, Some(book)) => self.delete_book(number, book.id).await?,
            (6, Some(author), Some(book)) => {
                self.tell(format!("d{number} gives {} to {}", book.id.uuid(), author.id.uuid()));
                self.devices[number]
                    .0
                    .edit_book(book.id, move |book| book.author_id = Some(author.id))
                    .await?;
            }
            (7, _, Some(book)) => {
                let isbn = self.free_isbn(&books);
                self.tell(format!("d{number} isbn of {}: {isbn:?}", book.id.uuid()));
                self.devices[number]
                    .0
                    .edit_book(book.id, move |book| book.isbn = isbn)
                    .await?;
            }
            (_, _, Some(book)) => {
                let title = format!("d{number}.{}", self.step);
                self.tell(format!("d{number} title of {}: {title}", book.id.uuid()));
                self.titles.push((number, book.id, title.clone()));
                self.devices[number].0.retitle(book.id, &title).await?;
            }
        }
        Ok(())
    }

    async fn make_author(&mut self, number: usize) -> anyhow::Result<()> {
        let author = self.devices[number]
            .0
            .author(&format!("d{number}.{}", self.step))
            .await?;
        self.tell(format!("d{number} makes author {}", author.id.uuid()));
        Ok(())
    }

    async fn make_book(&mut self, number: usize, author: AuthorId, books: &[Book]) -> anyhow::Result<()> {
        let title = format!("d{number}.{}", self.step);
        let isbn = self.free_isbn(books);
        let draft = BookDraft {
            isbn: isbn.clone(),
            ..BookDraft::new(title.clone(), author)
        };
        let book = self.devices[number].0.book_with(draft).await?;
        self.titles.push((number, book.id, title));
        self.tell(format!(
            "d{number} makes book {} of {}, isbn {isbn:?}",
            book.id.uuid(),
            author.uuid()
        ));
        Ok(())
    }

    async fn delete_book(&mut self, number: usize, book: BookId) -> anyhow::Result<()> {
        self.tell(format!("d{number} deletes book {}", book.uuid()));
        // Deleting something oneself supersedes it oneself.
        self.titles.retain(|(who, id, _)| (*who, *id) != (number, book));
        self.devices[number].0.delete_book(book).await
    }

    fn free_isbn(&mut self, books: &[Book]) -> Option<String> {
        let held: HashSet<_> = books.iter().filter_map(|book| book.isbn.as_deref()).collect();
        let free: Vec<_> = ISBNS.into_iter().filter(|isbn| !held.contains(isbn)).collect();
        if self.chance.one_in(3) {
            return None;
        }
        self.chance.of_all(&free).map(|isbn| (*isbn).to_owned())
    }

    fn with_a_line(&mut self, number: usize, notes: Option<&str>) -> String {
        let mut lines: Vec<_> = notes.unwrap_or("one\ntwo\nthree").lines().map(str::to_owned).collect();
        let line = self.chance.number(lines.len() + 1);
        let new = format!("d{number}.{}", self.step);
        match lines.get_mut(line) {
            Some(old) => *old = new,
            None => lines.push(new),
        }
        lines.join("\n")
    }

    fn write_as_foreigner(&mut self) -> anyhow::Result<()> {
        let step = self.step;
        let by_chance = format!("ORDER BY md5(id::text || '{step}') LIMIT 1");
        let sql = match self.chance.number(7) {
            0 => format!("INSERT INTO author (name, sort_name) VALUES ('w.{step}', 'w.{step}')"),
            1 => format!("INSERT INTO book (author_id, title) SELECT id, 'w.{step}' FROM author {by_chance}"),
            2 => format!("UPDATE book SET title = 'w.{step}' WHERE id IN (SELECT id FROM book {by_chance})"),
            3 => format!("UPDATE book SET author_id = (SELECT id FROM author {by_chance}) WHERE id IN (SELECT id FROM book {by_chance})"),
            4 => format!("DELETE FROM book WHERE id IN (SELECT id FROM book {by_chance})"),
            5 => format!(
                "BEGIN; CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT id FROM author {by_chance};
                 DELETE FROM book WHERE author_id IN (SELECT id FROM gone); DELETE FROM author WHERE id IN (SELECT id FROM gone); COMMIT"
            ),
            // Every book passes its number on to the next.
            _ => "WITH ring AS (SELECT id, isbn, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS places FROM book WHERE isbn IS NOT NULL)
                  UPDATE book SET isbn = next.isbn FROM ring, ring AS next WHERE ring.id = book.id AND next.place = ring.place % ring.places + 1".to_owned(),
        };
        let answer = self.foreign.run(&sql);
        self.tell(format!("foreign {sql}: {answer:?}"));
        answer?;
        Ok(())
    }

    async fn come_to_rest(&mut self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS_MAX {
            let mut is_quiet = true;
            for number in 0..DEVICES {
                let report = self.devices[number].1.round(&mut |_| ()).await?;
                is_quiet &= report.pulled == 0 && report.pushed == 0;
                self.tell(format!("d{number} last rounds: {report:?}"));
            }
            if is_quiet {
                return Ok(());
            }
        }
        bail!("never at rest")
    }

    /// Every title that a device gave and did not take back is there, was there, or is a conflict.
    fn account_for_titles(&mut self) -> anyhow::Result<()> {
        let told = self.foreign.run(
            "SELECT title FROM book UNION SELECT content->>'title' FROM tombstone WHERE entity = 'book'
             UNION SELECT old->>'title' FROM history WHERE entity = 'book' AND old ? 'title'
             UNION SELECT v::jsonb #>> '{}' FROM conflict, unnest(ARRAY[base, mine, theirs]) AS v WHERE field = 'title'",
        )?;
        let told: HashSet<_> = told.into_iter().collect();
        let lost = self.titles.iter().enumerate().filter(|(position, (who, book, title))| {
            let is_superseded = self.titles[position + 1..]
                .iter()
                .any(|(other, id, _)| (other, id) == (who, book));
            !told.contains(title) && !is_superseded
        });
        let lost: Vec<_> = lost.map(|(_, title)| title).collect();
        ensure!(lost.is_empty(), "lost: {lost:?}");
        Ok(())
    }
}

fn wanted() -> anyhow::Result<std::ops::Range<u64>> {
    let Ok(asked) = std::env::var("COLOPHON_HISTORIES") else {
        return Ok(USUAL);
    };
    let (from, to) = asked.split_once("..").context("COLOPHON_HISTORIES is from..to")?;
    Ok(from.parse()?..to.parse()?)
}

on_each_release! {
    async fn every_history_ends_with_all_equal_and_nothing_lost(cluster: &Cluster) {
        for seed in wanted()? {
            let mut history = History::new(cluster, seed).await?;
            if let Err(error) = history.run().await {
                bail!("history {seed}: {error:#}\n{}", history.told.join("\n"));
            }
        }
    }
}
