import type { ConflictTold, Decision } from '../ipc';
import { m } from '../paraglide/messages';
import { moment } from '../words';
import { noticer, valueWord } from './words';

/** One of the values that a field may get, as a person chooses among them. */
export interface Choice {
  decision: Decision;
  value: string;
  /** Who said so, and when. */
  from: string;
  /** Whether the field has this value now. */
  stands: boolean;
}

/**
 * The values of a field that got two. Keeping the conflict as it is chooses whichever of them the field has now; if
 * somebody has edited the field since, its value is a third one.
 */
export function choices(conflict: ConflictTold): Choice[] {
  const by = { who: conflict.theirs_by ?? m.somebody() };
  const they = conflict.theirs_at === null ? m.by_whom(by) : m.who_when({ ...by, when: moment(conflict.theirs_at) });
  const mine = conflict.now === conflict.mine;
  const theirs = !mine && conflict.now === conflict.theirs;
  const two: Choice[] = [
    {
      decision: mine ? 'keep' : 'mine',
      value: valueWord(conflict, conflict.mine),
      from: m.noticed_by({ who: noticer(conflict), when: moment(conflict.noticed_at) }),
      stands: mine,
    },
    { decision: theirs ? 'keep' : 'theirs', value: valueWord(conflict, conflict.theirs), from: they, stands: theirs },
  ];
  if (mine || theirs) return two;
  return [...two, { decision: 'keep', value: valueWord(conflict, conflict.now), from: m.edited_since(), stands: true }];
}
