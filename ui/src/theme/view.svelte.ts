/**
 * How the window looks: theme, density of the rows, size of the text. Stored per person and machine, not in the
 * catalogue.
 */

import type { RecordKind } from '../ipc';
import { viewNotes } from '../view-notes';

/** What is remembered under this name is read by first-paint.js, too. */
const NOTE = 'view';
const ROOT_PX = 16;
/** Below this width the editor becomes a page of its own. */
const NARROW_REM = 68.75;
const ROW_REM = { compact: 1.5, regular: 1.75, roomy: 2.25 } as const;

export type Theme = 'system' | 'light' | 'dark';
export type RowSize = keyof typeof ROW_REM;
export type TextSize = '100' | '115' | '130' | '150';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
export const ROW_SIZES: readonly RowSize[] = ['compact', 'regular', 'roomy'];
export const TEXT_SIZES: readonly TextSize[] = ['100', '115', '130', '150'];

interface Kept {
  theme: Theme;
  rows: RowSize;
  text: TextSize;
  /** The columns that a person has chosen, for each list; other lists have the usual ones. */
  columns: Partial<Record<RecordKind, string[]>>;
  /** The widths in rem that a person has given to columns, for each list. */
  widths: Partial<Record<RecordKind, Record<string, number>>>;
  /** Whether the facets are shown beside the list. */
  facets: boolean;
}

/** How narrow and how wide a column can be made, in rem. */
const WIDTH_REM = { min: 2.5, max: 60 } as const;

/** Names of columns, if that is what they are. */
function names(kept: unknown): string[] | undefined {
  const names = Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : [];
  return names.length > 0 ? names : undefined;
}

function columnsOf(kept: Partial<Kept>): Kept['columns'] {
  const columns: Partial<Record<string, unknown>> = kept.columns ?? {};
  const [book, author] = [names(columns.book), names(columns.author)];
  return { ...(book ? { book } : {}), ...(author ? { author } : {}) };
}

/** Widths, as far as they are that. */
function widthsOf(kept: Partial<Kept>): Kept['widths'] {
  const widths: Partial<Record<string, unknown>> = kept.widths ?? {};
  const of = (list: unknown): Record<string, number> =>
    Object.fromEntries(
      Object.entries(list ?? {}).filter((one): one is [string, number] => typeof one[1] === 'number' && one[1] > 0),
    );
  return { book: of(widths.book), author: of(widths.author) };
}

function read(): Kept {
  const kept = (viewNotes.read(NOTE) ?? {}) as Partial<Kept>;
  return {
    theme: kept.theme && THEMES.includes(kept.theme) ? kept.theme : 'system',
    rows: kept.rows && ROW_SIZES.includes(kept.rows) ? kept.rows : 'regular',
    text: kept.text && TEXT_SIZES.includes(kept.text) ? kept.text : '100',
    columns: columnsOf(kept),
    widths: widthsOf(kept),
    facets: kept.facets === true,
  };
}

class View {
  private kept = $state<Kept>(read());
  /** The width of the window in pixels. */
  width = $state(window.innerWidth);

  get theme(): Theme {
    return this.kept.theme;
  }
  set theme(theme: Theme) {
    this.set({ theme });
  }
  get rows(): RowSize {
    return this.kept.rows;
  }
  set rows(rows: RowSize) {
    this.set({ rows });
  }
  get text(): TextSize {
    return this.kept.text;
  }
  set text(text: TextSize) {
    this.set({ text });
  }

  get facets(): boolean {
    return this.kept.facets;
  }
  set facets(facets: boolean) {
    this.set({ facets });
  }

  /** The columns of a list that a person has chosen; undefined for the usual ones. */
  columns(kind: RecordKind): readonly string[] | undefined {
    return this.kept.columns[kind];
  }
  /** Shows these columns of a list, or the usual ones. */
  showColumns(kind: RecordKind, columns: string[] | null): void {
    const others = Object.entries(this.kept.columns).filter(([other]) => other !== kind);
    this.set({ columns: Object.fromEntries(columns ? [...others, [kind, columns]] : others) });
  }

  /** The width of a column in rem; undefined where nobody has given it one. */
  columnWidth(kind: RecordKind, id: string): number | undefined {
    return this.kept.widths[kind]?.[id];
  }
  /** Gives a column a width, within reason, or with null its usual one. */
  widen(kind: RecordKind, id: string, rem: number | null): void {
    const others = Object.entries(this.kept.widths[kind] ?? {}).filter(([other]) => other !== id);
    const width = rem === null ? [] : [[id, Math.min(Math.max(rem, WIDTH_REM.min), WIDTH_REM.max)] as const];
    this.set({ widths: { ...this.kept.widths, [kind]: Object.fromEntries([...others, ...width]) } });
  }
  /** Gives all columns of a list their usual widths. */
  forgetWidths(kind: RecordKind): void {
    this.set({ widths: { ...this.kept.widths, [kind]: {} } });
  }

  /** One rem in pixels; app.css gives the same for each text size. */
  get rem(): number {
    return (ROOT_PX * Number(this.kept.text)) / 100;
  }
  /** Whether the window is too narrow for the editor beside the list, measured in its own text size. */
  get narrow(): boolean {
    return this.width / this.rem < NARROW_REM;
  }
  /** The height of a row in pixels. */
  get rowHeight(): number {
    return this.rem * ROW_REM[this.kept.rows];
  }

  private set(change: Partial<Kept>): void {
    Object.assign(this.kept, change);
    viewNotes.keep(NOTE, this.kept);
    const { theme, rows, text } = this.kept;
    const root = document.documentElement.dataset;
    if (theme === 'system') delete root.theme;
    else root.theme = theme;
    root.rows = rows;
    root.text = text;
  }
}

export const view = new View();
