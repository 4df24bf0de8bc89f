import { asFault, core, type ActTold } from '../ipc';
import { m } from '../paraglide/messages';
import { place } from '../place.svelte';
import { figure } from '../words';
import { toasts } from './toasts.svelte';

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
      return m.act_settled(many);
  }
}

async function step(
  ask: () => Promise<ActTold | null>,
  nothing: string,
  done: (what: string) => string,
): Promise<void> {
  try {
    const act = await ask();
    if (!act) return toasts.tell(nothing);
    if (act.act === 'settled') place.showConflicts();
    else if (act.id !== null) place.go(act.kind, act.id);
    toasts.tell(act.left_alone === 0 ? done(told(act)) : `${done(told(act))} ${m.left_alone()}`);
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Undoes the last act, says what it was and goes there. */
export function undo(): Promise<void> {
  return step(
    () => core().undo(),
    m.nothing_to_undo(),
    (what) => m.undone({ what }),
  );
}

/** Does again what was undone last. */
export function redo(): Promise<void> {
  return step(
    () => core().redo(),
    m.nothing_to_redo(),
    (what) => m.redone({ what }),
  );
}
