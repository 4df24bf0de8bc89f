import { beforeEach, describe, expect, test } from 'vitest';

import type { Changed, ListQuery, ListRow } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import type { MadeUp } from '../src/ipc/made-up';
import { Cursor } from '../src/list/cursor.svelte';
import { Rows } from '../src/list/rows.svelte';

const EVERYTHING: ListQuery = { text: '', filters: [], sort: 'title', descending: false };

let core: FakeCatalogue;
let rows: Rows<ListQuery, ListRow>;
let changed: Changed;

/** Adds books that stand before all others. */
function addFirst(made: MadeUp, count: number, name = 'new'): void {
  const [some] = made.books.values();
  if (!some) throw new Error('there is no book');
  for (let at = 0; at < count; at++) {
    const id = `${name}-${at}`;
    made.books.set(id, { ...some, id, title: `!${String(at).padStart(4, '0')}`, isbn: null });
  }
}

function id(index: number): string {
  return rows.at(index)?.id ?? '';
}

beforeEach(async () => {
  core = new FakeCatalogue(1000);
  await core.onChanged((change) => (changed = change));
  rows = new Rows<ListQuery, ListRow>(
    {
      table: 'book',
      shows: ['author'],
      page: (query, page, perPage) => core.listPage('book', query, ['title'], page, perPage),
      rows: (ids) => core.listRows('book', ['title'], ids),
      index: (query, id) => core.listIndex('book', query, id),
      narrows: (query) => query.text !== '',
    },
    EVERYTHING,
  );
  await rows.ask(EVERYTHING);
});

describe('when others add and delete rows', () => {
  test('the row a person is on stays where it is seen', async () => {
    rows.show(50, 70);
    const on = id(60);
    core.fromOthers((made) => addFirst(made, 3), ['book']);
    expect(await rows.take(changed, on)).toBe(3);
    expect(rows.moved.by).toBe(3);
    expect(id(63)).toBe(on);
    expect(rows.total).toBe(1003);
  });

  test('it stays there also when it moves to another page of the list', async () => {
    rows.show(50, 70);
    const on = id(60);
    core.fromOthers((made) => addFirst(made, 250), ['book']);
    expect(await rows.take(changed, on)).toBe(250);
    expect(id(310)).toBe(on);
    expect(id(300)).not.toBe('');
  });

  test('the row under the pointer stays rather than the one that is open', async () => {
    rows.show(50, 70);
    const [open, pointed] = [id(52), id(65)];
    rows.pointed = () => 65;
    core.fromOthers(
      (made) => {
        const between = rows.at(60);
        if (between) made.books.delete(between.id);
      },
      ['book'],
    );
    expect(await rows.take(changed, open)).toBe(-1);
    expect(id(64)).toBe(pointed);
  });

  test('the first row that is seen stays when the open one is out of sight', async () => {
    const open = id(3);
    rows.show(50, 70);
    const first = id(50);
    core.fromOthers((made) => addFirst(made, 2), ['book']);
    await rows.take(changed, open);
    expect(id(52)).toBe(first);
    expect(rows.moved.by).toBe(2);
  });

  test('the rows above a deleted one stay where they are', async () => {
    rows.show(50, 70);
    const [above, on, below] = [id(59), id(60), id(61)];
    core.fromOthers((made) => made.books.delete(on), ['book']);
    expect(await rows.take(changed, on)).toBe(0);
    expect([id(59), id(60)]).toEqual([above, below]);
  });

  test('who is at the top and on no row sees what comes there', async () => {
    rows.show(0, 20);
    core.fromOthers((made) => addFirst(made, 1), ['book']);
    expect(await rows.take(changed, null)).toBe(0);
    expect(rows.at(0)?.cells.title).toBe('!0000');
  });

  test('what comes while an answer is awaited is in the list in the end, without a question for each', async () => {
    rows.show(0, 20);
    core.delay = () => 5;
    const before = core.calls.length;
    const taken = [];
    for (let at = 0; at < 50; at++) {
      core.fromOthers((made) => addFirst(made, 1, `other-${at}`), ['book']);
      taken.push(rows.take(changed, null));
    }
    await Promise.all(taken);
    expect(rows.total).toBe(1050);
    expect(core.calls.length - before).toBeLessThan(5);
  });

  test('a changed value shows up without any row moving', async () => {
    rows.show(50, 70);
    const held = Array.from({ length: 20 }, (_, at) => id(50 + at));
    const change = held[4] ?? '';
    core.fromOthers(
      (made) => {
        const book = made.books.get(change);
        if (book) made.books.set(change, { ...book, title: 'Zzz, which sorts last' });
      },
      ['book'],
      [],
    );
    expect(await rows.take(changed, held[4] ?? null)).toBe(null);
    expect(rows.at(54)?.cells.title).toBe('Zzz, which sorts last');
    expect(Array.from({ length: 20 }, (_, at) => id(50 + at))).toEqual(held);
  });
});

describe('when something else is asked before there is an answer', () => {
  const ANOTHER: ListQuery = { ...EVERYTHING, text: 'a' };

  test('an older question asks for nothing more', async () => {
    rows.show(50, 70);
    core.fromOthers((made) => addFirst(made, 250), ['book']);
    core.delay = () => 5;
    const taken = rows.take(changed, id(60));
    await rows.ask(ANOTHER);
    await taken;
    expect(core.calls).not.toContain('listIndex');
  });

  test('a question whose place another list took is put again', async () => {
    core.delay = () => 5;
    const asked = rows.ask(ANOTHER);
    await core.listPage('book', EVERYTHING, ['title'], 1, 10);
    await asked;
    expect(rows.fault).toBeUndefined();
    expect(rows.total).toBe((await core.listPage('book', ANOTHER, ['title'], 1, 1)).meta.total);
  });

  test('a page that is not given for it is no fault', async () => {
    core.delay = () => 5;
    rows.show(500, 520);
    await core.listPage('book', ANOTHER, ['title'], 1, 10);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rows.fault).toBeUndefined();
    rows.show(500, 520);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(id(500)).not.toBe('');
  });

  test('the cursor stays where it is until it can follow its record', async () => {
    const cursor = new Cursor(rows, () => undefined);
    await cursor.follow(id(60), false);
    const far = (await core.listPage('book', EVERYTHING, ['title'], 9, 100)).items[0]?.id ?? '';
    core.delay = () => 5;
    const followed = cursor.follow(far, false);
    await core.listPage('book', ANOTHER, ['title'], 1, 10);
    await followed;
    expect(cursor.index).toBe(60);
  });
});
