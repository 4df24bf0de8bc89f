//! Rules between rows: values that must be unique, parents that must exist. A row that breaks one is left out and
//! named; the others go through.

use anyhow::ensure;
use colophon_store::schema::Value;
use colophon_sync::central::{Outcome, QuarantineReason, RowChange};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use uuid::Uuid;

use crate::work::{Based as _, author, batch, book, device, id, push, told};

const ONE: Option<&str> = Some("9780000000001");
const TWO: Option<&str> = Some("9780000000002");

fn reasons(outcome: &Outcome) -> Vec<(Uuid, QuarantineReason)> {
    let mut reasons: Vec<_> = outcome
        .quarantined
        .iter()
        .map(|quarantined| (quarantined.id, quarantined.reason.clone()))
        .collect();
    reasons.sort_by_key(|(id, _)| *id);
    reasons
}

fn held() -> QuarantineReason {
    QuarantineReason::ValueHeld {
        column: "isbn".to_owned(),
    }
}

fn without_author() -> QuarantineReason {
    QuarantineReason::MissingParent {
        column: "author_id".to_owned(),
    }
}

fn moved(mut book: RowChange, author: u128) -> RowChange {
    book.values[1] = Value::Uuid(id(author));
    book
}

on_each_release! {
    async fn a_value_that_the_server_holds_stays_where_it_is(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "held", ONE)])).await?;
        let news = batch(2, vec![author(5, "e")], vec![book(3, 1, "newcomer", ONE), book(4, 5, "other", TWO)]);
        let outcome = push(&mut connection, &device(1), &news).await?;
        ensure!(reasons(&outcome) == [(id(3), held())], "{outcome:?}");
        ensure!(psql.run("SELECT title FROM book ORDER BY id")? == ["held", "other"]);
    }

    async fn two_rows_of_one_batch_may_swap_a_value(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "x", ONE), book(3, 1, "y", TWO)])).await?;
        let swap = batch(2, vec![], vec![book(2, 1, "x", TWO).over(1), book(3, 1, "y", ONE).over(1)]);
        ensure!(push(&mut connection, &device(1), &swap).await?.quarantined.is_empty());
        ensure!(psql.run("SELECT isbn FROM book ORDER BY id")? == ["9780000000002", "9780000000001"]);
    }

    async fn a_value_may_pass_on_to_a_new_row_when_its_holder_lets_go_in_the_same_batch(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "x", ONE), book(3, 1, "y", TWO)])).await?;
        let pass = batch(2, vec![], vec![book(2, 1, "x", None).over(1), book(3, 1, "y", TWO).over(1).deleted(), book(4, 1, "z", ONE), book(5, 1, "w", TWO)]);
        ensure!(push(&mut connection, &device(1), &pass).await?.quarantined.is_empty());
        ensure!(psql.run("SELECT title, isbn FROM book ORDER BY id")? == ["x|", "z|9780000000001", "w|9780000000002"]);
    }

    async fn a_row_that_is_left_out_may_keep_the_value_that_another_one_needed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "x", ONE), book(3, 1, "y", TWO)])).await?;
        psql.run(&format!("UPDATE book SET title = 'foreign' WHERE id = '{}'", id(2)))?;
        // Book 2 was to give up its ISBN to book 3, whose own was to go to book 4. But book 2 has changed since.
        let chain = batch(2, vec![], vec![book(2, 1, "x", None).over(1), book(3, 1, "y", ONE).over(1), book(4, 1, "z", TWO), book(5, 1, "free", None)]);
        let outcome = push(&mut connection, &device(1), &chain).await?;
        ensure!(reasons(&outcome) == [(id(2), QuarantineReason::Changed), (id(3), held()), (id(4), held())], "{outcome:?}");
        ensure!(psql.run("SELECT title, isbn FROM book ORDER BY id")? == ["foreign|9780000000001", "y|9780000000002", "free|"]);
    }

    async fn two_new_rows_with_one_value_are_both_left_out(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let twins = batch(1, vec![author(1, "a")], vec![book(2, 1, "x", ONE), book(3, 1, "y", ONE), book(4, 1, "z", TWO)]);
        let outcome = push(&mut connection, &device(1), &twins).await?;
        ensure!(reasons(&outcome) == [(id(2), held()), (id(3), held())], "{outcome:?}");
    }

    async fn a_child_whose_parent_is_not_there_waits_and_its_siblings_do_not(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        let news = batch(1, vec![author(1, "a")], vec![book(2, 1, "x", None), book(3, 77, "orphan", None)]);
        let outcome = push(&mut connection, &device(1), &news).await?;
        ensure!(reasons(&outcome) == [(id(3), without_author())], "{outcome:?}");
        ensure!(psql.run("SELECT title FROM book")? == ["x"]);
    }

    async fn a_child_whose_parent_is_left_out_is_left_out_too(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        psql.run("DELETE FROM author")?;
        let news = batch(2, vec![author(1, "edited").over(1), author(2, "b")], vec![book(3, 1, "x", None), book(4, 2, "y", None)]);
        let outcome = push(&mut connection, &device(1), &news).await?;
        ensure!(reasons(&outcome) == [(id(1), QuarantineReason::Deleted), (id(3), without_author())], "{outcome:?}");
        ensure!(psql.run("SELECT title FROM book")? == ["y"]);
    }

    async fn a_parent_that_others_still_need_is_not_deleted(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a"), author(2, "b")], vec![book(3, 1, "x", None)])).await?;
        psql.run(&format!("INSERT INTO book (author_id, title) VALUES ('{}', 'foreign')", id(1)))?;
        let gone = batch(2, vec![author(1, "a").over(1).deleted(), author(2, "b").over(1).deleted()], vec![book(3, 1, "x", None).over(1).deleted()]);
        let outcome = push(&mut connection, &device(1), &gone).await?;
        ensure!(reasons(&outcome) == [(id(1), QuarantineReason::StillNeeded)], "{outcome:?}");
        ensure!(psql.run("SELECT name FROM author")? == ["a"] && psql.run("SELECT title FROM book")? == ["foreign"]);
    }

    async fn a_parent_stays_when_the_child_that_was_to_leave_it_has_changed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a"), author(2, "b")], vec![book(3, 1, "x", None)])).await?;
        psql.run("UPDATE book SET title = 'foreign'")?;
        let change = batch(2, vec![author(1, "a").over(1).deleted()], vec![moved(book(3, 1, "x", None), 2).over(1)]);
        let outcome = push(&mut connection, &device(1), &change).await?;
        ensure!(reasons(&outcome) == [(id(1), QuarantineReason::StillNeeded), (id(3), QuarantineReason::Changed)], "{outcome:?}");
        ensure!(psql.run("SELECT name FROM author ORDER BY id")? == ["a", "b"]);
    }

    async fn whatever_is_left_out_is_in_the_result_that_can_be_asked_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "held", ONE)])).await?;
        let news = batch(2, vec![author(1, "old").over(9)], vec![book(3, 1, "newcomer", ONE), book(4, 77, "orphan", None)]);
        let outcome = push(&mut connection, &device(1), &news).await?;
        ensure!(outcome.quarantined.len() == 3, "{outcome:?}");
        ensure!(connection.fate(&device(1), news.in_flight()).await? == Some(told(outcome)));
    }
}
