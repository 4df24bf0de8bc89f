//! Who knows whom within a crate: no circle of more than two files, and no circle of rooms.
//!
//! Files that know each other in a ring can only be understood, tested and moved together; a room that is known by what
//! is below it is no room. An arrow goes from a file to the file that defines a name it uses, whoever passes the name
//! on in between. Two files may know each other: often they are one thing that is longer than a file should be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::modules::{Arrows, House, Path};
use crate::tree::{self, Source};
use crate::unbroken;

/// The sources of each crate whose files are examined.
const CRATES: [&str; 8] = [
    "crates/store/src",
    "crates/xml/src",
    "crates/marc/src",
    "crates/catalogue/src",
    "crates/acts/src",
    "crates/sync/src",
    "crates/cli/src",
    "src-tauri/src",
];

/// The crates whose rooms, the folders right below the root, know each other in one direction only.
const WITH_ROOMS: [&str; 1] = ["crates/store/src"];

#[test]
fn no_circle_has_more_than_two_files() -> Result<()> {
    let mut broken = Vec::new();
    for of_crate in CRATES {
        let sources = tree::sources_ending(of_crate, &["rs"])?;
        ensure!(!sources.is_empty(), "{of_crate} has no sources");
        broken.extend(circles_of_files(of_crate, &sources));
    }
    unbroken(broken);
    Ok(())
}

#[test]
fn no_room_knows_one_that_stands_on_it() -> Result<()> {
    let mut broken = Vec::new();
    for of_crate in WITH_ROOMS {
        broken.extend(circles_of_rooms(of_crate, &tree::sources_ending(of_crate, &["rs"])?));
    }
    unbroken(broken);
    Ok(())
}

#[test]
fn the_rules_see_a_circle() {
    let source = |path: &str, text: &str| Source::imagined(&format!("crates/x/src/{path}"), text);
    let ring = [
        source("lib.rs", "mod a;\nmod b;\nmod room;\npub use a::A;"),
        source("a.rs", "use crate::b::B;\npub struct A;"),
        source("b.rs", "use crate::room::{self, deep::C as D};\npub struct B(D);"),
        source("room/mod.rs", "pub(crate) mod deep;"),
        source(
            "room/deep.rs",
            "// crate::b::B\npub struct C;\nfn a() -> crate::A { todo(\"crate::b::B\") }",
        ),
    ];
    let broken = circles_of_files("crates/x/src", &ring);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].contains("a.rs, b.rs, room/deep.rs"), "{broken:?}");

    let mut cut = ring.clone();
    cut[4].text = "pub struct C;\n#[cfg(test)]\nmod tests { use crate::A; }".to_owned();
    assert_eq!(circles_of_files("crates/x/src", &cut), Vec::<String>::new());

    // `&'static A` defines nothing: what `d` takes from `b` belongs to `a`.
    let handed_on = [
        source("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
        source("a.rs", "pub struct A;"),
        source(
            "b.rs",
            "pub use crate::a::A;\nuse crate::c::C;\nfn b(_: &'static A, _: C) {}",
        ),
        source("c.rs", "use crate::d::D;\npub struct C(D);"),
        source("d.rs", "use crate::b::A;\npub struct D(A);"),
    ];
    assert_eq!(circles_of_files("crates/x/src", &handed_on), Vec::<String>::new());

    let rooms = [
        source("lib.rs", "mod high;\nmod low;"),
        source("high/mod.rs", "mod own;"),
        source("high/own.rs", "use crate::low::Low;\npub struct Own;"),
        source("high/other.rs", "pub struct Other;"),
        source("low/mod.rs", "mod user;\npub struct Low;"),
        source("low/user.rs", "fn user(_: super::super::high::other::Other) {}"),
    ];
    assert_eq!(circles_of_files("crates/x/src", &rooms), Vec::<String>::new());
    assert_eq!(circles_of_rooms("crates/x/src", &rooms).len(), 1);
}

fn circles_of_files(of_crate: &str, sources: &[Source]) -> Vec<String> {
    let house = House::of(of_crate, sources);
    let arrows = house.arrows();
    let circles = circles(&arrows).into_iter().filter(|circle| circle.len() > 2);
    circles.map(|circle| told(of_crate, &circle, &arrows, &house)).collect()
}

fn told(of_crate: &str, circle: &BTreeSet<Path>, arrows: &Arrows, house: &House) -> String {
    let files: Vec<&str> = circle.iter().map(|module| house.file(module)).collect();
    let within = arrows
        .iter()
        .filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
    let lines = within.map(|((from, to), names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("\n    {} -> {}: {}", house.file(from), house.file(to), names.join(" "))
    });
    format!(
        "{of_crate}: {} files know each other in a circle: {}{}",
        files.len(),
        files.join(", "),
        lines.collect::<String>()
    )
}

fn circles_of_rooms(of_crate: &str, sources: &[Source]) -> Vec<String> {
    let house = House::of(of_crate, sources);
    let room = |module: &Path| module.first().cloned().unwrap_or_default();
    let mut between: BTreeMap<(Path, Path), BTreeSet<String>> = BTreeMap::new();
    for (from, to) in house.arrows().keys() {
        // The root passes names on to others and has none of its own.
        if room(from) != room(to) && !from.is_empty() && !to.is_empty() {
            let line = format!("\n    {} -> {}", house.file(from), house.file(to));
            between
                .entry((vec![room(from)], vec![room(to)]))
                .or_default()
                .insert(line);
        }
    }
    let rings = circles(&between).into_iter().filter(|circle| circle.len() > 1);
    let tell = |circle: BTreeSet<Path>| {
        let within = between
            .iter()
            .filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
        let lines: String = within.flat_map(|(_, lines)| lines.iter().cloned()).collect();
        let rooms: Vec<String> = circle.into_iter().flatten().collect();
        format!("{of_crate}: rooms stand on each other: {}{lines}", rooms.join(", "))
    };
    rings.map(tell).collect()
}

/// What can reach each other both ways; what stands alone is included.
fn circles(arrows: &Arrows) -> Vec<BTreeSet<Path>> {
    let mut next: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        next.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = next.keys().map(|from| (*from, reachable(from, &next))).collect();
    let mut circles: BTreeSet<BTreeSet<Path>> = BTreeSet::new();
    for (from, to) in &reached {
        let back = |other: &&&Path| reached.get(**other).is_some_and(|back| back.contains(from));
        let circle = to.iter().filter(back).map(|path| (*path).clone());
        circles.insert(circle.chain([(*from).clone()]).collect());
    }
    circles.into_iter().collect()
}

fn reachable<'p>(from: &'p Path, next: &BTreeMap<&'p Path, Vec<&'p Path>>) -> BTreeSet<&'p Path> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(path) = waiting.pop() {
        for to in next.get(path).into_iter().flatten() {
            if reached.insert(*to) {
                waiting.push(to);
            }
        }
    }
    reached
}
