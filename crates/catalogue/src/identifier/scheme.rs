//! What services elsewhere call an author or a book, recognised however it is written.
//!
//! People paste what they have: the address of a page, `orcid:0000-0002-1825-0097`, `(OCoLC)123`, the number alone.
//! [`recognise`] finds out whose it is and brings it into the one form in which it is stored, so that two people who
//! write the same thing differently mean the same; a number whose check digit is wrong is refused while whoever typed
//! it still has the page open. A bare number is accepted only if no other service has numbers of that shape. What
//! belongs to no service known here is kept as it is, under the name that it was given.

use super::forms::{asin, doi, gnd, is_orcid, isni, lccn, lettered, librarything, number, oclc, open_library, orcid};

/// The word for whatever belongs to no service known here.
pub const OTHER: &str = "other";

/// What a service has identifiers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// People and bodies.
    Authors,
    /// Books.
    Books,
    /// Both.
    Both,
}

/// A service whose identifiers are known.
#[derive(Debug)]
pub struct Scheme {
    /// The word for it, as it is stored and as it is written before a colon.
    pub word: &'static str,
    /// Its name, as people say it.
    pub name: &'static str,
    /// What it names.
    pub names: Names,
    /// Other words for it, in lower case.
    spellings: &'static [&'static str],
    /// The addresses of its pages: the end of the host (or its beginning, if it ends in a point), and what precedes the
    /// identifier.
    pages: &'static [(&'static str, &'static str)],
    /// The stored form of an identifier, or what it should look like.
    stored: fn(&str) -> Result<String, &'static str>,
    /// Whether a bare identifier can only be one of these.
    is_unmistakable: fn(&str) -> bool,
}

/// An identifier in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The word for its scheme.
    pub scheme: String,
    /// What it is called there.
    pub value: String,
}

/// Every service that is known here.
pub const SCHEMES: &[Scheme] = &[
    Scheme {
        word: "orcid",
        name: "ORCID",
        names: Names::Authors,
        spellings: &["orcid id", "orcidid"],
        pages: &[("orcid.org", "/")],
        stored: orcid,
        is_unmistakable: is_orcid,
    },
    Scheme {
        word: "isni",
        name: "ISNI",
        names: Names::Authors,
        spellings: &["urn:isni"],
        pages: &[
            ("isni.org", "/isni/"),
            ("isni.org", "/"),
            ("isni.oclc.org", "/isni/"),
            ("isni.oclc.nl", "/isni/"),
        ],
        stored: isni,
        is_unmistakable: |typed| isni(typed).is_ok() && !is_orcid(typed),
    },
    Scheme {
        word: "viaf",
        name: "VIAF",
        names: Names::Both,
        spellings: &[],
        pages: &[("viaf.org", "/viaf/")],
        stored: |typed| number(typed, 22).ok_or("a number of up to 22 digits"),
        is_unmistakable: |_| false,
    },
    Scheme {
        word: "wikidata",
        name: "Wikidata",
        names: Names::Both,
        spellings: &["wd", "wikidata id"],
        pages: &[("wikidata.org", "/wiki/"), ("wikidata.org", "/entity/")],
        stored: |typed| lettered("Q", typed, "").ok_or("Q and a number"),
        is_unmistakable: |typed| typed.len() > 2 && lettered("Q", typed, "").is_some(),
    },
    Scheme {
        word: "oclc",
        name: "OCLC",
        names: Names::Books,
        spellings: &["ocolc", "(ocolc)", "worldcat", "oclc number"],
        pages: &[("worldcat.org", "/oclc/"), ("worldcat.org", "/title/")],
        stored: oclc,
        is_unmistakable: |typed| typed.to_ascii_lowercase().starts_with("oc") && oclc(typed).is_ok(),
    },
    Scheme {
        word: "lccn",
        name: "LCCN",
        names: Names::Both,
        spellings: &["lc", "lccn permalink"],
        pages: &[
            ("lccn.loc.gov", "/"),
            ("id.loc.gov", "/authorities/names/"),
            ("id.loc.gov", "/authorities/"),
        ],
        stored: lccn,
        is_unmistakable: |_| false,
    },
    Scheme {
        word: "doi",
        name: "DOI",
        names: Names::Books,
        spellings: &["urn:doi", "info:doi"],
        pages: &[("doi.org", "/")],
        stored: doi,
        is_unmistakable: |typed| doi(typed).is_ok(),
    },
    Scheme {
        word: "asin",
        name: "ASIN",
        names: Names::Both,
        spellings: &["amazon"],
        pages: &[("amazon.", "/dp/"), ("amazon.", "/gp/product/"), ("amazon.", "/e/")],
        stored: asin,
        is_unmistakable: |typed| typed.starts_with("B0") && asin(typed).is_ok(),
    },
    Scheme {
        word: "goodreads",
        name: "Goodreads",
        names: Names::Both,
        spellings: &["gr"],
        pages: &[("goodreads.com", "/book/show/"), ("goodreads.com", "/author/show/")],
        stored: |typed| number(typed.split(['.', '-']).next().unwrap_or_default(), 18).ok_or("a number"),
        is_unmistakable: |_| false,
    },
    Scheme {
        word: "librarything",
        name: "LibraryThing",
        names: Names::Both,
        spellings: &["lt"],
        pages: &[("librarything.com", "work/"), ("librarything.com", "/author/")],
        stored: librarything,
        is_unmistakable: |_| false,
    },
    Scheme {
        word: "openlibrary",
        name: "Open Library",
        names: Names::Both,
        spellings: &["ol", "open library", "olid"],
        pages: &[
            ("openlibrary.org", "/books/"),
            ("openlibrary.org", "/works/"),
            ("openlibrary.org", "/authors/"),
        ],
        stored: open_library,
        is_unmistakable: |typed| open_library(typed).is_ok(),
    },
    Scheme {
        word: "gnd",
        name: "GND",
        names: Names::Both,
        spellings: &["pnd", "(de-588)"],
        pages: &[("d-nb.info", "/gnd/")],
        stored: gnd,
        is_unmistakable: |_| false,
    },
];

impl Scheme {
    /// The scheme of a stored word; `None` for [`OTHER`], and for one that only a newer version knows.
    pub fn of_word(word: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.word == word)
    }

    /// The stored form of an identifier of this scheme, or why it is not one.
    pub fn stored(&self, typed: &str) -> Result<String, String> {
        (self.stored)(typed.trim()).map_err(|looks| {
            format!(
                "“{}” is no {}: it is {looks}; look whether a digit is wrong",
                typed.trim(),
                self.name
            )
        })
    }

    fn is_called(&self, spelled: &str) -> bool {
        let spelled = spelled.trim().to_lowercase();
        self.word == spelled || self.spellings.contains(&spelled.as_str())
    }

    /// Whatever is in the place of the identifier in the address of a page of this service.
    fn on_page<'a>(&self, host: &str, path: &'a str) -> Option<&'a str> {
        let is_host = |site: &str| match site.strip_suffix('.') {
            Some(_) => host.starts_with(site) || host.contains(&format!(".{site}")),
            None => host == site || host.ends_with(&format!(".{site}")),
        };
        let rest = self.pages.iter().find_map(|(site, before)| {
            let at = is_host(site).then(|| path.find(before)).flatten()?;
            Some(&path[at + before.len()..])
        })?;
        // The only ones with a slash in them.
        let ends = if self.word == "doi" {
            &['?', '#'][..]
        } else {
            &['?', '#', '/'][..]
        };
        rest.split(ends).next().filter(|found| !found.is_empty())
    }
}

/// Finds out what somebody has typed or pasted, and brings it into its stored form, or says why that cannot be done.
pub fn recognise(typed: &str) -> Result<Recognised, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(address) = address(typed) {
        return on_a_page(typed, address);
    }
    if let Some((scheme, rest)) = named(typed) {
        return known(scheme, rest);
    }
    if let Some(scheme) = SCHEMES.iter().find(|scheme| (scheme.is_unmistakable)(typed)) {
        return known(scheme, typed);
    }
    match typed.split_once(':') {
        Some((word, rest)) if !word.trim().is_empty() && !rest.trim().is_empty() => {
            let value = if word.trim().eq_ignore_ascii_case(OTHER) {
                rest.trim()
            } else {
                typed
            };
            Ok(other(value))
        }
        _ => Err(format!(
            "it cannot be told whose “{typed}” is: paste the address of its page, or write the service before it, as in gnd:118540238"
        )),
    }
}

/// An identifier as it is written in files and on the command line: [`recognise`] reads it back as what it is.
pub fn print(scheme: &str, value: &str) -> String {
    if scheme == OTHER && recognise(value).is_ok_and(|again| again == other(value)) {
        return value.to_owned();
    }
    format!("{scheme}:{value}")
}

/// The stored form of an identifier whose scheme is known by its word; one of an unknown scheme stays as it is.
pub fn checked(scheme: &str, value: &str) -> Result<String, String> {
    match Scheme::of_word(scheme) {
        Some(known) => known.stored(value),
        None => Ok(value.trim().to_owned()),
    }
}

fn known(scheme: &Scheme, typed: &str) -> Result<Recognised, String> {
    Ok(Recognised {
        scheme: scheme.word.to_owned(),
        value: scheme.stored(typed)?,
    })
}

fn other(value: &str) -> Recognised {
    Recognised {
        scheme: OTHER.to_owned(),
        value: value.to_owned(),
    }
}

/// A web address without what precedes its host; also one that was copied without `https://`.
fn address(typed: &str) -> Option<&str> {
    let after_scheme = ["https://", "http://"].into_iter().find_map(|scheme| {
        let begins = typed.get(..scheme.len())?.eq_ignore_ascii_case(scheme);
        begins.then(|| &typed[scheme.len()..])
    });
    let is_page = |typed: &&str| {
        let Some((host, path)) = typed.split_once('/') else {
            return false;
        };
        host.contains('.')
            && SCHEMES
                .iter()
                .any(|scheme| scheme.on_page(host, &format!("/{path}")).is_some())
    };
    after_scheme.or(Some(typed).filter(is_page))
}

fn on_a_page(typed: &str, address: &str) -> Result<Recognised, String> {
    let at = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (host, path) = address.split_at(at);
    let host = host.to_ascii_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    for scheme in SCHEMES {
        if let Some(found) = scheme.on_page(host, path) {
            return known(scheme, found);
        }
    }
    Ok(other(typed))
}

/// The scheme that is named before a colon or a space, or after an opening bracket, and what follows.
fn named(typed: &str) -> Option<(&'static Scheme, &str)> {
    let ends = typed
        .match_indices([':', ' ', ')', '/'])
        .map(|(at, end)| (at, end.len()));
    // The longest name that matches: "urn:isni:" before "urn:".
    ends.filter_map(|(at, length)| {
        let name = if &typed[at..at + length] == ")" {
            &typed[..at + length]
        } else {
            &typed[..at]
        };
        let scheme = SCHEMES.iter().find(|scheme| scheme.is_called(name))?;
        Some((scheme, typed[at + length..].trim_start_matches([':', ' '])))
    })
    .next_back()
}

#[cfg(test)]
mod tests;
