import { mayChange } from '../foot/standing.svelte';
import {
  asFault,
  core,
  type Compare,
  type Fault,
  type ListQuery,
  type MergeProposal,
  type RecordKind,
  type RecordsMerged,
} from '../ipc';
import { m } from '../paraglide/messages';
import { place } from '../place.svelte';
import { selections } from '../selection/selections.svelte';
import { toasts } from '../undo/toasts.svelte';
import { undo } from '../undo/undo';
import { counted, figure } from '../words';

/** Records side by side, to become one: a group that was chosen, or one after another of those that look the same. */
class Merging {
  /** The kind of the records; null while the sheet is closed. */
  kind = $state<RecordKind | null>(null);
  /** Whether the groups were found, rather than chosen by hand. */
  found = $state(false);
  /** The groups that are left, each by the ids of its records. */
  groups = $state.raw<string[][]>([]);
  /** Which of them is shown. */
  at = $state(0);
  /** How many there are, shown or not. */
  total = $state(0);
  /** What is shown; null until the core has answered. */
  compare = $state.raw<Compare | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** What was done last. */
  done = $state('');
  /** What would become of all groups; null while they are gone through one by one. */
  proposals = $state.raw<MergeProposal[] | null>(null);
  /** Groups that are to become one record each, by their places. */
  ticked = $state.raw<ReadonlySet<number>>(new Set());

  private stays: string | null = null;
  private fields: Record<string, string> = {};
  private asked = 0;
  private busy = false;

  /** Opens the sheet on what looks the same. */
  async openFound(kind: RecordKind): Promise<void> {
    if (!mayChange()) return;
    const { groups, total } = await core().duplicatesGroups(kind);
    if (groups.length === 0) return toasts.tell(m.duplicates_none());
    await this.open(kind, groups, total, true);
  }

  /** Opens the sheet on what is chosen in a list; with nothing chosen, on what looks the same. */
  async openChosen(kind: RecordKind, shown: ListQuery): Promise<void> {
    const { count } = selections[kind];
    if (count === 0) return this.openFound(kind);
    if (!mayChange()) return;
    const ids = count === 1 ? [] : await core().mergeChosen(kind, selections[kind].told(shown));
    if (ids.length < 2) return toasts.tell(m.merge_takes_two());
    await this.open(kind, [ids], 1, false);
  }

  /** Opens the sheet on certain records. */
  async openThese(kind: RecordKind, ids: string[]): Promise<void> {
    if (mayChange()) await this.open(kind, [ids], 1, false);
  }

  private open(kind: RecordKind, groups: string[][], total: number, found: boolean): Promise<void> {
    this.found = found;
    this.done = '';
    this.fault = null;
    return this.show(kind, groups, total, 0);
  }

  close(): void {
    this.asked++;
    this.kind = null;
    this.groups = [];
    this.at = 0;
    this.compare = null;
    this.proposals = null;
    this.fault = null;
  }

  get group(): string[] {
    return this.groups[this.at] ?? [];
  }

  /** Goes to a group. */
  go(at: number): Promise<void> {
    return this.alone((kind) => this.show(kind, this.groups, this.total, at));
  }

  /**
   * Shows a group, once the core has said what would become of it: what a key is pressed for is what is seen. One of which
   * a record is gone meanwhile is passed over.
   */
  private async show(kind: RecordKind, groups: string[][], total: number, at: number): Promise<void> {
    const asked = ++this.asked;
    let [left, count] = [groups, total];
    while (left.length > 0) {
      const place = Math.max(0, Math.min(at, left.length - 1));
      const compare = await this.comparedOrGone(kind, left[place] ?? []);
      if (asked !== this.asked) return;
      if (compare !== null) {
        [this.kind, this.groups, this.total, this.at] = [kind, left, count, place];
        [this.compare, this.proposals, this.stays, this.fields] = [compare, null, null, {}];
        return;
      }
      left = left.filter((_, which) => which !== place);
      count--;
    }
    await this.findMore(kind);
  }

  private async comparedOrGone(kind: RecordKind, group: string[]): Promise<Compare | null> {
    try {
      return await core().mergeCompared(kind, group, { stays: null, fields: [] });
    } catch (reason) {
      if (asFault(reason).code === 'not_found') return null;
      throw reason;
    }
  }

  private get choices(): { stays: string | null; fields: { field: string; from: string }[] } {
    const fields = Object.entries(this.fields).map(([field, from]) => ({ field, from }));
    return { stays: this.stays, fields };
  }

  /** Asks the core what would become of the group by these choices. An answer to an older question is dropped. */
  private async look(): Promise<void> {
    const { kind, group } = this;
    if (kind === null) return;
    const asked = ++this.asked;
    try {
      const compare = await core().mergeCompared(kind, group, this.choices);
      if (asked !== this.asked) return;
      this.compare = compare;
      this.fault = null;
    } catch (reason) {
      if (asked === this.asked) this.fault = asFault(reason);
    }
  }

  /** Chooses the record that stays, with all its values. */
  choose(at: number): Promise<void> {
    const record = this.compare?.records[at];
    if (record === undefined) return Promise.resolve();
    this.stays = record.id;
    this.fields = {};
    return this.look();
  }

  /** Chooses the value of one record for a field. */
  chooseField(field: string, at: number): Promise<void> {
    const { compare } = this;
    const record = compare?.records[at];
    if (!compare || record === undefined) return Promise.resolve();
    this.stays = compare.records[compare.stays]?.id ?? null;
    this.fields = { ...this.fields, [field]: record.id };
    return this.look();
  }

  /** Makes one of them as it is seen, and goes on to the next. */
  submit(): Promise<void> {
    return this.decide(async (kind) => {
      const { compare, group } = this;
      if (compare === null || compare.broken !== null) return false;
      this.tell(await core().mergeRecords(kind, group, this.choices, compare.seen));
      return true;
    });
  }

  private tell({ name, records, gone }: RecordsMerged): void {
    this.done = m.act_merged({ count: records, shown: figure(records), name });
    if (this.groups.length === 1) toasts.tell(this.done, { undo: { act: 'merged', id: gone } });
  }

  /** Says that they are not the same, and goes on to the next. */
  apart(): Promise<void> {
    return this.decide(async (kind) => {
      const name = await core().duplicatesApart(kind, this.group);
      this.done = m.act_kept_apart({ name });
      if (this.groups.length === 1) toasts.tell(this.done, { undo: { act: 'kept_apart', id: null } });
      return true;
    });
  }

  /** Decides the group that is shown; the next takes its place. */
  private decide(act: (kind: RecordKind) => Promise<boolean>): Promise<void> {
    return this.alone(async (kind) => {
      if (!(await act(kind))) return;
      const { at, groups, total } = this;
      const left = groups.filter((_, place) => place !== at);
      await this.show(kind, left, total - 1, at);
    });
  }

  /** Does one thing at a time; a key that is pressed before the next group is seen means nothing. */
  private async alone(act: (kind: RecordKind) => Promise<void>): Promise<void> {
    const { kind } = this;
    if (kind === null || this.busy) return;
    this.busy = true;
    try {
      this.fault = null;
      await act(kind);
    } catch (reason) {
      await this.look();
      this.fault = asFault(reason);
    } finally {
      this.busy = false;
    }
  }

  /** After the last group: there may be more than came at once, and what became one may look like another. */
  private async findMore(kind: RecordKind): Promise<void> {
    const { groups, total } = this.found ? await core().duplicatesGroups(kind) : { groups: [], total: 0 };
    if (groups.length > 0) return this.show(kind, groups, total, 0);
    if (!this.found) selections[kind].clear();
    this.close();
  }

  /** Takes back what was done last, and finds anew what looks the same. */
  takeBack(): Promise<void> {
    return this.alone(async (kind) => {
      const { source, beside } = place;
      await undo();
      [place.source, place.beside] = [source, beside];
      this.done = toasts.current?.text ?? '';
      if (!this.found) return this.look();
      const { groups, total } = await core().duplicatesGroups(kind);
      await this.show(kind, groups, total, this.at);
    });
  }

  /** Shows what would become of all of them. */
  preview(): Promise<void> {
    return this.alone(async (kind) => {
      const proposals = await core().duplicatesProposals(kind, this.groups);
      const agreeing = proposals.flatMap(({ giving_way }, at) => (giving_way.length === 0 ? [at] : []));
      this.ticked = new Set(agreeing);
      this.proposals = proposals;
    });
  }

  /** Back to one by one. */
  oneByOne(): void {
    this.proposals = null;
  }

  tick(at: number, on: boolean): void {
    const ticked = new Set(this.ticked);
    if (on) ticked.add(at);
    else ticked.delete(at);
    this.ticked = ticked;
  }

  tickAll(on: boolean): void {
    this.ticked = new Set<number>(on ? this.proposals?.keys() : []);
  }

  /** Makes one record of each group that is ticked. */
  mergeAll(): Promise<void> {
    return this.alone(async (kind) => {
      const { proposals, ticked } = this;
      if (proposals === null || ticked.size === 0) return;
      const agreed = proposals
        .filter((_, at) => ticked.has(at))
        .map(({ compare }) => ({ records: compare.records.map((record) => record.id), seen: compare.seen }));
      const { records, left_alone } = await core().mergeAll(kind, agreed);
      const words = [m.act_merged_several(counted(records))];
      if (left_alone > 0) words.push(m.bulk_left_alone(counted(left_alone)));
      this.done = words.join('. ');
      toasts.tell(this.done, records > 0 ? { undo: { act: 'merged', id: null } } : {});
      await this.findMore(kind);
    });
  }
}

export const merging = new Merging();
