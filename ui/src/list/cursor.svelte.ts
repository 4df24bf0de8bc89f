import type { Rows } from './rows.svelte';

/**
 * The row a person is on. It belongs to a record, not to a place: when the order changes it follows the record, and when the
 * record is gone it stays where it was, on the one that took the place.
 */
export class Cursor<Query, Row extends { id: string }> {
  /** The index of the row, or -1 when the record is not in the list. */
  index = $state(-1);
  /** Counts up when the row should be scrolled to. That the index changed is no reason: others may have moved the rows. */
  shown = $state(0);

  private readonly rows: Rows<Query, Row>;
  private readonly onchange: (id: string) => void;
  private wanted = $state(-1);

  constructor(rows: Rows<Query, Row>, onchange: (id: string) => void) {
    this.rows = rows;
    this.onchange = onchange;
  }

  /** Goes that many rows down, or up. */
  move(by: number): void {
    this.to(this.index < 0 ? 0 : this.index + by);
  }

  /** Goes to this row, or to the nearest that there is. */
  to(index: number): void {
    const total = this.rows.total ?? 0;
    if (total === 0) return;
    this.index = Math.min(Math.max(index, 0), total - 1);
    this.wanted = this.index;
    this.shown++;
    this.settle();
  }

  /** Whether the cursor has run ahead of its row, which is not there yet. */
  get ahead(): boolean {
    return this.wanted >= 0;
  }

  /** Goes along when the rows have moved before its own is there. */
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
    this.onchange(row.id);
  }

  /** Follows this record to its new place. */
  async follow(id: string | null, show: boolean): Promise<void> {
    this.wanted = -1;
    if (id === null) {
      this.index = -1;
      return;
    }
    const index = await this.rows.indexOf(id);
    this.index = index ?? -1;
    if (show) this.shown++;
  }
}
