//! Counts of whatever gathers records: they are those of the list, and follow every edit.

use colophon_catalogue::filters::Typed;
use colophon_catalogue::lists::{AuthorList, BookList, FacetCounts, Lists};
use colophon_catalogue::{
    Author, AuthorDraft, Book, BookDraft, BookId, Contribution, ContributionDraft, Role, Tagging, tag,
};
use colophon_store::{EntityId as _, PageRequest, Query};
use colophon_tests::catalogue::Catalogue;

const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

fn library() -> (Catalogue, Lists, Vec<BookId>) {
    let catalogue = Catalogue::empty();
    let made = catalogue
        .database
        .write_blocking(|tx| {
            let author = |name: &str| tx.repo_mut::<Author>().create(&AuthorDraft::named(name));
            let (homer, kafka) = (author("Homer")?, author("Franz Kafka")?);
            let mut made = Vec::new();
            for (title, who, publisher, year, language) in [
                ("The Odyssey", Some(homer.id), Some("Penguin"), Some(1996), Some("eng")),
                ("The Iliad", Some(homer.id), Some("Penguin"), Some(1990), Some("eng")),
                (
                    "Der Prozess",
                    Some(kafka.id),
                    Some("Die Schmiede"),
                    Some(1925),
                    Some("deu"),
                ),
                ("Beowulf", None, None, None, None),
            ] {
                let draft = BookDraft {
                    publisher: publisher.map(str::to_owned),
                    published_year: year,
                    language: language.map(str::to_owned),
                    ..BookDraft::new(title, who)
                };
                made.push(tx.repo_mut::<Book>().create(&draft)?.id);
            }
            tag::TAGS.add_all(tx, made[0].uuid(), &["Epic", "Sea"])?;
            tag::TAGS.add(tx, made[1].uuid(), "epic")?;
            Ok(made)
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists, made)
}

/// Every count is that of the list which its filter gives, and those without a value are what is left.
fn counted(lists: &Lists, list: &BookList, name: &str) -> Vec<(String, u64)> {
    let total = |list: &BookList| lists.page(list, FIRST).unwrap().meta.total;
    let with = |filter: &str| BookList {
        filters: [list.filters.clone(), vec![filter.parse().unwrap()]].concat(),
        ..list.clone()
    };
    let all = lists.facets(list, 50).unwrap();
    let FacetCounts { values, .. } = all.into_iter().find(|facet| facet.name == name).unwrap();
    for value in values.iter().filter(|value| !value.filter.is_empty()) {
        assert_eq!(total(&with(&value.filter)), value.count, "{}", value.filter);
        if let Some(without) = &value.without {
            assert_eq!(total(&with(without)), total(list) - value.count, "{without}");
        }
    }
    let shown = values.into_iter().map(|it| (it.value.unwrap_or_default(), it.count));
    shown.collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(value, count)| ((*value).to_owned(), *count))
        .collect()
}

#[test]
fn the_counts_of_every_facet_are_those_of_the_list() {
    let (_catalogue, lists, _) = library();
    let all = BookList::default();
    assert_eq!(
        counted(&lists, &all, "author"),
        pairs(&[("Homer", 2), ("Franz Kafka", 1), ("", 1)])
    );
    assert_eq!(
        counted(&lists, &all, "publisher"),
        pairs(&[("Penguin", 2), ("Die Schmiede", 1), ("", 1)])
    );
    assert_eq!(
        counted(&lists, &all, "published_year"),
        pairs(&[("1990..1999", 2), ("1920..1929", 1), ("", 1)])
    );
    assert_eq!(
        counted(&lists, &all, "tags"),
        pairs(&[("Epic", 2), ("Sea", 1), ("", 2)])
    );
    let homer = all.clone().typed(Typed::read::<Book>("homer"));
    assert_eq!(counted(&lists, &homer, "language"), pairs(&[("eng", 2)]));
    let narrowed = all.typed(Typed::read::<Book>("has:publisher year:..1990"));
    assert_eq!(
        counted(&lists, &narrowed, "author"),
        pairs(&[("Homer", 1), ("Franz Kafka", 1)])
    );
    assert_eq!(counted(&lists, &narrowed, "tags"), pairs(&[("Epic", 1), ("", 1)]));
    let born = lists.facets(&AuthorList::default(), 5).unwrap();
    assert_eq!(born[0].values[0].count, 2, "nobody's birth is known");
    assert_eq!(lists.facet(&BookList::default(), "publisher", 1).unwrap().more, 1);
}

/// An edit, whatever it does.
type Change = Box<dyn FnOnce(&colophon_store::WriteSession<'_>) -> colophon_store::Result<()> + Send>;

#[test]
fn the_counts_follow_every_edit() {
    let (catalogue, lists, made) = library();
    let all = BookList::default();
    let write = |change: Change| {
        catalogue.database.write_blocking(change).unwrap();
    };
    assert_eq!(counted(&lists, &all, "role"), pairs(&[("", 4)]));
    let (odyssey, iliad) = (made[0], made[1]);
    write(Box::new(move |tx| {
        tx.repo_mut::<Book>().change(odyssey, |book| {
            book.publisher = Some("Faber & Faber".to_owned());
            book.language = None;
            Ok(())
        })?;
        tx.repo_mut::<Book>().create(&BookDraft::titled("Gilgamesh"))?;
        let kafka = tx.repo::<Author>().find_by_name("Franz Kafka")?.unwrap();
        tx.repo_mut::<Contribution>().create(&ContributionDraft {
            book_id: odyssey,
            author_id: kafka.id,
            role: Role::Translator,
            position: 1,
        })?;
        tag::TAGS.add(tx, odyssey.uuid(), "New").map(drop)
    }));
    assert_eq!(
        counted(&lists, &all, "publisher"),
        pairs(&[("Die Schmiede", 1), ("Faber & Faber", 1), ("Penguin", 1), ("", 2)])
    );
    assert_eq!(counted(&lists, &all, "role"), pairs(&[("translator", 1), ("", 4)]));
    assert_eq!(
        counted(&lists, &all, "tags"),
        pairs(&[("Epic", 2), ("New", 1), ("Sea", 1), ("", 3)])
    );
    write(Box::new(move |tx| tx.repo_mut::<Book>().delete(iliad).map(drop)));
    assert_eq!(
        counted(&lists, &all, "publisher"),
        pairs(&[("Die Schmiede", 1), ("Faber & Faber", 1), ("", 2)])
    );
    assert_eq!(counted(&lists, &all, "language"), pairs(&[("deu", 1), ("", 3)]));
    write(Box::new(|tx| {
        let taggings = tx.repo::<Tagging>().filter(&Query::all())?;
        taggings
            .iter()
            .try_for_each(|one| tx.repo_mut::<Tagging>().delete(one.id).map(drop))
    }));
    assert_eq!(counted(&lists, &all, "tags"), pairs(&[("", 4)]));
    catalogue
        .other_program()
        .execute_batch("UPDATE book SET publisher='Elsewhere'")
        .unwrap();
    assert_eq!(counted(&lists, &all, "publisher"), pairs(&[("Elsewhere", 4)]));
}

#[test]
fn a_token_is_completed_with_the_most_frequent_values_that_fit() {
    let (_catalogue, lists, _) = library();
    let offered = |text: &str| -> Option<Vec<(String, u64)>> {
        let typed = Typed::read_so_far::<Book>(text);
        let facet = lists.completions(BookList::default(), typed, 10).unwrap()?;
        Some(
            facet
                .values
                .into_iter()
                .map(|it| (it.value.unwrap(), it.count))
                .collect(),
        )
    };
    assert_eq!(offered("author:"), Some(pairs(&[("Homer", 2), ("Franz Kafka", 1)])));
    assert_eq!(offered("autor:kaf"), Some(pairs(&[("Franz Kafka", 1)])));
    assert_eq!(offered("publisher:\"die sch"), Some(pairs(&[("Die Schmiede", 1)])));
    assert_eq!(offered("language:germ"), Some(pairs(&[("deu", 1)])));
    assert_eq!(offered("year:19"), Some(pairs(&[("1990..1999", 2), ("1920..1929", 1)])));
    assert_eq!(offered("homer tag:"), Some(pairs(&[("Epic", 2), ("Sea", 1)])));
    assert_eq!(offered("kafka publisher:p"), Some(vec![]));
    assert_eq!(offered("title:o"), None, "titles are not gathered");
    assert_eq!(offered("author:kaf "), None, "it is finished");
    assert_eq!(offered("homer"), None);
}

#[test]
fn what_is_to_be_checked_is_counted_as_its_list_shows_it() {
    let (catalogue, lists, _) = library();
    let bad = "UPDATE book SET language='Klingonese', isbn='123' WHERE title='Beowulf'";
    catalogue.other_program().execute_batch(bad).unwrap();
    let quality = lists.quality::<Book>().unwrap();
    let counts: Vec<_> = quality.iter().map(|list| (list.filter, list.count)).collect();
    assert_eq!(
        counts,
        [
            ("author:none", Some(1)),
            ("isbn:none", Some(3)),
            ("isbn:bad", Some(1)),
            ("language:bad", Some(1)),
            ("published_year:bad", Some(0)),
            ("duplicate:any", Some(0)),
        ]
    );
    for list in quality {
        let narrowed = BookList {
            filters: vec![list.filter.parse().unwrap()],
            ..BookList::default()
        };
        assert_eq!(Some(lists.page(&narrowed, FIRST).unwrap().meta.total), list.count);
    }
    assert_eq!(lists.quality::<Author>().unwrap()[0].count, Some(0));
}
