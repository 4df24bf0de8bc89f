import { core, type ListColumn, type RecordKind } from '../ipc';
import { view } from '../theme/view.svelte';
import { columnOf, type Column } from './columns';
import { listKinds } from './kinds';

const KINDS = Object.keys(listKinds) as RecordKind[];

/** What the lists can show, as the core describes it, and what of it a person has chosen to see. */
class ShownColumns {
  private described = $state.raw<Partial<Record<RecordKind, ListColumn[]>>>({});

  /** Asks the core what there is. That stays the same as long as the program runs. */
  async load(): Promise<void> {
    if (KINDS.every((kind) => this.described[kind])) return;
    const described = await Promise.all(KINDS.map(async (kind) => [kind, await core().listColumns(kind)] as const));
    this.described = Object.fromEntries(described);
  }

  /** Every column that a list can have: those that are shown at first, in order, then all others. */
  all(kind: RecordKind): Column[] {
    const described = this.described[kind] ?? [];
    const { columns: special } = listKinds[kind];
    const known = new Map(described.map((one) => [one.name, columnOf(one)]));
    const made = Object.entries(special).filter(([id]) => !known.has(id));
    const own = made.map(([id, column]) => ({ ...BARE, id, label: () => id, ...column }));
    const all = [...known.values(), ...own].map((column) => ({ ...column, ...special[column.id] }));
    const first = this.first(kind);
    const position = ({ id }: Column) => (first.includes(id) ? first.indexOf(id) : first.length);
    return all.sort((a, b) => position(a) - position(b));
  }

  /** The columns that are shown, in their order and widths; undefined until it is known what there is. */
  of(kind: RecordKind): Column[] | undefined {
    if (!this.described[kind]) return undefined;
    const all = this.all(kind);
    const chosen = view.columns(kind) ?? this.first(kind);
    const shown = chosen
      .flatMap((id) => all.find((column) => column.id === id) ?? [])
      .map((column) => {
        const width = view.columnWidth(kind, column.id);
        return width === undefined ? column : { ...column, track: `${width}rem` };
      });
    // Somebody who has chosen a column wants to see it in a narrow list, too.
    return view.columns(kind) ? shown.map((column) => ({ ...column, from: 0 })) : shown;
  }

  /** All columns, as they are offered: those that are shown in their order, then the others. */
  offered(kind: RecordKind): Column[] {
    const shown = this.of(kind) ?? [];
    return [...shown, ...this.all(kind).filter(({ id }) => shown.every((column) => column.id !== id))];
  }

  /** Shows a column after the others, or hides it; the last one stays. */
  toggle(kind: RecordKind, id: string): void {
    const shown = this.ids(kind);
    const next = shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id];
    if (next.length > 0) view.showColumns(kind, next);
  }

  /** Moves a column by so many places, as far as there are any. */
  move(kind: RecordKind, id: string, by: number): void {
    const shown = this.ids(kind);
    const at = shown.indexOf(id);
    const to = Math.min(Math.max(at + by, 0), shown.length - 1);
    if (at < 0 || to === at) return;
    shown.splice(to, 0, ...shown.splice(at, 1));
    view.showColumns(kind, shown);
  }

  /** Goes back to the columns that are shown unless somebody wants others, in their usual widths. */
  reset(kind: RecordKind): void {
    view.showColumns(kind, null);
    view.forgetWidths(kind);
  }

  private ids(kind: RecordKind): string[] {
    return (this.of(kind) ?? []).map((column) => column.id);
  }

  private first(kind: RecordKind): readonly string[] {
    const { first } = listKinds[kind];
    if (first) return first;
    const named = (this.described[kind] ?? []).filter((one) => one.first !== null);
    return named.sort((a, b) => (a.first ?? 0) - (b.first ?? 0)).map((one) => one.name);
  }
}

/** A column of the window's own, before anything is said about it. */
const BARE = { track: 'minmax(0, 2fr)', from: 0, needs: [], text: () => '' };

export const shownColumns = new ShownColumns();
