use super::*;

#[test]
fn an_accent_comes_onto_its_letter_however_it_is_written() {
    for (tex, text) in [
        ("G{\\\"o}del", "Gödel"),
        ("G\\\"{o}del", "Gödel"),
        ("G\\\"odel", "Gödel"),
        ("G{\\\"{o}}del", "Gödel"),
        ("Erd{\\H o}s", "Erdős"),
        ("Erd\\H{o}s", "Erdős"),
        ("{\\v S}koda, {\\v{C}}apek", "Škoda, Čapek"),
        ("Fran\\c cois, {\\c{C}}elik", "François, Çelik"),
        ("na\\\"{\\i}ve, na{\\\"\\i}ve, Aks{\\i}n", "naïve, naïve, Aksın"),
        (
            "{\\'E}mile, \\`a, \\^o, \\~n, \\=u, \\.z, \\u g, \\r a, \\k e, \\d h, \\b d",
            "Émile, à, ô, ñ, ū, ż, ğ, å, ę, ḥ, ḏ",
        ),
        ("Nguy{\\~{\\^e}}n", "Nguyễn"),
        (
            "Stra{\\ss}e, stra\\ss{}e, \\O rsted, {\\L}{\\'o}d{\\'z}, {\\AA}sa, \\oe uvre, \\th ing",
            "Straße, straße, Ørsted, Łódź, Åsa, œuvre, þing",
        ),
        ("\\'{}x", "x"),
    ] {
        assert_eq!(plain(tex), text, "{tex}");
    }
}

#[test]
fn signs_are_read_and_groups_left_out() {
    for (tex, text) in [
        (
            "The {Oxford} Book of {{English} Verse}",
            "The Oxford Book of English Verse",
        ),
        (
            "Simon \\& Schuster, 100\\%, C\\#, \\$5, a\\_b, \\{x\\}",
            "Simon & Schuster, 100%, C#, $5, a_b, {x}",
        ),
        ("pp.~3--7 --- ``so'' `it' isn't", "pp. 3–7 — “so” ‘it' isn't"),
        (
            "\\textit{Moby-Dick}; \\emph{or}, {\\em The} {\\bf Whale}",
            "Moby-Dick; or, The Whale",
        ),
        (
            "\\mkbibquote{Intention} and \\enquote{a {\\\"o} \\emph{b}}",
            "“Intention” and “a ö b”",
        ),
        ("a line\n    that goes on", "a line that goes on"),
        (
            "on $L^2_{\\alpha}$ and \\LaTeX{} too",
            "on $L^2_{\\alpha}$ and LaTeX too",
        ),
        ("5\\,000", "5 000"),
        ("a lone \\", "a lone \\"),
        ("costs $5", "costs $5"),
    ] {
        assert_eq!(plain(tex), text, "{tex}");
    }
}

#[test]
fn an_address_is_left_as_it_is() {
    assert_eq!(
        verbatim("\\url{http://x.org/~a/b\\_c?d=1\\&e=%20}"),
        "http://x.org/~a/b_c?d=1&e=%20"
    );
    assert_eq!(verbatim("{10.1000/a--b}"), "10.1000/a--b");
    assert_eq!(verbatim("http://x.org/\\~{}ada"), "http://x.org/~ada");
}

#[test]
fn a_great_many_braces_and_accents_are_read_once() {
    let deep = "{".repeat(1_000_000) + "x" + &"}".repeat(1_000_000);
    assert_eq!(plain(&deep), "x");
    let accents = "\\'".repeat(500_000) + "e";
    assert!(plain(&accents).starts_with('é'));
}
