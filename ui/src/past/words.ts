import type { ActivityTold, ObstacleTold, WhoTold } from '../ipc';
import { subjectName } from '../conflicts/words';
import { fieldWord } from '../imports/fields';
import { m } from '../paraglide/messages';
import { told } from '../undo/undo';
import { moment } from '../words';

/** Who did something: this computer, a device under its name, or a login. */
export function whoWord(by: WhoTold | null): string {
  if (by === null) return m.who_here();
  return by.device ?? by.login ?? m.who_somebody();
}

/** What was done: "Edited “Emma”: title, year". */
export function activityWords({ act, fields }: ActivityTold): string {
  if (fields.length === 0) return told(act);
  return m.activity_fields({ what: told(act), fields: fields.map((field) => fieldWord(field)).join(', ') });
}

/** What stands in the way: the record, its field, and what was done to it. */
export function obstacleWords({ act, subject, field }: ObstacleTold): string {
  const name = subjectName(subject);
  const what = field === null ? name : m.obstacle_field({ name, field: fieldWord(field) });
  if (act === null) return m.obstacle_elsewhere({ what });
  return m.obstacle_act({ what, act: told(act.act), when: moment(act.at) });
}
