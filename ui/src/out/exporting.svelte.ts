import {
  asFault,
  core,
  isSuperseded,
  type ExportWay,
  type Fault,
  type ListQuery,
  type RecordKind,
  type Selected,
} from '../ipc';
import { m } from '../paraglide/messages';
import { selectedOf, whichThereAre, type Which } from '../selection/which';
import { toasts } from '../undo/toasts.svelte';
import { figure } from '../words';

/** The sheet on which a person says what is exported and how, and the export that is under way. */
class Exporting {
  /** The kind of the list that it was opened from; null while the sheet is closed. */
  kind = $state<RecordKind | null>(null);
  /** What can be exported. */
  offered = $state.raw<Which[]>([]);
  which = $state<Which>('all');
  /** How many books each of these would be. */
  counts = $state.raw<Partial<Record<Which, number>>>({});
  ways = $state.raw<ExportWay[]>([]);
  /** The way that was taken last; it stays for the next time, as long as the program runs. */
  key = $state('');
  /** How many books are written; null while nothing is being written. */
  written = $state<number | null>(null);
  /** Whether the last export was left off. */
  leftOff = $state(false);
  fault = $state.raw<Fault | null>(null);

  private selected: Partial<Record<Which, Selected | null>> = {};
  private choosing = false;

  /** Opens the sheet for what is chosen in a list, or if that is nothing, for what the list finds. */
  async open(kind: RecordKind, shown: ListQuery): Promise<void> {
    if (this.kind !== null) return;
    const offered = whichThereAre(kind, shown);
    // Everything is more than all of a list: what belongs to no book is in it as well.
    const of = (which: Which): Selected | null => (which === 'all' ? null : selectedOf(kind, which, shown));
    this.selected = Object.fromEntries(offered.map((which) => [which, of(which)]));
    const told = await Promise.all(offered.map((which) => core().exportTold(kind, this.selected[which] ?? null)));
    this.offered = offered;
    this.counts = Object.fromEntries(offered.map((which, at) => [which, told[at]?.books ?? 0]));
    this.ways = told[0]?.ways ?? [];
    this.which = offered[0] ?? 'all';
    if (!this.way) this.key = this.ways[0] ? keyOf(this.ways[0]) : '';
    this.written = null;
    this.fault = null;
    this.leftOff = false;
    this.kind = kind;
  }

  close(): void {
    if (this.written === null) this.kind = null;
  }

  get way(): ExportWay | undefined {
    return this.ways.find((way) => keyOf(way) === this.key);
  }

  get count(): number {
    return this.counts[this.which] ?? 0;
  }

  /** Asks where the file goes, and writes it. */
  async submit(): Promise<void> {
    const { way, kind, which } = this;
    if (way === undefined || kind === null || this.written !== null || this.choosing || this.count === 0) return;
    this.fault = null;
    this.leftOff = false;
    this.choosing = true;
    try {
      const file = await core().exportChoose(way.format, which === 'all' ? m.out_file() : m.out_file_some());
      if (file === null) return;
      await this.write(kind, this.selected[which] ?? null, way, file.token);
    } catch (reason) {
      if (isSuperseded(reason)) this.leftOff = true;
      else this.fault = asFault(reason);
    } finally {
      this.choosing = false;
    }
  }

  private async write(kind: RecordKind, selected: Selected | null, way: ExportWay, token: number): Promise<void> {
    this.written = 0;
    const stop = await core().onManyExported(({ books }) => (this.written = books));
    try {
      const { books, file } = await core().exportWrite(kind, selected, way.format, way.for_spreadsheet, token);
      this.kind = null;
      toasts.tell(m.out_exported({ count: books, shown: figure(books), file }));
    } finally {
      this.written = null;
      stop();
    }
  }

  /** Leaves off what is being written. */
  async leaveOffNow(): Promise<void> {
    await core().exportLeaveOff();
  }
}

/** What a way is called by here. */
export function keyOf({ format, for_spreadsheet }: ExportWay): string {
  return for_spreadsheet ? `${format} spreadsheet` : format;
}

export const exporting = new Exporting();
