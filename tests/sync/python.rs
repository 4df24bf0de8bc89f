//! A Python program on the server's tables (`examples/sqlmodel`), alongside devices.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use colophon_catalogue::person_name::sort_name;
use colophon_catalogue::{Author, Book};
use colophon_store::EntityId as _;
use colophon_tests::binary::environment;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, PASSWORD};

use crate::team::Team;

/// Runs `operations.py` as an editor of the catalogue.
fn operations(catalogue: &CentralCatalogue<'_>, arguments: &[&str]) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = Command::new(root.join("scripts/python"))
        .arg("examples/sqlmodel")
        .output()?;
    ensure!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    let python = String::from_utf8(python.stdout)?;
    let run = Command::new(python.trim())
        .arg(root.join("examples/sqlmodel/operations.py"))
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(environment(&catalogue.settings()))
        .env("POSTGRES_PASSWORD", PASSWORD)
        .output()
        .context("the Python of scripts/python")?;
    ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Ok(String::from_utf8(run.stdout)?)
}

on_each_release! {
    async fn rows_of_a_python_program_arrive_and_a_conflict_with_it_is_settled_by_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        let run = |arguments: &[&str]| tokio::task::block_in_place(|| operations(&team.catalogue, arguments));
        let said = run(&[])?;
        ensure!(said.lines().count() == 6 && said.contains("errors: done"), "{said}");

        team.comes_to_rest().await?;
        let (authors, books) = ann.database().read(|s| Ok((s.repo::<Author>().all()?, s.repo::<Book>().all()?))).await?;
        let named: Vec<_> = authors.iter().map(|author| (author.name.as_str(), author.sort_name.as_str())).collect();
        ensure!(named == [("Sappho", "Sappho")], "{named:?}");
        let [poems] = books.as_slice() else { anyhow::bail!("{books:?}") };
        ensure!((poems.title.as_str(), poems.author_id) == ("Poems", Some(authors[0].id)));

        run(&["rename", &poems.id.to_string(), "Poems and fragments"])?;
        ann.edit_book(poems.id, |book| "Fragments".clone_into(&mut book.title)).await?;
        team.comes_to_rest().await?;
        let conflict = team.conflict().await?;
        ensure!(conflict.record_id == poems.id.uuid() && conflict.settled_at.is_none(), "{conflict:?}");

        run(&["settle", "Poems and Fragments"])?;
        team.comes_to_rest().await?;
        let conflict = team.conflict().await?;
        ensure!(conflict.settled_by.as_deref() == Some("operations"), "{conflict:?}");
        ensure!(ann.find_book(poems.id).await?.is_some_and(|book| book.title == "Poems and Fragments"));
    }

    async fn a_sort_name_follows_on_the_server_as_it_does_on_a_device(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        let mut psql = team.catalogue.psql_of("ann")?;
        for name in NAMES {
            let name = name.replace('\'', "''");
            let derived = psql.value(&format!("INSERT INTO author (name) VALUES ('{name}') RETURNING sort_name"))?;
            ensure!(derived == sort_name(&name.replace("''", "'")), "{name}: {derived}");
        }
        psql.run("DELETE FROM author")?;
        psql.run("INSERT INTO author (name) VALUES ('Jane Austen'), ('George Eliot'), ('Homer')")?;
        psql.run("UPDATE author SET sort_name = 'Evans, Mary Ann' WHERE name = 'George Eliot'")?;
        // Renamed: one follows; for the second somebody has said it; and for the third it is said in the same breath.
        psql.run("UPDATE author SET name = 'Jane Smith' WHERE name = 'Jane Austen'")?;
        psql.run("UPDATE author SET name = 'Marian Evans' WHERE name = 'George Eliot'")?;
        psql.run("UPDATE author SET name = 'Homeros', sort_name = 'Homeros of Chios' WHERE name = 'Homer'")?;
        team.comes_to_rest().await?;
        let authors = ann.database().read(|s| s.repo::<Author>().all()).await?;
        let mut named: Vec<_> = authors.iter().map(|author| (author.name.clone(), author.sort_name.clone())).collect();
        named.sort();
        let expected = [("Homeros", "Homeros of Chios"), ("Jane Smith", "Smith, Jane"), ("Marian Evans", "Evans, Mary Ann")];
        ensure!(named.iter().map(|(name, sort)| (name.as_str(), sort.as_str())).eq(expected), "{named:?}");

        // What a device says stands, whatever would follow from the name.
        let jane = authors.into_iter().find(|author| author.name == "Jane Smith").context("she has come")?;
        ann.edit_author(jane.id, |author| {
            "Jane Jones".clone_into(&mut author.name);
            "Smith (Jane)".clone_into(&mut author.sort_name);
        }).await?;
        team.comes_to_rest().await?;
        ensure!(psql.value("SELECT sort_name FROM author WHERE name = 'Jane Jones'")? == "Smith (Jane)");
    }
}

/// Names of every kind that has a rule.
const NAMES: [&str; 46] = [
    "Jane Austen",
    "J. R. R. Tolkien",
    "Ursula K. Le Guin",
    "Johann Wolfgang von Goethe",
    "Honoré de Balzac",
    "Jean de la Fontaine",
    "Jean de La Fontaine",
    "Daphne du Maurier",
    "W. E. B. Du Bois",
    "Thomas De Quincey",
    "Antoine de Saint-Exupéry",
    "J. D. van der Waals",
    "Eça de Queirós",
    "Joaquim Maria Machado de Assis",
    "Nawal El Saadawi",
    "Muhammad ibn Musa al-Khwarizmi",
    "Tahar Ben Jelloun",
    "Ben Jonson",
    "Van Morrison",
    "Emily St. John Mandel",
    "Niki de Saint Phalle",
    "Лев Толстой",
    "Νίκος Καζαντζάκης",
    "Dr. Seuss",
    "  Jane \u{a0} Austen ",
    "Martin Luther King Jr.",
    "Martin Luther King, Jr.",
    "Henry Louis Gates III",
    "Robert Galbraith (J. K. Rowling)",
    "Homer",
    "Le Guin, Ursula K.",
    "Pliny the Elder",
    "Julian of Norwich",
    "van Gogh",
    "Jan and Stan Berenstain",
    "望月淳",
    "村上 春樹",
    "신경숙",
    "محمود درويش",
    "The Onion",
    "Oxford University Press",
    "DK Publishing",
    "50 Cent",
    "Flannery O'Connor",
    "Gerard ’t Hooft",
    "III",
];
