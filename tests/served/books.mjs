// Books that are made up, the same on every run: as many as a test wants, as a table that can be imported.

const GIVEN = ["Ada", "Bo", "Chiara", "Søren", "Dario", "Elif", "Farid", "Greta", "Hana", "Ivo", "Łucja", "Kōji", "José"];
const FAMILY = ["Albrecht", "Bruun", "Castell", "Dąbrowska", "Ekwueme", "García", "Hollis", "Ito", "Jansen", "Straße", "Moreau"];
const FIRST = ["The quiet", "A borrowed", "Seven", "Winter", "The paper", "An honest", "Northern", "Small", "The last"];
const SECOND = ["harbour", "dictionary", "orchard", "letters", "garden", "cartographer", "hour", "bridge", "archive", "sea"];
const THIRD = ["", " of Ostia", " in October", " and the fox", " without a name", " for two voices", " at the border", " revisited"];
const HOUSES = ["Fennel Press", "Lindqvist & Daughters", "Verlag am Wehr", "Éditions du Pont", "Hollow Tree"];
const LANGUAGES = ["eng", "deu", "fra", "ita", "pol"];
const TAGS = ["sea", "winter", "lent to the school"];

/** What a screen must cope with: other scripts, other directions, and texts that do not end. */
const ODD = [
  { title: "كتاب الحدائق المعلقة في مدينة السلام", author: "نجيب عبد الرحمن" },
  { title: "百年之后的图书馆与海", author: "林语晴" },
  {
    title: `The unabridged account of ${"everything that was ever shelved and ".repeat(8)}found again`,
    author: `Maximiliane Philippa ${"von Hohenstein-".repeat(5)}Tal`,
  },
];

/** Every how many books has none of something. */
const WITHOUT_AUTHOR = 23;
const WITHOUT_ISBN = 12;

/** This many books as a table of comma-separated values. */
export function table(count) {
  const below = numbers(1605);
  const lines = [Object.keys(book(0, below)).join(",")];
  for (let at = 0; at < count; at++) lines.push(Object.values(book(at, below)).map(quoted).join(","));
  return `${lines.join("\n")}\n`;
}

function book(at, below) {
  const inSeries = below(5) === 0;
  const translated = at % 4 === 0;
  return {
    title: ODD[at]?.title ?? `${of(FIRST, below(99))} ${of(SECOND, below(99))}${of(THIRD, below(99))}`,
    subtitle: below(6) === 0 ? "A novel" : "",
    author: ODD[at]?.author ?? (at % WITHOUT_AUTHOR === WITHOUT_AUTHOR - 1 ? "" : person(below(99_999))),
    translators: translated ? person(below(99_999)) : "",
    illustrators: translated && at % 3 === 1 ? person(below(99_999)) : "",
    isbn: at % WITHOUT_ISBN === WITHOUT_ISBN - 1 ? "" : isbn(at),
    publisher: of(HOUSES, below(99)),
    published_year: 1890 + below(135),
    language: of(LANGUAGES, below(99)),
    page_count: 90 + below(700),
    series: inSeries ? `${of(SECOND, below(99))} quartet` : "",
    series_position: inSeries ? 1 + below(4) : "",
    tags: below(3) === 0 ? of(TAGS, below(99)) : "",
  };
}

function person(at) {
  const initial = String.fromCharCode(65 + (Math.floor(at / (GIVEN.length * FAMILY.length)) % 26));
  return `${of(GIVEN, at)} ${initial}. ${of(FAMILY, Math.floor(at / GIVEN.length))}`;
}

function isbn(at) {
  const twelve = `978${String(100_000_000 + at * 7919).slice(-9)}`;
  const sum = [...twelve].reduce((all, digit, position) => all + Number(digit) * (position % 2 === 0 ? 1 : 3), 0);
  return `${twelve}${(10 - (sum % 10)) % 10}`;
}

function of(list, at) {
  return list[at % list.length];
}

function quoted(value) {
  return `"${String(value).replaceAll('"', '""')}"`;
}

/** A small generator of repeatable numbers. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
