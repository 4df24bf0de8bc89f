/**
 * Where a person left off in a catalogue: the list, the order of each list and the record that was open in it, so that the
 * next start goes on there. What was searched for is not kept: it would hide the rest of a catalogue from somebody who
 * has forgotten it. Stored per person and machine, not in the catalogue.
 */

import { core, type RecordKind } from '../ipc';
import { listKinds } from '../list/kinds';
import { shownColumns } from '../list/shown.svelte';
import { place } from '../place.svelte';
import { viewNotes } from '../view-notes';

const NOTE = 'left-off';
const KINDS = Object.keys(listKinds) as RecordKind[];

interface Order {
  sort: string;
  descending: boolean;
}

interface Left {
  source: RecordKind;
  orders: Partial<Record<RecordKind, Order>>;
  open: Partial<Record<RecordKind, string>>;
}

/** Goes back to where a person was in a catalogue, and remembers where they go from there. */
export class LeftOff {
  /** The catalogue in which the window is back. */
  private at = $state<string>();

  /** Whether the window is where it was left. */
  isBack(file: string): boolean {
    return this.at === file;
  }

  /** Goes to where this catalogue was left, unless a record is open already or being made. */
  async goBack(file: string): Promise<void> {
    if (this.at === file) return;
    const left = (viewNotes.read(NOTE, file) ?? {}) as Partial<Left>;
    order(left);
    await open(left).catch(() => undefined);
    this.at = file;
  }

  /** Remembers where the window is now. */
  keep(file: string): void {
    const left: Left = { source: place.source, orders: {}, open: {} };
    for (const kind of KINDS) {
      const { sort, descending } = place.lists[kind];
      left.orders[kind] = { sort, descending };
      const record = place.open[kind];
      if (record !== null) left.open[kind] = record;
    }
    viewNotes.keep(NOTE, left, file);
  }
}

/** Orders the lists as they were. An older or a newer program may know an order that this one does not. */
function order({ orders = {} }: Partial<Left>): void {
  for (const kind of KINDS) {
    const { sort, descending } = orders[kind] ?? {};
    const known = shownColumns.all(kind).some((column) => column.sort === sort);
    if (sort === undefined || !known) continue;
    place.lists = { ...place.lists, [kind]: { ...place.lists[kind], sort, descending: descending === true } };
  }
}

/** Opens the records that were open, as far as they are still there. */
async function open({ source, open = {} }: Partial<Left>): Promise<void> {
  if (place.making || KINDS.some((kind) => place.open[kind] !== null)) return;
  for (const kind of KINDS) {
    const id = open[kind];
    const [row] = typeof id === 'string' ? await core().listRows(kind, [], [id]) : [];
    if (row && place.open[kind] === null) place.open[kind] = row.id;
  }
  if (source !== undefined && KINDS.includes(source) && !place.making) place.source = source;
}
