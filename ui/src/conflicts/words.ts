import { roleWord } from '../books/roles';
import { fieldWord } from '../imports/fields';
import type { ConflictTold, Decision, Subject, Thing } from '../ipc';
import { m } from '../paraglide/messages';

/** What something is called; something that is gone without a name is called by its kind. */
export function subjectName(subject: Subject): string {
  if (subject.name !== null && subject.name !== '') return subject.name;
  switch (subject.thing) {
    case 'book':
      return m.nameless_book();
    case 'author':
      return m.nameless_author();
    case 'contribution':
      return m.nameless_contribution();
    case 'conflict':
      return m.nameless_conflict();
    case 'part':
      return m.nameless_part();
    case 'unknown':
      return m.nameless_record();
  }
}

/** Something that is on the server and was never here is called by its kind, too. */
export function unreadName(subject: Subject): string {
  if (subject.name !== null && subject.name !== '') return subject.name;
  switch (subject.thing) {
    case 'book':
      return m.unread_book();
    case 'author':
      return m.unread_author();
    default:
      return m.unread_record();
  }
}

/** The field that a conflict is about, in words. */
export function fieldOf(conflict: ConflictTold): string {
  return conflict.field === null ? '' : fieldWord(conflict.field);
}

/** A value as it is shown. Roles are the only kind of value that has words of its own in the window. */
export function valueWord(conflict: ConflictTold, value: string | null): string {
  if (value === null) return '';
  return conflict.field === 'role' ? roleWord(value) : value;
}

/** The device that noticed. */
export function noticer(conflict: ConflictTold): string {
  return conflict.noticed_here ? m.this_computer() : conflict.noticed_by;
}

/** The question whether two are the same, and the answer that they are not, for things that have words of their own. */
const SAME: Partial<Record<Thing, typeof m.tale_same_record>> = { author: m.tale_same_author, book: m.tale_same_book };
const TWO: Partial<Record<Thing, () => string>> = { author: m.decide_two_people, book: m.decide_two_books };

/** What happened, in words. */
export function tale(conflict: ConflictTold): string {
  const here = noticer(conflict);
  const they = conflict.theirs_by ?? m.somebody();
  switch (conflict.kind) {
    case 'field':
      return m.tale_field({ field: fieldOf(conflict) });
    case 'deleted_there':
      return m.tale_deleted_there({ they, here });
    case 'deletion_undone':
      return m.tale_deletion_undone({ they, here });
    case 'parent_came_back':
      return m.tale_parent_came_back({ they, here });
    case 'same_value': {
      const holder = conflict.holder === null ? m.nameless_record() : subjectName(conflict.holder);
      return m.tale_same_value({ field: fieldOf(conflict), value: valueWord(conflict, conflict.mine), holder });
    }
    case 'same_record': {
      const holder = conflict.holder === null ? m.nameless_record() : subjectName(conflict.holder);
      return (SAME[conflict.subject.thing] ?? m.tale_same_record)({ holder });
    }
    case null:
      return m.tale_unknown();
  }
}

/** Whether two records that look the same could become one without either giving way; empty for other conflicts. */
export function differenceWords(conflict: ConflictTold): string {
  if (conflict.kind !== 'same_record') return '';
  if (conflict.differing.length === 0) return m.differ_in_nothing();
  return m.differ_in({ fields: conflict.differing.map((field) => fieldWord(field)).join(', ') });
}

/** What a decision does to one conflict that is not about two values. */
export function decisionWord(conflict: ConflictTold, decision: Decision): string {
  if (conflict.kind === 'same_value' && decision === 'keep') return m.decide_two_books();
  if (conflict.kind === 'same_record' && decision === 'keep') {
    return (TWO[conflict.subject.thing] ?? m.decide_two_records)();
  }
  if (conflict.kind === null) return m.decide_as_it_is();
  switch (decision) {
    case 'keep':
      return m.decide_keep();
    case 'mine':
      return m.decide_left();
    case 'theirs':
      return m.decide_right();
    case 'delete':
      return m.decide_delete();
    case 'merge':
      return m.decide_merge();
  }
}

/** What a decision does to each of several conflicts. */
export function decisionForAll(decision: Decision): string {
  switch (decision) {
    case 'keep':
      return m.decide_all_keep();
    case 'mine':
      return m.decide_all_left();
    case 'theirs':
      return m.decide_all_right();
    case 'delete':
      return m.decide_all_delete();
    case 'merge':
      return m.decide_all_merge();
  }
}

/** The decisions that every one of these conflicts can be settled by, in the order of the first. */
export function commonDecisions(conflicts: readonly ConflictTold[]): Decision[] {
  const [first, ...others] = conflicts;
  if (!first) return [];
  return first.decisions.filter((decision) => others.every((other) => other.decisions.includes(decision)));
}
