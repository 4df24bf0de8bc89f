//! Hungarian names, which have the family name first, both on the title page and in lists: “Móricz Zsigmond”.
//!
//! A Hungarian book may just as well be by Jules Verne, so the name itself has to show it: its last word is a Hungarian
//! given name.

/// Hungarian given names, as they are written there.
const GIVEN: &str = "Ádám Adrienn Ágnes Ágota Ákos Aladár Albert András Andrea Anikó Anna Antal Aranka Árpád Attila Balázs Bálint Barbara Béla Bence \
    Benedek Bertalan Botond Csaba Csilla Dániel Dénes Dezső Domokos Dóra Edina Éva Elemér Emese Emília Endre Enikő Erika Ernő Ervin Erzsébet Eszter \
    Etelka Ferenc Frigyes Gábor Gergely Géza György Gyula Gyöngyi Hajnalka Ibolya Ildikó Ilona Imre István Iván Izabella János Jenő József Judit Júlia \
    Kálmán Károly Katalin Kinga Kornél Krisztina Krisztián László Lajos Lászlóné Levente Lilla Lőrinc Magda Magdolna Margit Mária Márta Márton Máté Mátyás \
    Mihály Miklós Mór Mónika Nándor Noémi Orsolya Ottó Pál Péter Piroska Réka Rezső Rita Róbert Rózsa Sándor Sára Szabolcs Szilárd Szilvia Tamás Teréz \
    Tibor Tünde Vera Viktor Vilmos Virág Zoltán Zsigmond Zsófia Zsolt Zsuzsa Zsuzsanna";

/// Whether a language cell says Hungarian.
pub(super) fn is_language(cell: &str) -> bool {
    let cell = cell.trim();
    [
        "hu",
        "hun",
        "hungarian",
        "magyar",
        "ungarisch",
        "hongrois",
        "hu-hu",
        "hu_hu",
    ]
    .iter()
    .any(|word| cell.eq_ignore_ascii_case(word))
}

/// The sort name of a name that has the family name first: itself.
pub(super) fn sort_name(name: &str) -> Option<String> {
    let (family, given) = name.rsplit_once(' ')?;
    let is_given = |word: &str| GIVEN.split_ascii_whitespace().any(|known| known == word);
    (is_given(given) && !family.contains(['.', ',']) && !is_given(family)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hungarian_name_is_sorted_as_it_stands() {
        assert_eq!(sort_name("Kovács Ilona").as_deref(), Some("Kovács Ilona"));
        assert_eq!(sort_name("Jules Verne"), None);
        assert_eq!(sort_name("Ilona"), None);
        assert!(is_language("hun") && is_language("Magyar") && !is_language("eng"));
    }
}
