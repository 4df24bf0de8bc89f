//! What is typed into a search box: tokens among words, in whatever way people write them, for every field there is.

use colophon_catalogue::belongings::belongings_of;
use colophon_catalogue::filters::{Asked, Told, Typed, told};
use colophon_catalogue::lists::{AuthorList, BookList, Lists};
use colophon_catalogue::{
    Author, AuthorDraft, AuthorName, AuthorNameDraft, Book, BookDraft, BookFilter, Contribution, ContributionDraft,
    Role, tag,
};
use colophon_store::{EntityId as _, FieldOf, PageRequest};
use colophon_tests::catalogue::Catalogue;

const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

fn library() -> (Catalogue, Lists) {
    let catalogue = Catalogue::empty();
    let (text, none) = (|text: &str| Some(text.to_owned()), None::<String>);
    catalogue
        .database
        .write_blocking(move |tx| {
            let author = |name: &str| tx.repo_mut::<Author>().create(&AuthorDraft::named(name));
            let (marquez, hughes, twain) = (
                author("Gabriel García Márquez")?,
                author("Ted Hughes")?,
                author("Mark Twain")?,
            );
            tx.repo_mut::<AuthorName>().create(&AuthorNameDraft {
                author_id: twain.id,
                name: "Samuel Clemens".to_owned(),
            })?;
            let book = |title: &str, who, publisher: &Option<String>, year| BookDraft {
                publisher: publisher.clone(),
                published_year: Some(year),
                ..BookDraft::new(title, who)
            };
            let faber = text("Faber & Faber");
            let drafts = [
                BookDraft {
                    isbn: text("9780140268867"),
                    language: text("spa"),
                    ..book("Cien años de soledad", marquez.id, &text("Sudamericana"), 1967)
                },
                BookDraft {
                    format: text("paperback"),
                    ..book("Birthday Letters", hughes.id, &faber, 1998)
                },
                book("Crow & Cave Birds", hughes.id, &text("Faber and Faber"), 1990),
                book("Roughing It", twain.id, &none, 1872),
            ];
            let mut made = Vec::new();
            for draft in drafts {
                made.push(tx.repo_mut::<Book>().create(&draft)?.id);
            }
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id: made[1],
                author_id: marquez.id,
                role: Role::Author,
                position: 1,
            })?;
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id: made[3],
                author_id: hughes.id,
                role: Role::Illustrator,
                position: 1,
            })?;
            tag::TAGS.add(tx, made[1].uuid(), "Poetry").map(drop)
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists)
}

/// The titles that are found, whether the list is asked for as filters or typed.
fn found(lists: &Lists, text: &str) -> Vec<String> {
    let typed = Typed::read::<Book>(text);
    assert!(typed.odd.is_empty(), "{text}: {:?} was not understood", typed.odd);
    let written: Vec<BookFilter> = typed
        .tokens
        .iter()
        .map(|token| token.filter.to_string().parse().unwrap())
        .collect();
    let tokens: Vec<_> = typed.tokens.iter().map(|token| token.filter.clone()).collect();
    assert_eq!(written, tokens, "{text}: a token is stored as the filter that it is");
    let page = lists.page(&BookList::default().typed(typed), FIRST).unwrap();
    page.items.into_iter().map(|line| line.book.title).collect()
}

#[test]
fn a_token_asks_about_one_thing_and_words_about_all() {
    let (_catalogue, lists) = library();
    let (soledad, letters, crow, roughing) = (
        "Cien años de soledad",
        "Birthday Letters",
        "Crow & Cave Birds",
        "Roughing It",
    );
    for (text, titles) in [
        ("author:garcia", vec![letters, soledad]),
        ("author:\"garcia marquez\" year:<1990", vec![soledad]),
        ("author:clemens", vec![roughing]),
        ("author:hughes", vec![letters, crow]),
        ("author:hughes crow", vec![crow]),
        ("cave author:hughes", vec![crow]),
        ("publisher:\"Faber & Faber\"", vec![letters, crow]),
        ("verlag:„faber and faber“", vec![letters, crow]),
        ("publisher=\"Faber & Faber\"", vec![letters]),
        ("PUBLISHER:suda", vec![soledad]),
        ("year:1990..1999", vec![letters, crow]),
        ("year:1990-1999", vec![letters, crow]),
        ("jahr:>1990", vec![letters]),
        ("year>=1990", vec![letters, crow]),
        ("year<1872", vec![]),
        ("year<=1872", vec![roughing]),
        ("tag:poet", vec![letters]),
        ("schlagwort:poetry", vec![letters]),
        ("no:isbn no:publisher", vec![roughing]),
        ("ohne:verlag", vec![roughing]),
        ("has:isbn", vec![soledad]),
        ("isbn:0-14-026886-3", vec![soledad]),
        ("isbn:9780140", vec![soledad]),
        ("language:Spanish", vec![soledad]),
        ("format:Taschenbuch", vec![letters]),
        ("bad:language", vec![]),
        ("role:illustrator", vec![roughing]),
        ("has:duplicate", vec![]),
        ("changed:7d added:1h", vec![letters, soledad, crow, roughing]),
        ("changed:..2001-01-01", vec![]),
        ("title^rough", vec![roughing]),
    ] {
        assert_eq!(found(&lists, text), titles, "{text}");
    }
}

#[test]
fn an_isbn_is_found_as_it_is_printed_and_an_and_however_it_is_written() {
    let (_catalogue, lists) = library();
    for text in [
        "0140268863",
        "0-14-026886-3",
        "0 14 026886 3",
        "ISBN 0-14-026886-3",
        "978-0-14-026886-7",
        "soledad 0140268863",
    ] {
        assert_eq!(found(&lists, text), ["Cien años de soledad"], "{text}");
    }
    for text in ["crow and cave", "crow & cave", "crow und cave", "crow cave"] {
        assert_eq!(found(&lists, text), ["Crow & Cave Birds"], "{text}");
    }
    assert_eq!(found(&lists, "&"), ["Crow & Cave Birds"], "alone it is what it is");
}

#[test]
fn what_is_not_understood_is_searched_as_words_and_said() {
    for (text, words, odd) in [
        ("foo:bar crow", "foo:bar crow", vec!["foo:bar"]),
        ("year:soon", "year:soon", vec!["year:soon"]),
        ("no:nothing", "no:nothing", vec!["no:nothing"]),
        ("by:ada", "by:ada", vec!["by:ada"]),
        ("Star Wars: A New Hope", "Star Wars: A New Hope", vec![]),
        ("changed:soon", "changed:soon", vec!["changed:soon"]),
        ("10:04", "10:04", vec![]),
        ("C++ E=mc2", "C++ E=mc2", vec![]),
        ("the \"quick brown\" fox", "the  quick brown  fox", vec![]),
    ] {
        let typed = Typed::read::<Book>(text);
        assert_eq!(
            (typed.words.as_str(), typed.odd),
            (words, odd.into_iter().map(str::to_owned).collect::<Vec<_>>()),
            "{text}"
        );
        assert!(typed.tokens.is_empty() && typed.unfinished.is_none());
    }
}

#[test]
fn a_token_that_is_still_being_typed_hides_nothing() {
    for (text, words, tokens, unfinished) in [
        ("crow auth", "crow auth", "", None),
        ("crow author:", "crow", "", Some(("author", ""))),
        ("author:\"ted h", "", "author~ted h", Some(("author", "ted h"))),
        ("year:19", "", "published_year:19", Some(("year", "19"))),
        ("language:spani", "", "", Some(("language", "spani"))),
        ("no:", "", "", Some(("no", ""))),
        (
            "no:isbn author:hug",
            "",
            "isbn:none author~hug",
            Some(("author", "hug")),
        ),
    ] {
        let typed = Typed::read_so_far::<Book>(text);
        let filters: Vec<_> = typed.tokens.iter().map(|token| token.filter.to_string()).collect();
        assert_eq!(
            (typed.words.as_str(), filters.join(" ").as_str()),
            (words, tokens),
            "{text}"
        );
        let at = typed
            .unfinished
            .as_ref()
            .map(|it| (it.name.as_str(), it.value.as_str()));
        assert_eq!(at, unfinished, "{text}");
        assert!(typed.odd.is_empty(), "{text}");
    }
    assert_eq!(Typed::read_so_far::<Book>("language:spani ").odd, ["language:spani"]);
}

/// The words of the window for a name, in its languages.
fn words_of_the_window(name: &str) -> Vec<String> {
    let messages = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/messages");
    let word = |language: &str| {
        let text = std::fs::read_to_string(format!("{messages}/{language}.json")).unwrap();
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        let word = all[name].as_str();
        word.unwrap_or_else(|| panic!("{language}.json has no word “{name}”"))
            .to_owned()
    };
    ["en", "de"].map(word).to_vec()
}

fn every_name_is_understood<E: Asked>(besides: &[&'static str]) {
    let fields = FieldOf::<E>::typed().map(FieldOf::name);
    let lists = belongings_of(E::TABLE).flat_map(|list| [list.name, list.one]);
    let besides = besides.iter().copied().chain(["added", "changed"]);
    for name in fields.chain(lists).chain(besides) {
        for word in words_of_the_window(name) {
            let token = format!("no:\"{word}\"");
            let typed = Typed::read::<E>(&token);
            let of_time = ["added", "changed", "role"].contains(&name);
            let read = match typed.tokens.as_slice() {
                [token] => told::<E>(&token.filter).unwrap().name,
                _ if of_time => {
                    let token = format!(
                        "{}:{}",
                        word.replace(' ', "-"),
                        if name == "role" { "editor" } else { "7d" }
                    );
                    told::<E>(&Typed::read::<E>(&token).tokens[0].filter).unwrap().name
                }
                _ => panic!("{}: “{token}” is not understood", E::TABLE.name),
            };
            let one = belongings_of(E::TABLE)
                .find(|list| list.one == name)
                .map(|list| list.name);
            assert_eq!(read, one.unwrap_or(name), "{token}");
        }
    }
}

#[test]
fn every_field_is_called_as_the_window_calls_it_in_each_of_its_languages() {
    every_name_is_understood::<Book>(&["author", "role"]);
    every_name_is_understood::<Author>(&["books"]);
    let born = Typed::read::<Author>("born:1900..1999").tokens.remove(0).filter;
    assert_eq!(
        told::<Author>(&born),
        Ok(Told {
            name: "birth_year".to_owned(),
            kind: "year",
            test: "between",
            value: "1900..1999".to_owned()
        })
    );
}

#[test]
fn people_are_asked_in_the_same_way() {
    let (_catalogue, lists) = library();
    let names = |text: &str| -> Vec<String> {
        let list = AuthorList::default().typed(Typed::read::<Author>(text));
        let page = lists.page(&list, FIRST).unwrap();
        page.items.into_iter().map(|line| line.author.name).collect()
    };
    assert_eq!(names("name:garcia"), ["Gabriel García Márquez"]);
    assert_eq!(names("other_name:clemens"), ["Mark Twain"]);
    assert_eq!(names("no:books"), [] as [&str; 0]);
    assert_eq!(names("no:born twain"), ["Mark Twain"]);
}

#[test]
fn two_books_that_look_the_same_are_duplicates_and_two_editions_are_not() {
    let (catalogue, lists) = library();
    let again = |title: &str, isbn: Option<&str>, language: Option<&str>| {
        let (title, isbn, language) = (title.to_owned(), isbn.map(str::to_owned), language.map(str::to_owned));
        catalogue
            .database
            .write_blocking(move |tx| {
                let marquez = tx
                    .repo_mut::<Author>()
                    .create(&AuthorDraft::named("Gabriel Garcia Marquez"))?;
                tx.repo_mut::<Book>().create(&BookDraft {
                    isbn,
                    language,
                    ..BookDraft::new(title, marquez.id)
                })
            })
            .unwrap();
    };
    again("Cien años de soledad", Some("9780060883287"), Some("eng"));
    again("Cien años de soledad", None, Some("deu"));
    assert_eq!(
        found(&lists, "has:duplicate"),
        [] as [&str; 0],
        "other ISBN, other language"
    );
    again("Cien anos de soledad", None, None);
    assert_eq!(
        found(&lists, "has:duplicate soledad").len(),
        4,
        "it may be any of the three"
    );
    assert_eq!(found(&lists, "no:duplicate").len(), 3);
}
