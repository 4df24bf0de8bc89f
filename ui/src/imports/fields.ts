import * as messages from '../paraglide/messages';

const { m } = messages;

/** What is not called by its field's name, because no record has it as a field that is typed. */
const OTHERS: Record<string, (() => string) | undefined> = {
  row: () => '',
  author_id: m.author,
  book_id: m.book,
};

/** The message for a name that the core has sent; undefined if there is none. */
function message(name: string): string | undefined {
  if (!Object.hasOwn(messages, name)) return undefined;
  const found: unknown = messages[name as keyof typeof messages];
  return typeof found === 'function' ? (found as () => string)() : undefined;
}

/**
 * The core's name of a field, as the window calls it; empty for a row as a whole. What the window has no word for is
 * called `otherwise`.
 */
export function fieldWord(field: string, otherwise = field): string {
  return OTHERS[field]?.() ?? message(field) ?? otherwise;
}

/** What is shown under a field while nothing is wrong with it. */
export function fieldHint(field: string): string {
  return message(`${field}_hint`) ?? '';
}
