//! Who is named in the cells of a column.

use std::fmt::Write as _;

use super::{Commas, Habit, NameOrder, Reader};

/// The people in a column's cells, each as `name` or `name|sort name` with its years and roles.
fn column(header: &str, cells: &[&str]) -> Vec<Vec<String>> {
    let habit = Habit::found(header, cells.iter().copied(), None, None);
    cells.iter().map(|cell| shown(&habit, cell)).collect()
}

fn shown(habit: &Habit, cell: &str) -> Vec<String> {
    let people = Reader::read(habit, cell).named.into_iter();
    let shown = people.map(|one| {
        let roles: Vec<&str> = one.roles.iter().map(crate::contribution::Role::as_str).collect();
        let mut shown = one.name;
        for year in [one.birth_year, one.death_year].into_iter().flatten() {
            let _ = write!(shown, " {year}");
        }
        if !roles.is_empty() {
            let _ = write!(shown, " [{}]", roles.join(", "));
        }
        shown
    });
    shown.collect()
}

fn one(cell: &str, commas: Commas) -> Vec<String> {
    shown(&Habit::of(commas), cell)
}

fn commas(header: &str, cells: &[&str]) -> Commas {
    Habit::found(header, cells.iter().copied(), None, None).commas
}

#[test]
fn one_inverted_name_alone_in_a_column_is_one_person() {
    for cell in [
        "Le Guin, Ursula K.",
        "Tolkien, J. R. R.",
        "García Márquez, Gabriel",
        "Machado de Assis, Joaquim Maria",
    ] {
        assert_eq!(commas("author", &[cell]), Commas::PartNames, "{cell}");
    }
    let people = Reader::read(&Habit::of(Commas::PartNames), "Le Guin, Ursula K.").named;
    assert_eq!(people[0].name, "Ursula K. Le Guin");
    assert_eq!(people[0].sort_name.as_deref(), Some("Le Guin, Ursula K."));
}

#[test]
fn a_column_with_names_in_direct_order_lists_people() {
    let cells = [
        "Suzanne Collins",
        "J.K. Rowling, Mary GrandPré",
        "Homer, Robert Fagles",
        "Harper Lee",
    ];
    assert_eq!(commas("author", &cells), Commas::PartPeople);
    assert_eq!(commas("authors", &["J.K. Rowling, Mary GrandPré"]), Commas::PartPeople);
    assert_eq!(
        commas("author", &["Homer, Robert Fagles, E.V. Rieu"]),
        Commas::PartPeople
    );
}

#[test]
fn a_few_cells_do_not_outvote_the_habit_of_a_column() {
    let cells = [
        "Tolkien, J. R. R.",
        "Lee, Harper",
        "Oxford University Press",
        "Orwell, George",
        "Homer",
    ];
    assert_eq!(commas("authors", &cells), Commas::PartNames);
    assert_eq!(commas("authors", &["Lee, Harper; Orwell, George"]), Commas::PartNames);
}

#[test]
fn years_end_a_person_and_fill_birth_and_death() {
    let cells = [
        "Fell, Ida, 1820-1877",
        "Marr, Otto, 1961-",
        "Hay, Lewis Stone, Sir, 1859-1930",
        "Ek, Jo, active 16th century",
    ];
    assert_eq!(
        column("author", &cells),
        [
            vec!["Ida Fell 1820 1877"],
            vec!["Otto Marr 1961"],
            vec!["Sir Lewis Stone Hay 1859 1930"],
            vec!["Jo Ek"]
        ]
    );
    assert_eq!(one("Ida Fell (1820-1877)", Commas::PartPeople), ["Ida Fell 1820 1877"]);
    assert_eq!(
        one("Lewis, C. S. (Clive Staples), 1898-1963", Commas::PartNames),
        ["C. S. Lewis 1898 1963"]
    );
}

#[test]
fn words_and_signs_join_whole_names_only() {
    for (cell, people) in [
        ("Ida Fell & Jo Ek", vec!["Ida Fell", "Jo Ek"]),
        ("Ida Fell, Otto Marr and Jo Ek", vec!["Ida Fell", "Otto Marr", "Jo Ek"]),
        ("Ida Fell, Otto Marr, and Jo Ek", vec!["Ida Fell", "Otto Marr", "Jo Ek"]),
        ("Anna Fell und Lukas Marr", vec!["Anna Fell", "Lukas Marr"]),
        ("Luz Vega y Ana Mar", vec!["Luz Vega", "Ana Mar"]),
        ("Иван Белый и Анна Серая", vec!["Иван Белый", "Анна Серая"]),
        ("José Ortega y Gasset", vec!["José Ortega y Gasset"]),
        ("Better Homes and Gardens", vec!["Better Homes and Gardens"]),
        ("Hill & Dale", vec!["Hill & Dale"]),
        ("Ida Fell / Jo Ek", vec!["Ida Fell", "Jo Ek"]),
        ("AC/DC", vec!["AC/DC"]),
        ("طه حسين، نجيب محفوظ", vec!["طه حسين", "نجيب محفوظ"]),
        ("莫言，余华", vec!["莫言", "余华"]),
    ] {
        assert_eq!(one(cell, Commas::PartPeople), people, "{cell}");
    }
    assert_eq!(one("Fell, Ida & Ek, Jo", Commas::PartNames), ["Ida Fell", "Jo Ek"]);
    let doubts = Reader::read(&Habit::of(Commas::PartPeople), "Sid & Jan Fell").doubts;
    assert_eq!(doubts.len(), 1, "{doubts:?}");
}

#[test]
fn a_cell_may_speak_for_itself() {
    let cells = [
        "Jo Ek",
        "Low, Ida; Ek, Jo",
        "Stone, Max",
        "Homer, Ada Byron",
        "Marr, O.",
    ];
    assert_eq!(
        column("author", &cells),
        [
            vec!["Jo Ek"],
            vec!["Ida Low", "Jo Ek"],
            vec!["Max Stone"],
            vec!["Homer", "Ada Byron"],
            vec!["O. Marr"]
        ]
    );
    assert_eq!(
        one("Fell, I. K., Marr, O., Ek, J.", Commas::PartPeople),
        ["I. K. Fell", "O. Marr", "J. Ek"]
    );
    assert_eq!(
        one("Fell, Ida, Marr, Otto", Commas::PartNames),
        ["Ida Fell", "Otto Marr"]
    );
}

#[test]
fn suffixes_titles_and_particles_belong_to_their_name() {
    assert_eq!(
        one("Kurt Fell, Jr., Homer", Commas::PartPeople),
        ["Kurt Fell Jr.", "Homer"]
    );
    assert_eq!(
        one("King, Martin Luther, Jr.", Commas::PartNames),
        ["Martin Luther King Jr."]
    );
    assert_eq!(one("Fell, Jo, Sir", Commas::PartNames), ["Sir Jo Fell"]);
    assert_eq!(one("Berg, van den, Jan", Commas::PartNames), ["Jan van den Berg"]);
    assert_eq!(one("Alembert, Jean d'", Commas::PartNames), ["Jean d'Alembert"]);
    assert_eq!(one("Nguyễn, Văn An", Commas::PartNames), ["Nguyễn Văn An"]);
}

#[test]
fn nobody_is_made_of_those_whom_nobody_names() {
    for cell in [
        "Fell, Ida, et al.",
        "Fell, Ida et al.",
        "Fell, Ida; et al.",
        "Fell, Ida [et al.]",
    ] {
        let read = Reader::read(&Habit::of(Commas::PartNames), cell);
        assert_eq!(
            (read.named.len(), read.named[0].name.as_str(), read.doubts.len()),
            (1, "Ida Fell", 1),
            "{cell}"
        );
    }
    assert!(one(" ; ", Commas::PartNames).is_empty());
    assert_eq!(one(" , Homer,, ", Commas::PartPeople), ["Homer"]);
}

#[test]
fn a_role_at_a_name_is_believed_and_other_brackets_belong_to_the_name() {
    assert_eq!(
        one(
            "Ida Fell (translator); Jo Ek (Ill.); Prince (musician)",
            Commas::PartPeople
        ),
        ["Ida Fell [translator]", "Jo Ek [illustrator]", "Prince (musician)"]
    );
    assert_eq!(
        one("Ida Fell, Jo Ek (Eds.)", Commas::PartPeople),
        ["Ida Fell [editor]", "Jo Ek [editor]"]
    );
    assert_eq!(
        one("Übersetzt von Ida Fell", Commas::PartPeople),
        ["Ida Fell [translator]"]
    );
    assert_eq!(one("Fell, Ida, editor", Commas::PartNames), ["Ida Fell [editor]"]);
}

#[test]
fn bodies_stay_whole() {
    for cell in [
        "Gallery of Craft (Lyon, France)",
        "Hill, Dale & Fell",
        "Fell & Sons, Ltd.",
        "Northern Press, Inc.",
        "Department of Science and Technology",
        "Universität Graz, Institut für Geologie",
    ] {
        assert_eq!(one(cell, Commas::PartPeople), [cell]);
        assert_eq!(one(cell, Commas::PartNames), [cell]);
    }
    assert_eq!(
        one("Northern Press, Ida Fell", Commas::PartPeople),
        ["Northern Press", "Ida Fell"]
    );
}

#[test]
fn what_a_person_says_overrules_every_cell() {
    let told = |order, cell| {
        shown(
            &Habit::found("author", std::iter::once("Ida Fell"), Some(order), None),
            cell,
        )
    };
    assert_eq!(told(NameOrder::Direct, "Homer, Plato"), ["Homer", "Plato"]);
    assert_eq!(told(NameOrder::Inverted, "Homer, Ada Byron"), ["Ada Byron Homer"]);
    assert_eq!(told(NameOrder::FamilyFirst, "De Luca Erri"), ["Erri De Luca"]);
    let parted = Habit::found("author", std::iter::once("Ida Fell"), None, Some(" + "));
    assert_eq!(shown(&parted, "Fell, Ida + Jo Ek"), ["Ida Fell", "Jo Ek"]);
}

#[test]
fn many_thousands_of_names_are_read_in_one_breath() {
    for separator in ["; ", ", ", " and Bo, "] {
        let cell = vec!["Ida Fell"; 200_000].join(separator);
        assert!(one(&cell, Commas::PartPeople).len() >= 200_000, "{separator}");
    }
}
