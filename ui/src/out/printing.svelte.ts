import { asFault, core, type ListQuery, type ListRow, type RecordKind } from '../ipc';
import { selectedOf, whichThereAre, type Which } from '../selection/which';
import { toasts } from '../undo/toasts.svelte';
import { LAYOUTS, type Layout } from './layouts';

/** The most rows of one printed list: about a hundred pages, which are laid out at once. */
export const PRINT_MAX = 5_000;
const PER_PAGE = 1_000;

/** What is shown as a page to be printed. */
class Printing {
  /** The list that is printed; null while nothing is. */
  layout = $state.raw<Layout | null>(null);
  offered = $state.raw<Which[]>([]);
  which = $state<Which>('all');
  rows = $state.raw<ListRow[]>([]);
  /** How many rows there are, of which only the first are printed. */
  total = $state(0);
  /** Whether all rows that are printed are there. */
  ready = $state(false);

  private kind: RecordKind = 'book';
  private shown: ListQuery | null = null;
  private asked = 0;
  private chosen: Partial<Record<RecordKind, Layout>> = {};

  /** The lists that can be printed of what is shown. */
  get layouts(): readonly Layout[] {
    return LAYOUTS.filter(({ kind }) => kind === this.kind);
  }

  /** Shows what would be printed: of what is chosen in a list, or if that is nothing, of what the list finds. */
  async open(kind: RecordKind, shown: ListQuery): Promise<void> {
    if (this.layout !== null) return;
    this.kind = kind;
    this.shown = shown;
    this.offered = whichThereAre(kind, shown);
    this.which = this.offered[0] ?? 'all';
    this.layout = this.chosen[kind] ?? this.layouts[0] ?? null;
    await this.load();
  }

  close(): void {
    this.asked++;
    this.layout = null;
    this.rows = [];
  }

  async lay(id: string): Promise<void> {
    const layout = this.layouts.find((one) => one.id === id);
    if (!layout) return;
    this.chosen[this.kind] = layout;
    this.layout = layout;
    await this.load();
  }

  async take(which: Which): Promise<void> {
    this.which = which;
    await this.load();
  }

  /** Asks for the rows, a page at a time. An answer to an older question is dropped. */
  private async load(): Promise<void> {
    const { layout, shown, kind } = this;
    const asked = ++this.asked;
    this.rows = [];
    this.total = 0;
    this.ready = false;
    if (layout === null || shown === null) return;
    try {
      const selected = selectedOf(kind, this.which, shown);
      for (let page = 1; page <= PRINT_MAX / PER_PAGE; page++) {
        const { items, meta } = await core().printRows(kind, selected, layout.sort, [...layout.needs], page, PER_PAGE);
        if (asked !== this.asked) return;
        this.rows = [...this.rows, ...items];
        this.total = meta.total;
        if (page >= meta.pages) break;
      }
      this.ready = true;
    } catch (reason) {
      if (asked !== this.asked) return;
      this.close();
      toasts.complain(asFault(reason).message);
    }
  }

  /** Opens the system's dialog. */
  async print(): Promise<void> {
    if (!this.ready || this.rows.length === 0) return;
    try {
      await core().printDialog();
    } catch (reason) {
      toasts.complain(asFault(reason).message);
    }
  }
}

export const printing = new Printing();
