import { isSuperseded } from '../ipc';
import type { Rows } from './rows.svelte';

/**
 * The row a person is on. It belongs to a record, not to a place: when the order changes it follows the record, and
 * when the record is gone it stays where it was, on the record that took its place.
 */
export class Cursor<Query, Row extends { id: string }> {
  /** The index of the row, or -1 if the record is not in the list. */
  index = $state(-1);
  /** Counts up when the row should be scrolled to. A changed index is no reason: others may have moved the rows. */
  shown = $state(0);

  private readonly rows: Rows<Query, Row>;
  private readonly onchange: (id: string) => void;
  private wanted = $state(-1);
  /** The record whose place `index` is; null while there is none. */
  private record: string | null = null;
  private followed = 0;
  private then: (() => void) | null = null;

  constructor(rows: Rows<Query, Row>, onchange: (id: string) => void) {
    this.rows = rows;
    this.onchange = onchange;
  }

  /** Goes this many rows down, or up; `then` is called when the record there is open. */
  move(by: number, then: (() => void) | null = null): void {
    this.to(this.index < 0 ? 0 : this.index + by, then);
  }

  /** Goes to this row, or to the nearest one that exists. */
  to(index: number, then: (() => void) | null = null): void {
    this.then = then;
    const total = this.rows.total ?? 0;
    if (total === 0) return;
    this.index = Math.min(Math.max(index, 0), total - 1);
    this.wanted = this.index;
    this.record = null;
    this.followed++;
    this.shown++;
    this.settle();
  }

  /** Whether the cursor has run ahead of its row, which is not there yet. */
  get ahead(): boolean {
    return this.wanted >= 0;
  }

  /** Moves along if the rows have moved before its own is there. */
  moveAlong(by: number): void {
    this.index += by;
    this.wanted += by;
    this.settle();
  }

  /** Takes the record under the cursor as soon as its row is there. */
  settle(): void {
    if (this.wanted < 0) return;
    const row = this.rows.at(this.wanted);
    if (!row) return;
    this.wanted = -1;
    this.record = row.id;
    this.onchange(row.id);
    this.then?.();
    this.then = null;
  }

  /**
   * Whether the row that the cursor is on is this record's: a number alone would be taken for the place of whatever is
   * open by now.
   */
  isOn(id: string | null): boolean {
    return id !== null && this.index >= 0 && this.record === id;
  }

  /** Gives up a row that is not there yet. */
  stop(): void {
    this.wanted = -1;
  }

  /**
   * Follows this record to its new place. An answer that comes after the cursor went elsewhere is dropped; when the list is asked something
   * else meanwhile, the cursor stays until it follows in that.
   */
  async follow(id: string | null, show: boolean): Promise<void> {
    this.wanted = -1;
    const followed = ++this.followed;
    let index: number | null;
    try {
      index = id === null ? null : await this.rows.indexOf(id);
    } catch (reason) {
      if (isSuperseded(reason)) return;
      throw reason;
    }
    if (followed !== this.followed) return;
    this.index = index ?? -1;
    this.record = index === null ? null : id;
    if (show && id !== null) this.shown++;
  }
}
