import { mayChange } from '../foot/standing.svelte';
import { asFault, core, type ActTold, type Step } from '../ipc';
import { changes } from '../live/changes';
import { m } from '../paraglide/messages';
import { place } from '../place.svelte';
import { figure } from '../words';
import { asking } from './asking.svelte';
import { toasts, type Told } from './toasts.svelte';

/** What an act was, in words: "Deleted “Emma”". */
export function told(act: ActTold): string {
  const many = { count: act.records, shown: figure(act.records), name: act.name };
  switch (act.act) {
    case 'created':
      return m.act_created(many);
    case 'edited':
      return m.act_edited(many);
    case 'deleted':
      return m.act_deleted(many);
    case 'settled':
      return act.name ? m.act_settled(many) : m.act_settled_several(many);
    case 'imported':
      return m.act_imported(many);
    case 'sample_added':
      return m.act_sample_added(many);
    case 'sample_removed':
      return m.act_sample_removed(many);
    case 'put_back':
      return m.act_put_back(many);
    case 'brought_back':
      return m.act_brought_back(many);
    case 'trash_emptied':
      return m.act_trash_emptied(many);
    case 'merged':
      return act.name ? m.act_merged(many) : m.act_merged_several(many);
    case 'kept_apart':
      return m.act_kept_apart(many);
  }
}

/** Undo or redo: how the core is asked for it, and what is said about it. */
interface Way {
  again: boolean;
  ask: (asked: string | null) => Promise<Step>;
  nothing: () => string;
  done: (what: string) => string;
}

const BACK: Way = {
  again: false,
  ask: (asked) => core().undo(asked),
  nothing: m.nothing_to_undo,
  done: (what) => m.undone({ what }),
};
const AGAIN: Way = {
  again: true,
  ask: (asked) => core().redo(asked),
  nothing: m.nothing_to_redo,
  done: (what) => m.redone({ what }),
};

/** Takes the step, or asks about it first; `asked` is the number of the act to which a person has agreed. */
async function step(way: Way, asked: string | null): Promise<void> {
  if (!mayChange()) return;
  try {
    const taken = await way.ask(asked);
    if (taken.kind === 'nothing') return toasts.tell(way.nothing());
    if (taken.kind === 'asks') return asking.about(taken, way.again, () => step(way, taken.number));
    const { act } = taken;
    // No record changes when the trash is emptied, so the core has nothing to report.
    if (act.act === 'trash_emptied') changes.announce({ tables: ['list'], came_or_went: [] });
    if (act.act === 'settled') place.showConflicts();
    else if (act.kind !== null && act.id !== null) place.go(act.kind, act.id);
    const words = [way.done(told(act))];
    if (act.left_alone > 0) words.push(m.left_alone());
    if (act.breaks !== null) words.push(m.breaks_rule({ reason: act.breaks }));
    toasts.tell(words.join(' '));
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Undoes the last act, says what it was and goes there. */
export function undo(): Promise<void> {
  return step(BACK, null);
}

/**
 * Undoes the act that a toast reports, whatever has been done since; the person has just seen what it is, so nobody is
 * asked.
 */
export function undoTold({ act, id }: Told): Promise<void> {
  return step({ ...BACK, ask: () => core().undoTold(act, id) }, null);
}

/** Redoes what was undone last. */
export function redo(): Promise<void> {
  return step(AGAIN, null);
}
