import { mayChange } from '../foot/standing.svelte';
import { asFault, core, type ConflictTold, type Decision } from '../ipc';
import { m } from '../paraglide/messages';
import { toasts } from '../undo/toasts.svelte';
import { counted, figure } from '../words';
import { subjectName } from './words';

/** How many conflicts are on a page. */
export const PER_PAGE = 25;

/** The conflicts that a person has marked, and settling them. */
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

  /** Settles everything that looks the same as one act, and says so with Undo. */
  async settleAlike(decision: Decision): Promise<void> {
    if (this.busy || !mayChange()) return;
    this.busy = true;
    try {
      const { settled, left } = await core().conflictsSettleAlike(decision);
      this.marked = new Set();
      const told = settled === 0 ? [] : [m.act_settled_several(counted(settled))];
      if (left > 0) told.push(m.alike_left(counted(left)));
      toasts.tell(told.join('; '), settled > 0 ? { undo: { act: 'settled', id: null } } : {});
    } catch (reason) {
      toasts.complain(asFault(reason).message);
    } finally {
      this.busy = false;
    }
  }

  /** Settles these as one act, and says so with Undo. Resolves to whether it went well. */
  async settle(conflicts: readonly ConflictTold[], decision: Decision): Promise<boolean> {
    const [first] = conflicts;
    if (!first || this.busy || !mayChange()) return false;
    this.busy = true;
    try {
      const ids = conflicts.map((conflict) => conflict.id);
      const count = await core().conflictsSettle(ids, decision);
      const marked = new Set(this.marked);
      for (const id of ids) marked.delete(id);
      this.marked = marked;
      toasts.tell(m.act_settled({ count, shown: figure(count), name: subjectName(first.subject) }), {
        undo: { act: 'settled', id: first.id },
      });
      return true;
    } catch (reason) {
      toasts.complain(asFault(reason).message);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
