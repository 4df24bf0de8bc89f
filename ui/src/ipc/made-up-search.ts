import type { Chip, FacetTold, ListQuery, QualityTold, RecordKind, TypedTold, ValueTold } from './bindings';
import type { MadeUp } from './made-up';
import { cellsOf, matching } from './made-up-lists';
import { folded } from './made-up-rules';
import { MadeUpServer } from './made-up-server';

/** The names that tokens may have; the core knows every field, in two languages. */
const NAMES: Record<RecordKind, readonly string[]> = {
  book: ['author', 'title', 'isbn', 'publisher', 'series', 'language', 'published_year', 'tags'],
  author: ['name', 'sort_name', 'birth_year', 'death_year'],
};
const FACETS: Record<RecordKind, readonly string[]> = {
  book: ['author', 'publisher', 'published_year', 'language'],
  author: [],
};
const KINDS: Record<string, string> = { published_year: 'year', language: 'language', author: 'own', tags: 'list' };
const TESTS: Record<string, string> = { ':': 'is', '~': 'contains', '!:': 'is_not' };
const OFFERED = 10;

/** The filter that a token is; undefined where it is not understood. */
function filterOf(kind: RecordKind, piece: string): string | undefined {
  const [, name = '', value = ''] = /^(\p{L}[\p{L}_]*):"?([^"]*)"?$/u.exec(piece) ?? [];
  if (value === '') return undefined;
  if (name === 'no' && NAMES[kind].includes(value)) return `${value}:none`;
  return NAMES[kind].includes(name) ? `${name}~${value}` : undefined;
}

function take(kind: RecordKind, text: string, finished: boolean): TypedTold {
  const pieces = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const told: TypedTold = { rest: '', words: '', filters: [], odd: [], unfinished: null };
  const [rest, words]: [string[], string[]] = [[], []];
  for (const [at, piece] of pieces.entries()) {
    const filter = filterOf(kind, piece);
    const last = !finished && at === pieces.length - 1 && text.endsWith(piece);
    const named = NAMES[kind].some((name) => piece.startsWith(`${name}:`));
    if (last && (filter !== undefined || named)) {
      told.unfinished = piece;
      rest.push(piece);
    } else if (filter !== undefined) {
      told.filters.push(filter);
    } else {
      if (/^\p{L}+:./u.test(piece)) told.odd.push(piece);
      rest.push(piece);
      words.push(piece);
    }
  }
  return { ...told, rest: rest.join(' '), words: words.join(' ') };
}

/** What is typed, with its tokens as filters. */
export function asked(kind: RecordKind, query: ListQuery): ListQuery {
  const { words, filters, unfinished } = take(kind, query.text, false);
  const last = unfinished === null ? undefined : filterOf(kind, unfinished);
  return { ...query, text: words, filters: [...query.filters, ...filters, ...(last === undefined ? [] : [last])] };
}

/** A search box that answers as the core does, as far as a screen needs. */
export abstract class MadeUpSearch extends MadeUpServer {
  protected abstract made: MadeUp;

  searchTyped = (kind: RecordKind, text: string, finished: boolean): Promise<TypedTold> =>
    Promise.resolve(take(kind, text, finished));

  searchChips = (_kind: RecordKind, filters: string[]): Promise<Chip[]> =>
    Promise.resolve(
      filters.map((filter) => {
        const [, name = '', sign = '', value = ''] = /^(\w+)(!:|:|~)(.*)$/.exec(filter) ?? [];
        const test = ['none', 'any', 'bad'].includes(value) ? value : (TESTS[sign] ?? 'is');
        const shown = name === 'author' ? (this.made.authors.get(value)?.name ?? value) : value;
        return { filter, name, kind: KINDS[name] ?? 'line', test, value: shown };
      }),
    );

  searchValues = (kind: RecordKind, query: ListQuery): Promise<FacetTold | null> => {
    const { unfinished, rest } = take(kind, query.text, false);
    const [name = '', part = ''] = unfinished?.split(':') ?? [];
    if (unfinished === null || !FACETS[kind].includes(name)) return Promise.resolve(null);
    const others = { ...query, text: rest.slice(0, rest.length - unfinished.length) };
    const values = this.counted(kind, others, name).filter(({ value }) => folded(value ?? '').includes(folded(part)));
    return Promise.resolve({ name, kind: KINDS[name] ?? 'line', values: values.slice(0, OFFERED), more: 0 });
  };

  listFacets = (kind: RecordKind, query: ListQuery, most: number): Promise<FacetTold[]> => {
    const facets = FACETS[kind].map((name) => {
      const values = this.counted(kind, query, name);
      const more = Math.max(0, values.length - most);
      return { name, kind: KINDS[name] ?? 'line', values: values.slice(0, most), more };
    });
    return Promise.resolve(facets);
  };

  listQuality = (kind: RecordKind): Promise<QualityTold[]> => {
    const filters = kind === 'book' ? ['author:none', 'isbn:none', 'language:bad'] : [];
    const query = { text: '', sort: 'title', descending: false };
    const count = (filter: string) => matching(this.made, kind, { ...query, filters: [filter] }).length;
    return Promise.resolve(filters.map((filter) => ({ filter, count: count(filter) })));
  };

  private counted(kind: RecordKind, query: ListQuery, name: string): ValueTold[] {
    const counts = new Map<string | undefined, number>();
    for (const id of matching(this.made, kind, asked(kind, query))) {
      const cells = cellsOf(this.made, kind, id);
      const value = cells[name === 'author' ? 'author_id' : name];
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const told = [...counts].map(([value, count]) => {
      const shown = name === 'author' ? this.made.authors.get(value ?? '')?.name : value;
      return {
        value: shown ?? null,
        count,
        filter: value === undefined ? `${name}:none` : `${name}:${value}`,
        without: value === undefined ? `${name}:any` : `${name}!:${value}`,
      };
    });
    return told.sort((a, b) => Number(a.value === null) - Number(b.value === null) || b.count - a.count);
  }
}
