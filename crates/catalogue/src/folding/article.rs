//! Leading articles, which do not count for the place of a title in a list.

/// Marks that people type in place of an apostrophe.
const APOSTROPHES: [char; 3] = ['\'', '\u{2019}', '\u{2bc}'];

/// The title without its leading article, or the whole title if it has none or is nothing else.
pub(super) fn without<'title>(title: &'title str, language: Option<&str>) -> &'title str {
    let articles = articles_of(language.unwrap_or("eng"));
    if articles.is_empty() {
        return title;
    }
    // An opening quotation mark, bracket or ellipsis does not hide the article behind it.
    let start = title.trim_start_matches(|character: char| !character.is_alphanumeric());
    articles
        .iter()
        .find_map(|article| after(start, article))
        .filter(|rest| rest.chars().any(char::is_alphanumeric))
        .unwrap_or(title)
}

/// A name without the Arabic article written before it in lower case, as in "al-Khwarizmi".
pub(super) fn without_arabic(name: &str) -> &str {
    ["al-", "el-", "ad-", "an-", "ar-", "as-", "at-", "az-", "ash-"]
        .iter()
        .find_map(|article| name.strip_prefix(article))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
}

/// What follows the article, if the text begins with it. An article that ends in an apostrophe or a hyphen, or is the
/// Arabic one in its own script, is attached to the word; any other is a word of its own.
fn after<'text>(text: &'text str, article: &str) -> Option<&'text str> {
    let mut rest = text.chars();
    for expected in article.chars() {
        let found = rest.next()?;
        let same = match expected {
            '\'' => APOSTROPHES.contains(&found),
            _ => found.to_lowercase().eq(std::iter::once(expected)),
        };
        if !same {
            return None;
        }
    }
    let rest = rest.as_str();
    if article.ends_with(['\'', '-']) || article == "ال" {
        return Some(rest);
    }
    rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
}

/// The articles of a language in the forms with which a title begins, in lower case; none for a language without
/// articles, or with articles at the end of the word.
fn articles_of(language: &str) -> &'static [&'static str] {
    match language {
        "eng" => &["the", "a", "an"],
        "fra" => &["le", "la", "les", "l'", "un", "une", "des"],
        "deu" => &["der", "die", "das", "ein", "eine"],
        "spa" => &["el", "la", "los", "las", "lo", "un", "una", "unos", "unas"],
        "ita" => &["il", "lo", "la", "i", "gli", "le", "l'", "un", "uno", "una", "un'"],
        "por" | "glg" => &["o", "a", "os", "as", "um", "uma", "un", "unha"],
        "cat" | "oci" => &["el", "la", "els", "les", "l'", "un", "una", "lo", "los", "las"],
        "nld" => &["de", "het", "een", "t", "n"],
        "afr" => &["die", "n"],
        "swe" => &["en", "ett", "den", "det", "de"],
        "dan" | "nor" | "nob" | "nno" => &["en", "et", "ei", "ein", "eit", "den", "det", "de", "dei"],
        "ell" => &["ο", "η", "το", "οι", "τα", "ένας", "μια", "μία", "ένα"],
        "grc" => &["ὁ", "ἡ", "τὸ", "τό", "οἱ", "αἱ", "τὰ", "τά"],
        "hun" => &["a", "az", "egy"],
        "ron" => &["un", "o"],
        "epo" => &["la"],
        "ara" => &["ال", "al-", "el-", "ad-", "an-", "ar-", "as-", "at-", "az-", "ash-"],
        "gle" | "gla" => &["an", "na"],
        "cym" => &["y", "yr"],
        "mlt" => &["il-", "l-"],
        "yid" => &["דער", "די", "דאָס", "אַ", "אַן"],
        "sqi" => &["një"],
        _ => &[],
    }
}
