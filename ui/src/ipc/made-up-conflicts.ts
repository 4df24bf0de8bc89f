import type { ConflictTold, Decision, SyncState } from './bindings';
import { refuse } from './made-up-rules';

/** A book as far as a conflict names it. */
export interface Titled {
  id: string;
  title: string;
}

/** A server that is away, with nothing waiting for it. */
export const OFFLINE: SyncState = {
  kind: 'offline',
  since: '2026-01-01T00:00:00Z',
  pending: 0,
  quarantined: 0,
  not_kept: 0,
  message: null,
  code: null,
  revision: null,
  last_contact: null,
  next_try: null,
  reconciled: null,
  download: null,
};

/** Books that look the same as another one; every third differs from it. */
export function alikeOf(books: readonly Titled[]): ConflictTold[] {
  return books.map((book, at) => ({
    ...BLANK,
    id: `alike-${at}`,
    subject: subjectOf(book),
    holder: subjectOf(book),
    kind: 'same_record',
    theirs_by: null,
    theirs_at: null,
    differing: at % 3 === 2 ? ['publisher', 'page_count'] : [],
    decisions: ['keep', 'merge'],
  }));
}

/** Which of those that look the same can be settled in this way, and how many are left because they differ. */
export function settledAlike(conflicts: readonly ConflictTold[], decision: Decision): { ids: string[]; left: number } {
  const alike = conflicts.filter((conflict) => conflict.kind === 'same_record');
  const settled = alike.filter((conflict) => decision !== 'merge' || conflict.differing.length === 0);
  return { ids: settled.map((conflict) => conflict.id), left: alike.length - settled.length };
}

/** What is left open once these are settled, and what the first of them is about. */
export function withoutSettled(
  conflicts: ConflictTold[],
  ids: string[],
  decision: Decision,
): { name: string; left: ConflictTold[] } {
  const settled = conflicts.filter((conflict) => ids.includes(conflict.id));
  if (settled.some((conflict) => !conflict.decisions.includes(decision)))
    refuse('invalid', 'settlement', 'A conflict of this kind cannot be settled like that.');
  const name = settled[0]?.subject.name ?? '';
  return { name, left: conflicts.filter((conflict) => !ids.includes(conflict.id)) };
}

/** A conflict of each kind in turn, about these books. */
export function conflictsOf(books: readonly Titled[]): ConflictTold[] {
  return books.map((book, at) => {
    const [shape] = SHAPES.slice(at % SHAPES.length);
    return { ...BLANK, id: `conflict-${at}`, subject: subjectOf(book), ...shape?.(book, books[0] ?? book) };
  });
}

const BLANK: ConflictTold = {
  id: '',
  subject: { thing: 'book', name: null, open: null },
  kind: null,
  field: null,
  base: null,
  mine: null,
  theirs: null,
  now: null,
  holder: null,
  noticed_by: 'reading-room',
  noticed_here: false,
  noticed_at: '2026-05-04T10:12:00.000Z',
  theirs_by: 'ada',
  theirs_at: '2026-05-04T09:58:00.000Z',
  differing: [],
  decisions: ['keep'],
};

function subjectOf({ id, title }: Titled): ConflictTold['subject'] {
  return { thing: 'book', name: title, open: { kind: 'book', id } };
}

const SHAPES: readonly ((book: Titled, other: Titled) => Partial<ConflictTold>)[] = [
  (book) => ({
    kind: 'field',
    field: 'published_year',
    base: '1970',
    mine: '1971',
    theirs: '1972',
    now: '1972',
    noticed_here: true,
    decisions: ['keep', 'mine', 'theirs'],
    subject: subjectOf(book),
  }),
  () => ({
    kind: 'field',
    field: 'notes',
    base: 'Lent to the school.',
    mine: null,
    theirs: Array.from({ length: 40 }, (_, line) => `Page ${line + 1}: a remark in the margin.`).join('\n'),
    now: 'Something that was written since.',
    decisions: ['keep', 'mine', 'theirs'],
  }),
  () => ({ kind: 'deleted_there', decisions: ['keep', 'delete'] }),
  () => ({ kind: 'deletion_undone', theirs_by: null, theirs_at: null, decisions: ['keep', 'delete'] }),
  (_, other) => ({
    kind: 'same_value',
    field: 'isbn',
    mine: '9780441478125',
    theirs_by: null,
    theirs_at: null,
    holder: subjectOf(other),
    decisions: ['keep', 'merge'],
  }),
  () => ({ kind: 'parent_came_back', decisions: ['keep', 'delete'] }),
  () => ({ kind: null, subject: { thing: 'unknown', name: null, open: null } }),
];
