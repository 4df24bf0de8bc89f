import { fieldWord } from '../imports/fields';
import type { ListColumn, ListRow } from '../ipc';
import { figure, moment, year } from '../words';

/** One column of a list. */
export interface Column {
  /** Its name, unique in the list. */
  id: string;
  /** Its heading, in the language of the window. */
  label: () => string;
  /** Its width as a grid track. */
  track: string;
  /** The width of the list from which on it is shown, in rem. */
  from: number;
  /** What the list is ordered by when its heading is clicked. */
  sort?: string;
  /** The core's cells that it shows something of. */
  needs: readonly string[];
  /** What its cell says. */
  text: (row: ListRow) => string;
  /** What its cell says after that, less prominently. */
  aside?: (row: ListRow) => string;
  /** Whether digits have equal width. */
  figures?: boolean;
  /** Whether it is aligned to the end of the cell. */
  atEnd?: boolean;
}

/**
 * What is special about a column: a width of its own, more than one field in it, or all of it if the core has no such
 * column.
 */
export type Special = Partial<Omit<Column, 'id'>>;

/** The number in a cell, if there is one. */
export function number(row: ListRow, name: string): number | null {
  const text = row.cells[name];
  return text === undefined ? null : Number(text);
}

/** How a kind of thing appears in a list; what is not named here is shown as it is, in the width of a name. */
const SHAPES: Record<string, { track: string; atEnd?: boolean; text?: (row: ListRow, name: string) => string }> = {
  year: { track: '4rem', atEnd: true, text: (row, name) => year(number(row, name)) },
  number: { track: '4rem', atEnd: true, text: (row, name) => count(row, name) },
  isbn: { track: '7.5rem' },
  language: { track: '4.5rem' },
  choice: { track: '6rem', text: (row, name) => choice(row, name) },
  lines: { track: 'minmax(0, 3fr)' },
  made: { track: '9.5rem', text: (row, name) => instant(row, name) },
  id: { track: '17.5rem' },
};

function count(row: ListRow, name: string): string {
  const number_ = number(row, name);
  return number_ === null || number_ === 0 ? '' : figure(number_);
}

function choice(row: ListRow, name: string): string {
  const word = row.cells[name];
  return word === undefined ? '' : fieldWord(`${name}_${word}`, word);
}

function instant(row: ListRow, name: string): string {
  const at = row.cells[name];
  return at === undefined ? '' : moment(at);
}

/** The kind of a column that is not a field of the record, by its name. */
const OWN: Record<string, string> = { added: 'made', changed: 'made', id: 'id', books: 'number' };

/** A column as the core describes it. */
export function columnOf(described: ListColumn): Column {
  const { name, figures } = described;
  const shape = SHAPES[described.kind === 'own' ? (OWN[name] ?? '') : described.kind];
  const text = shape?.text;
  return {
    id: name,
    label: () => fieldWord(name),
    track: shape?.track ?? (figures ? '6rem' : 'minmax(0, 2fr)'),
    from: 0,
    needs: [name],
    text: (row) => (text ? text(row, name) : (row.cells[name] ?? '')),
    figures,
    atEnd: shape?.atEnd ?? false,
    ...(described.sortable ? { sort: name } : {}),
  };
}

/** The columns that a list of this width has room for. */
export function columnsFor(columns: readonly Column[], width: number): Column[] {
  return columns.filter((column) => column.from <= width);
}
