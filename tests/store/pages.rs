use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, BookSort};
use colophon_store::{Children, Error, PER_PAGE_MAX, PageRequest, Query};
use colophon_tests::catalogue::Catalogue;

/// A catalogue with books named by number; enough of them for anchors.
fn numbered(count: u32) -> Catalogue {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(move |tx| {
            let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("A"))?;
            let books = tx.repo_mut::<Book>();
            for number in 0..count {
                let year = i32::try_from(number % 7).unwrap();
                books.create(&BookDraft {
                    published_year: Some(year),
                    ..BookDraft::new(format!("{number}"), author.id)
                })?;
            }
            Ok(())
        })
        .unwrap();
    catalogue
}

fn titles(catalogue: &Catalogue, query: &Query<Book>, page: u64, per_page: u32) -> (Vec<String>, u64) {
    let page = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().page(query, PageRequest { page, per_page }))
        .unwrap();
    (page.items.into_iter().map(|book| book.title).collect(), page.meta.total)
}

#[test]
fn every_page_of_a_long_list_agrees_with_the_whole_list() {
    let count = 12_345;
    let catalogue = numbered(count);
    for (sort, descending) in [
        (BookSort::TITLE, false),
        (BookSort::TITLE, true),
        (BookSort::YEAR, false),
        (BookSort::YEAR, true),
    ] {
        let query = Query::all().sorted_by(sort, descending);
        let whole: Vec<String> = catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().filter(&query))
            .unwrap()
            .into_iter()
            .map(|book| book.title)
            .collect();
        let mut paged = Vec::new();
        for page in 1..=u64::from(count).div_ceil(100) {
            let (items, total) = titles(&catalogue, &query, page, 100);
            assert_eq!(total, u64::from(count));
            paged.extend(items);
        }
        assert!(paged == whole, "sorted by {sort:?}, descending: {descending}");
    }
}

#[test]
fn a_page_past_the_end_has_no_items_and_the_true_total() {
    let catalogue = numbered(30);
    assert_eq!(titles(&catalogue, &Query::all(), 4, 10), (Vec::new(), 30));
    assert_eq!(titles(&catalogue, &Query::all(), u64::MAX, 10), (Vec::new(), 30));
    let large = numbered(6_000);
    assert_eq!(titles(&large, &Query::all(), 601, 10), (Vec::new(), 6_000));
    assert_eq!(titles(&large, &Query::all(), 600, 10).0.len(), 10);
}

#[test]
fn a_page_of_none_or_of_too_many_rows_is_refused() {
    let catalogue = numbered(3);
    for (page, per_page) in [(0, 10), (1, 0), (1, PER_PAGE_MAX + 1)] {
        let refused = catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().page(&Query::all(), PageRequest { page, per_page }));
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "page {page} of {per_page}"
        );
    }
}

#[test]
fn a_total_agrees_with_its_items_while_another_writes() {
    let catalogue = numbered(5_500);
    let database = catalogue.database.clone();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let author = database.read_blocking(|s| s.repo::<Author>().all()).unwrap()[0].id;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                database
                    .write_blocking(move |tx| {
                        for _ in 0..3 {
                            tx.repo_mut::<Book>().create(&BookDraft::new("zz", author))?;
                        }
                        Ok(())
                    })
                    .unwrap();
            }
        });
        for _ in 0..200 {
            let (last, total) = catalogue
                .database
                .read_blocking(|s| {
                    let pages = s
                        .repo::<Book>()
                        .page(&Query::all(), PageRequest { page: 1, per_page: 100 })?
                        .meta;
                    let last = s.repo::<Book>().page(
                        &Query::all(),
                        PageRequest {
                            page: pages.pages,
                            per_page: 100,
                        },
                    )?;
                    Ok((last.items.len() as u64, pages.total))
                })
                .unwrap();
            assert_eq!((total - 1) % 100 + 1, last, "the last page holds what the total says");
            assert_eq!((total - 5_500) % 3, 0, "no half of a transaction is counted");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_page_shows_what_another_program_has_written() {
    let catalogue = numbered(6_000);
    assert_eq!(titles(&catalogue, &Query::all(), 60, 100).1, 6_000);
    let other = catalogue.other_program();
    for round in 1..=3 {
        other
            .execute("DELETE FROM book WHERE rowid IN (SELECT rowid FROM book LIMIT 10)", [])
            .unwrap();
        // Our own commit before the next page makes the reader unsure who has written.
        catalogue
            .database
            .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("B")))
            .unwrap();
        let expected = 6_000 - 10 * round;
        assert_eq!(titles(&catalogue, &Query::all(), 1, 100).1, expected);
        assert_eq!(
            titles(&catalogue, &Query::all(), 60, 100).0.len() as u64,
            expected - 5_900
        );
    }
}

#[test]
fn a_filtered_page_counts_what_it_filters() {
    let catalogue = numbered(100);
    let query = Query::filtered("year:5..".parse().unwrap());
    let (items, total) = titles(&catalogue, &query, 1, 10);
    assert_eq!((items.len(), total), (10, 28));
}

#[test]
fn children_of_a_whole_page_come_with_one_query() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            for name in 0..100 {
                let author = tx
                    .repo_mut::<Author>()
                    .create(&AuthorDraft::named(format!("Author {name:03}")))?;
                for title in 0..name % 5 {
                    tx.repo_mut::<Book>()
                        .create(&BookDraft::new(format!("Book {title}"), author.id))?;
                }
            }
            Ok(())
        })
        .unwrap();
    let statements = |per_page| {
        catalogue
            .database
            .read_blocking(|s| {
                let page = s
                    .repo::<Author>()
                    .page_with::<Children<Book>>(&Query::all(), PageRequest { page: 1, per_page })?;
                for (index, author) in page.items.iter().enumerate() {
                    assert_eq!(author.children.len(), index % 5);
                    assert!(
                        author
                            .children
                            .iter()
                            .all(|book| book.author_id == Some(author.parent.id))
                    );
                }
                assert_eq!(page.items.len(), per_page as usize);
                Ok(s.statements_run())
            })
            .unwrap()
    };
    statements(1); // the first page counts the list, the later ones know
    assert_eq!(
        statements(100),
        statements(2),
        "a larger page costs no further statement"
    );
    let lazily = catalogue.database.read_blocking(|s| {
        let author = s.repo::<Author>().find_by_name("Author 004")?.unwrap();
        s.repo::<Author>().children::<Book>(author.id)
    });
    assert_eq!(lazily.unwrap().len(), 4);
}

#[test]
fn a_snapshot_after_our_own_commit_has_a_number() {
    let catalogue = numbered(1);
    let number = || catalogue.database.read_blocking(|s| Ok(s.commit_number())).unwrap();
    let mut last = number().expect("nobody else writes");
    for _ in 0..5 {
        catalogue
            .database
            .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("B")))
            .unwrap();
        let next = number().expect("nobody else writes");
        assert!(next > last);
        last = next;
    }
}
