import type { ActTold, ConflictTold, ListItem, Role } from './bindings';

/** An author of the made-up catalogue. */
export interface MadeUpAuthor {
  id: string;
  name: string;
  sort_name: string;
  birth_year: number | null;
  death_year: number | null;
  email: string | null;
  website: string | null;
  notes: string | null;
}

/** A book of the made-up catalogue. */
export interface MadeUpBook {
  id: string;
  author_id: string | null;
  title: string;
  subtitle: string | null;
  isbn: string | null;
  publisher: string | null;
  published_year: number | null;
  language: string | null;
  page_count: number | null;
  series: string | null;
  series_position: string | null;
  notes: string | null;
}

/** A contribution of the made-up catalogue. */
export interface MadeUpContribution {
  id: string;
  book_id: string;
  author_id: string;
  role: Role;
  position: number;
}

/** All of it. */
export interface MadeUp {
  authors: Map<string, MadeUpAuthor>;
  books: Map<string, MadeUpBook>;
  contributions: Map<string, MadeUpContribution>;
  /** What is in the lists, by record and list: "0190…/tags". */
  lists: Map<string, ListItem[]>;
}

const GIVEN = [
  'Ada',
  'Bo',
  'Chiara',
  'Søren',
  'Dario',
  'Elif',
  'Farid',
  'Greta',
  'Hana',
  'Ivo',
  'Łucja',
  'Kōji',
  'José',
];
const FAMILY = [
  'Albrecht',
  'Bruun',
  'Castell',
  'Dąbrowska',
  'Ekwueme',
  'García',
  'Hollis',
  'Ito',
  'Jansen',
  'Straße',
  'Moreau',
];
const FIRST = ['The quiet', 'A borrowed', 'Seven', 'Winter', 'The paper', 'An honest', 'Northern', 'Small', 'The last'];
const SECOND = [
  'harbour',
  'dictionary',
  'orchard',
  'letters',
  'garden',
  'cartographer',
  'hour',
  'bridge',
  'archive',
  'sea',
];
const THIRD = [
  '',
  ' of Ostia',
  ' in October',
  ' and the fox',
  ' without a name',
  ' for two voices',
  ' at the border',
  ' revisited',
];
const HOUSES = ['Fennel Press', 'Lindqvist & Daughters', 'Verlag am Wehr', 'Éditions du Pont', 'Hollow Tree'];
const LANGUAGES = ['eng', 'deu', 'fra', 'ita', 'pol'];

/** Records that a screen must cope with: other scripts, other directions, and a title that does not end. */
const TITLES = [
  'كتاب الحدائق المعلقة في مدينة السلام',
  '百年之后的图书馆与海',
  `The unabridged account of ${'everything that was ever shelved and '.repeat(8)}found again`,
];
const NAMES = ['نجيب عبد الرحمن', '林语晴', `Maximiliane Philippa ${'von Hohenstein-'.repeat(5)}Tal`];

/** A small generator of repeatable numbers: a window over made-up records must look the same on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** "Ada Castell" becomes "Castell, Ada". */
function sortName(name: string): string {
  const cut = name.lastIndexOf(' ');
  return cut < 0 ? name : `${name.slice(cut + 1)}, ${name.slice(0, cut)}`;
}

function of(list: readonly string[], at: number): string {
  return list[at % list.length] ?? '';
}

function madeUpAuthor(at: number, below: (limit: number) => number): MadeUpAuthor {
  const initial = String.fromCharCode(65 + (Math.floor(at / (GIVEN.length * FAMILY.length)) % 26));
  const name = NAMES[at] ?? `${of(GIVEN, at)} ${initial}. ${of(FAMILY, Math.floor(at / GIVEN.length))}`;
  const birth = 1780 + below(210);
  return {
    id: `author-${at}`,
    name,
    sort_name: sortName(name),
    birth_year: at % 5 === 0 ? null : birth,
    death_year: birth < 1930 ? birth + 60 : null,
    email: null,
    website: null,
    notes: null,
  };
}

function madeUpBook(at: number, authors: number, below: (limit: number) => number): MadeUpBook {
  const twelve = `978${String(100000000 + at * 7919).slice(-9)}`;
  const inSeries = below(5) === 0;
  return {
    id: `book-${at}`,
    author_id: `author-${at < TITLES.length ? at : below(authors)}`,
    title: TITLES[at] ?? `${of(FIRST, below(99))} ${of(SECOND, below(99))}${of(THIRD, below(99))}`,
    subtitle: below(6) === 0 ? 'A novel' : null,
    isbn: below(12) === 0 ? null : `${twelve}0`,
    publisher: of(HOUSES, below(99)),
    published_year: at % 997 === 1 ? -380 : 1890 + below(135),
    language: of(LANGUAGES, below(99)),
    page_count: 90 + below(700),
    series: inSeries ? `${of(SECOND, below(99))} quartet` : null,
    series_position: inSeries ? String(1 + below(4)) : null,
    notes: null,
  };
}

/** This many books by a third as many authors, the same on every run. */
export function makeUp(books: number): MadeUp {
  const below = numbers(1605);
  const authors = books === 0 ? 0 : Math.max(NAMES.length, Math.ceil(books / 3));
  const made: MadeUp = { authors: new Map(), books: new Map(), contributions: new Map(), lists: new Map() };
  for (let at = 0; at < authors; at++) {
    const author = madeUpAuthor(at, below);
    made.authors.set(author.id, author);
  }
  for (let at = 0; at < books; at++) {
    const book = madeUpBook(at, authors, below);
    made.books.set(book.id, book);
    if (at % 4 !== 0) continue;
    for (let position = 0; position < 1 + (at % 3); position++) {
      const role: Role = position === 0 ? 'translator' : 'illustrator';
      const id = `contribution-${at}-${position}`;
      made.contributions.set(id, {
        id,
        book_id: book.id,
        author_id: `author-${below(authors)}`,
        role,
        position,
      });
    }
  }
  return made;
}

/** One act of the made-up catalogue: what there was before and after it. */
export interface Taken {
  before: MadeUp;
  after: MadeUp;
  told: ActTold;
  /** The conflicts before, if some were settled. */
  conflicts?: ConflictTold[];
}

/** Here, whatever is taken back comes back completely. */
export const WHOLE = { left_alone: 0, breaks: null };
