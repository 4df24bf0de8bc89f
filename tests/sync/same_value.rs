//! Values that only one record may have.

use anyhow::ensure;
use colophon_catalogue::{AuthorId, BookDraft, BookId};
use colophon_store::EntityId as _;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use jiff::SignedDuration;

use crate::team::{Member, Team, kept};

const ONE: &str = "9780140268867";
const TWO: &str = "9780441172719";
const THREE: &str = "9780316246620";

async fn book(member: &Member, author: AuthorId, title: &str, isbn: &str) -> anyhow::Result<BookId> {
    let draft = BookDraft {
        isbn: Some(isbn.to_owned()),
        ..BookDraft::new(title, author)
    };
    Ok(member.book_with(draft).await?.id)
}

async fn isbn_of(member: &Member, book: BookId) -> anyhow::Result<Option<String>> {
    Ok(member.find_book(book).await?.and_then(|book| book.isbn))
}

async fn set_isbn(member: &Member, book: BookId, isbn: Option<&str>) -> anyhow::Result<()> {
    let isbn = isbn.map(str::to_owned);
    member.edit_book(book, move |book| book.isbn = isbn).await
}

on_each_release! {
    async fn the_same_isbn_on_two_devices_stays_with_one_and_both_books_live(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let anns = book(ann, author.id, "The Odyssey", ONE).await?;
        let bobs = book(bob, author.id, "Odyssey", ONE).await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            ensure!(isbn_of(member, anns).await?.as_deref() == Some(ONE));
            ensure!(member.find_book(bobs).await?.is_some_and(|book| book.isbn.is_none() && book.title == "Odyssey"));
        }
        let conflict = team.conflict().await?;
        ensure!((conflict.kind.as_str(), conflict.field.as_deref()) == ("same_value", Some("isbn")), "{conflict:?}");
        ensure!(conflict.record_id == bobs.uuid() && conflict.holder == Some(anns.uuid()), "{conflict:?}");
        ensure!(conflict.mine == Some(kept(ONE)), "{conflict:?}");
    }

    async fn books_that_swap_and_pass_on_their_isbns_in_one_pull_arrive_so(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let mut books = Vec::new();
        for (title, isbn) in [("a", ONE), ("b", TWO), ("c", THREE)] {
            books.push(book(ann, author.id, title, isbn).await?);
        }
        team.comes_to_rest().await?;
        // One of them waits with an edit of another field.
        bob.edit_book(books[1], |book| book.publisher = Some("Orbit".to_owned())).await?;
        let mut psql = team.catalogue.psql()?;
        psql.run(&format!(
            "BEGIN; UPDATE book SET isbn = CASE title WHEN 'a' THEN '{TWO}' WHEN 'b' THEN '{THREE}' WHEN 'c' THEN '{ONE}' END; COMMIT"
        ))?;
        team.comes_to_rest().await?;
        for (book, isbn) in books.iter().zip([TWO, THREE, ONE]) {
            ensure!(isbn_of(bob, *book).await?.as_deref() == Some(isbn));
        }
        ensure!(team.conflicts().await?.is_empty());
        // From one that goes to one that comes.
        psql.run(&format!("BEGIN; DELETE FROM book WHERE title = 'a'; INSERT INTO book (author_id, title, isbn) SELECT id, 'd', '{TWO}' FROM author; COMMIT"))?;
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn a_swap_arrives_though_a_row_beside_it_is_refused_or_one_of_the_two_was(cluster: &Cluster) {
        for it_is_one_of_the_two in [false, true] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let (one, two) = (book(ann, author.id, "a", ONE).await?, book(ann, author.id, "b", TWO).await?);
            let beside = book(ann, author.id, "c", THREE).await?;
            team.comes_to_rest().await?;
            let mut psql = team.catalogue.psql()?;
            psql.run("ALTER TABLE book ADD CONSTRAINT no_nonsense CHECK (title <> 'Nonsense')")?;
            set_isbn(ann, one, None).await?;
            let refused = if it_is_one_of_the_two { one } else { beside };
            set_isbn(ann, two, Some(ONE)).await?;
            if it_is_one_of_the_two {
                ann.retitle(one, "Nonsense").await?;
                ann.round().await?;
            }
            set_isbn(ann, one, Some(TWO)).await?;
            if !it_is_one_of_the_two {
                // The last to be edited, so that the batch is halved between the two.
                ann.retitle(beside, "Nonsense").await?;
            }
            let quarantined = ann.round().await?.quarantined;
            ensure!(quarantined.iter().any(|row| row.id == refused.uuid()), "{quarantined:?}");
            if it_is_one_of_the_two {
                ann.retitle(one, "A").await?;
            } else {
                ensure!(quarantined.len() == 1, "{quarantined:?}");
                ann.retitle(beside, "C").await?;
            }
            team.comes_to_rest().await?;
            for (book, isbn) in [(one, TWO), (two, ONE)] {
                ensure!(isbn_of(bob, book).await?.as_deref() == Some(isbn));
            }
            ensure!(team.conflicts().await?.is_empty());
        }
    }

    async fn a_swap_made_offline_arrives_and_an_edit_of_another_with_it(cluster: &Cluster) {
        for swap_is_first in [true, false] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let (one, two) = (book(ann, author.id, "a", ONE).await?, book(ann, author.id, "b", TWO).await?);
            team.comes_to_rest().await?;
            set_isbn(ann, one, None).await?;
            set_isbn(ann, two, Some(ONE)).await?;
            set_isbn(ann, one, Some(TWO)).await?;
            bob.retitle(one, "A").await?;
            let first = if swap_is_first { ann } else { bob };
            first.round().await?;
            team.comes_to_rest().await?;
            ensure!(isbn_of(bob, one).await?.as_deref() == Some(TWO) && isbn_of(bob, two).await?.as_deref() == Some(ONE));
            ensure!(ann.find_book(one).await?.is_some_and(|book| book.title == "A"));
            ensure!(team.conflicts().await?.is_empty());
        }
    }

    async fn an_isbn_that_two_give_to_different_books_stays_with_the_first_there(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob", "Cem"]).await?;
        let [ann, bob, cem] = &team.members;
        let author = ann.author("Homer").await?;
        let (one, two) = (ann.book(author.id, "a").await?.id, ann.book(author.id, "b").await?.id);
        team.comes_to_rest().await?;
        set_isbn(ann, one, Some(ONE)).await?;
        set_isbn(bob, two, Some(ONE)).await?;
        bob.round().await?;
        team.comes_to_rest().await?;
        ensure!(isbn_of(cem, two).await?.as_deref() == Some(ONE) && isbn_of(cem, one).await?.is_none());
        let conflict = team.conflict().await?;
        ensure!(conflict.record_id == one.uuid() && conflict.mine == Some(kept(ONE)), "{conflict:?}");
    }

    async fn a_book_that_gives_up_all_it_was_changed_in_is_as_it_is_there_its_time_included(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        let author = ann.author("Homer").await?;
        let one = ann.book(author.id, "a").await?.id;
        team.comes_to_rest().await?;
        ann.set_clock(SignedDuration::from_hours(1));
        set_isbn(ann, one, Some(ONE)).await?;
        let mut psql = team.catalogue.psql()?;
        psql.run(&format!("INSERT INTO book (author_id, title, isbn) SELECT id, 'b', '{ONE}' FROM author"))?;
        psql.run("UPDATE book SET publisher = 'Penguin' WHERE title = 'a'")?;
        team.comes_to_rest().await?;
        ensure!(team.conflict().await?.kind == "same_value");
    }
}
