/** What the palette offers: commands, lists of records that want mending, catalogues, settings, and records. */
import { shown } from '../catalogues/shown.svelte';
import { openEditor } from '../commands/acts';
import { keyWords } from '../commands/keys';
import { commands } from '../commands/table';
import { asFault, core, type CatalogueTold, type FoundRecord, type QualityTold, type RecordKind } from '../ipc';
import { qualityWord } from '../list/chip-words';
import { number } from '../list/columns';
import { m } from '../paraglide/messages';
import { place } from '../place.svelte';
import { SETTINGS } from '../theme/settings';
import { toasts } from '../undo/toasts.svelte';
import { life, year } from '../words';
import { LETTERS, rank } from './ranking';

/** One thing that can be taken. */
export interface Entry {
  /** Its name among all, by which it is known when it was taken lately. */
  id: string;
  label: string;
  /** What is said after the label, less prominently. */
  aside?: string;
  /** What it is; nothing for a command. */
  kind?: string;
  keys?: string[];
  run: () => unknown;
}

/** What the core knows of that the palette offers besides records. */
export interface Known {
  quality: { kind: RecordKind; list: QualityTold }[];
  catalogues: CatalogueTold[];
}

/** The lists that are not empty, and the catalogues. */
export async function known(): Promise<Known> {
  const [book, author, catalogues] = await Promise.all([ofKind('book'), ofKind('author'), core().catalogues()]);
  return { quality: [...book, ...author], catalogues };
}

async function ofKind(kind: RecordKind): Promise<Known['quality']> {
  const lists = await core().listQuality(kind);
  return lists.filter(({ count }) => count !== 0).map((list) => ({ kind, list }));
}

function ofCommands(): Entry[] {
  const able = commands.filter(({ run, can, isHere }) => run && !isHere && can?.() !== false);
  return able.map(({ id, label, keys, run }) => ({
    id,
    label: label(),
    ...(keys[0] === undefined ? {} : { keys: keyWords(keys[0]) }),
    run: () => run?.(),
  }));
}

function ofSettings(): Entry[] {
  return SETTINGS.flatMap(({ id, title, value, options, choose }) =>
    options()
      .filter((option) => option.value !== value())
      .map((option) => ({
        id: `${id} ${option.value}`,
        label: m.palette_setting({ title: title(), value: option.word }),
        kind: m.palette_kind_setting(),
        run: () => choose(option.value),
      })),
  );
}

async function goTo(token: number): Promise<void> {
  try {
    await shown.goBy(() => core().catalogueOpen(token));
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Everything that is offered besides records, in the order of the tables. */
export function entries({ quality, catalogues }: Known): Entry[] {
  return [
    ...ofCommands(),
    ...quality.map(({ kind, list }) => ({
      id: `list ${kind} ${list.filter}`,
      label: qualityWord(kind, list.filter),
      kind: m.palette_kind_filter(),
      run: () => place.showOnly(kind, list.filter),
    })),
    ...catalogues
      .filter((one) => !one.is_open)
      .map(({ name, file, token }) => ({
        id: `catalogue ${file}`,
        label: name,
        kind: m.palette_kind_catalogue(),
        run: () => goTo(token),
      })),
    ...ofSettings(),
  ];
}

/** Records that were found. */
export function recordEntries(found: readonly FoundRecord[]): Entry[] {
  return found.map(({ kind, row }) => ({
    id: `record ${row.id}`,
    label: (kind === 'book' ? row.cells.title : row.cells.sort_name) ?? '',
    aside: kind === 'book' ? ofBook(row) : life(number(row, 'birth_year'), number(row, 'death_year')),
    kind: kind === 'book' ? m.book() : m.author(),
    run: () => {
      place.go(kind, row.id);
      openEditor();
    },
  }));
}

function ofBook(row: FoundRecord['row']): string {
  return [row.cells.author, year(number(row, 'published_year'))].filter(Boolean).join(' · ');
}

/** What fits what was typed, best first: what was taken lately goes before its like, records before mere letters. */
export function offered(all: readonly Entry[], records: readonly Entry[], typed: string, lately: string[]): Entry[] {
  const lateness = ({ id }: Entry) => (lately.includes(id) ? lately.indexOf(id) : lately.length);
  const fitting = all.flatMap((entry) => {
    const fits = rank(entry.label, typed);
    return fits === null ? [] : [{ entry, fits }];
  });
  fitting.sort((a, b) => a.fits - b.fits || lateness(a.entry) - lateness(b.entry));
  const from = fitting.findIndex(({ fits }) => fits >= LETTERS);
  const words = from < 0 ? fitting.length : from;
  const fit = fitting.map(({ entry }) => entry);
  return [...fit.slice(0, words), ...records, ...fit.slice(words)];
}
