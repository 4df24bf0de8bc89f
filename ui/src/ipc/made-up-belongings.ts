import type { ListItem, RecordKind, RecordList } from './bindings';
import type { MadeUp } from './made-up';
import { refuse } from './made-up-rules';

/** The lists of the made-up records, in order. */
const LISTS: Record<RecordKind, string[]> = {
  book: ['tags', 'identifiers'],
  author: ['other_names', 'identifiers'],
};

/** The lists of a record, as the core reports them. */
export function listsOf(made: MadeUp, kind: RecordKind, id: string): RecordList[] {
  return LISTS[kind].map((name) => ({ name, items: made.lists.get(`${id}/${name}`) ?? [] }));
}

/** Adds a text, once; an identifier says whose it is, and a tag is on several books. */
export function withItem(
  made: MadeUp,
  kind: RecordKind,
  id: string,
  list: string,
  { id: row, text }: Omit<ListItem, 'filter'>,
): RecordList[] {
  if (list === 'identifiers' && !text.includes(':')) {
    refuse('invalid', 'identifier', `It cannot be told whose “${text}” is.`);
  }
  const item = { id: row, text, filter: list === 'tags' ? `tags:${text}` : null };
  const items = made.lists.get(`${id}/${list}`) ?? [];
  if (!items.some((one) => one.text === text)) made.lists.set(`${id}/${list}`, [...items, item]);
  return listsOf(made, kind, id);
}

/** Takes one away. */
export function withoutItem(made: MadeUp, kind: RecordKind, id: string, list: string, row: string): RecordList[] {
  const items = made.lists.get(`${id}/${list}`) ?? [];
  made.lists.set(
    `${id}/${list}`,
    items.filter((one) => one.id !== row),
  );
  return listsOf(made, kind, id);
}
