import { asFault, core, type ConflictTold, type Decision } from '../ipc';
import { m } from '../paraglide/messages';
import { toasts } from '../undo/toasts.svelte';
import { figure } from '../words';
import { subjectName } from './words';

/** Conflicts on a page. */
export const PER_PAGE = 25;

/** The conflicts that a person has marked, and what becomes of them. */
export class Settling {
  /** The ids of those that are marked. */
  marked = $state.raw<ReadonlySet<string>>(new Set());
  private busy = false;

  mark(id: string, on: boolean): void {
    const marked = new Set(this.marked);
    if (on) marked.add(id);
    else marked.delete(id);
    this.marked = marked;
  }

  markAll(conflicts: readonly ConflictTold[], on: boolean): void {
    this.marked = new Set(on ? conflicts.map((conflict) => conflict.id) : []);
  }

  /** Settles these as one act, and says so with Undo. Whether it went well. */
  async settle(conflicts: readonly ConflictTold[], decision: Decision): Promise<boolean> {
    const [first] = conflicts;
    if (!first || this.busy) return false;
    this.busy = true;
    try {
      const ids = conflicts.map((conflict) => conflict.id);
      const count = await core().conflictsSettle(ids, decision);
      const marked = new Set(this.marked);
      for (const id of ids) marked.delete(id);
      this.marked = marked;
      toasts.tell(m.act_settled({ count, shown: figure(count), name: subjectName(first.subject) }), { undo: true });
      return true;
    } catch (reason) {
      toasts.complain(asFault(reason).message);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
