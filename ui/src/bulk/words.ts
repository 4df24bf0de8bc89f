import type { LetterCase, OperationKind, RecordKind } from '../ipc';
import { m } from '../paraglide/messages';
import { figure } from '../words';
import type { Which } from './bulk.svelte';

/** What is done to a field. */
export function operationWord(operation: OperationKind): string {
  const words: Record<OperationKind, () => string> = {
    replace: m.op_replace,
    set: m.op_set,
    clear: m.op_clear,
    case: m.op_case,
    trim: m.op_trim,
    add: m.op_add,
    remove: m.op_remove,
  };
  return words[operation]();
}

/** Which capitals a text gets. */
export function caseWord(letters: LetterCase): string {
  const words: Record<LetterCase, () => string> = {
    sentence: m.case_sentence,
    title: m.case_title,
    upper: m.case_upper,
    lower: m.case_lower,
  };
  return words[letters]();
}

/** What the sheet is about: "Edit 40 books". */
export function titleWords(kind: RecordKind, which: Which, count: number): string {
  const many = { count, shown: figure(count) };
  const records = kind === 'book' ? m.books_count(many) : m.authors_count(many);
  if (which === 'all') return m.bulk_title_all({ records });
  return which === 'found' ? m.bulk_title_found({ records }) : m.bulk_title({ records });
}
