//! Numbers of pages: `374`, `xii, 374 p.`, `1,024`, `374 p. ; 22 cm`, `374页`.

/// Words and signs that say that the number before them counts pages, in lower case.
const UNITS: [&str; 26] = [
    "p", "pp", "pg", "pgs", "page", "pages", "s", "seite", "seiten", "página", "páginas", "paginas", "pág", "págs",
    "pagine", "pag", "blz", "sider", "sidor", "str", "stron", "oldal", "с", "стр", "页", "頁",
];
/// Those that say that it counts something else.
const OTHERS: [&str; 18] = [
    "cm", "mm", "v", "vol", "vols", "volumes", "bd", "bde", "min", "minutes", "h", "hours", "kg", "g", "plates",
    "leaves", "cd", "x",
];

/// The number of pages that a text gives; 0 if it is empty, `None` if it gives none.
pub(super) fn read(text: &str) -> Option<i32> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    if let Some(pages) = alone(text) {
        return Some(pages);
    }
    if text.len() > 100 || text.starts_with(['-', '\u{2212}']) || text.contains("://") {
        return None;
    }
    let numbers = numbers(text)?;
    let counted = numbers.iter().filter(|(_, unit)| UNITS.contains(&unit.as_str()));
    let uncounted = numbers.iter().filter(|(_, unit)| !OTHERS.contains(&unit.as_str()));
    counted.map(|(number, _)| *number).max().or_else(|| {
        let is_plain = numbers
            .iter()
            .all(|(_, unit)| unit.is_empty() || OTHERS.contains(&unit.as_str()));
        uncounted.map(|(number, _)| *number).max().filter(|_| is_plain)
    })
}

/// A number that is all there is, perhaps with the fraction that a spreadsheet appended, or with a thousands separator.
fn alone(text: &str) -> Option<i32> {
    let whole = text
        .strip_suffix(".00")
        .or_else(|| text.strip_suffix(".0"))
        .unwrap_or(text);
    if let Some((thousands, rest)) = whole.split_once([',', '.', '\'', '\u{a0}', '\u{202f}'])
        && (1..=3).contains(&thousands.len())
        && rest.len() == 3
    {
        return digits(thousands)
            .zip(digits(rest))
            .map(|(thousands, rest)| thousands * 1000 + rest);
    }
    digits(whole)
}

fn digits(text: &str) -> Option<i32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The numbers in a text, each with the word after it. `None` if one of them is not a plain number: a fraction, a
/// range.
fn numbers(text: &str) -> Option<Vec<(i32, String)>> {
    let lower = text.to_lowercase();
    let mut numbers = Vec::new();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find(|character: char| character.is_ascii_digit()) {
        let number = &rest[at..];
        let end = number
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(number.len());
        let (number, behind) = number.split_at(end);
        let mut next = behind.chars();
        let is_part = matches!(next.next(), Some('.' | ',' | '-' | '–' | '/'))
            && next.next().is_some_and(|character| character.is_ascii_digit());
        let rest_of_it = behind
            .get(1..4)
            .filter(|digits| number.len() <= 3 && behind.starts_with([',', '.']) && self::digits(digits).is_some());

        if is_part && rest_of_it.is_none() {
            return None;
        }
        if let Some(rest_of_it) = rest_of_it {
            let joined = format!("{number}{rest_of_it}");
            numbers.push((joined.parse().ok()?, unit(&behind[4..])));
            rest = &behind[4..];
            continue;
        }
        numbers.push((number.parse().ok()?, unit(behind)));
        rest = behind;
    }
    Some(numbers)
}

fn unit(behind: &str) -> String {
    let word = behind.trim_start_matches([' ', ']', ')', '\u{a0}']);
    word.chars().take_while(|character| character.is_alphabetic()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_text_are_taken_and_not_those_of_the_preface() {
        for (text, pages) in [
            ("xiv, 210 p.", 210),
            ("XIV, 210 S.", 210),
            ("[8], 210 p., 4 plates ; 22 cm", 210),
            ("210 p. ; 22 cm", 210),
            ("viii + 210", 210),
            ("2,048", 2048),
            ("2.048 S.", 2048),
            ("210 págs.", 210),
            ("210页", 210),
            ("ca. 210 Seiten", 210),
        ] {
            assert_eq!(read(text), Some(pages), "{text}");
        }
        for text in ["2 v.", "21.5", "12-210", "many", "-3", "3 cats"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
