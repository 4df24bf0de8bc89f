import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { merging } from '../src/merging/merging.svelte';
import { selections } from '../src/selection/selections.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

/** So many of the books are there twice; the copy says less, and has another publisher. */
const TWICE = 3;

beforeEach(async () => {
  core = new FakeCatalogue(40);
  core.fromOthers(
    (made) => {
      for (const book of [...made.books.values()].slice(5, 5 + TWICE)) {
        const copy = { ...book, id: `copy-${book.id}`, publisher: 'Another house', series: null, language: null };
        made.books.set(copy.id, copy);
      }
    },
    ['book'],
  );
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  grid().focus();
});

function grid(): HTMLElement {
  return document.querySelector<HTMLElement>('main [role=grid]') as HTMLElement;
}

/** Goes through what looks the same. */
async function open(): Promise<ReturnType<typeof within>> {
  await user.keyboard('{Control>}m{/Control}');
  const sheet = within(await screen.findByRole('dialog', { name: 'Possible duplicates' }));
  await waitFor(() => expect(pressed()).toHaveLength(1));
  return sheet;
}

/** The heads of the records that stay. */
function pressed(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-at^="-1 "][aria-pressed=true]')];
}

async function count(): Promise<number> {
  return (await core.status()).books;
}

describe('records that look the same', () => {
  test('are shown side by side as far as they differ, and the fuller one has the focus', async () => {
    const sheet = await open();
    expect(sheet.getByText(`${TWICE} left`)).toBeTruthy();
    const [head] = pressed();
    await waitFor(() => expect(document.activeElement).toBe(head));
    expect(head?.dataset.at).toBe('-1 0');
    expect(sheet.getByRole('rowheader', { name: 'Publisher' })).toBeTruthy();
    expect(sheet.queryByRole('rowheader', { name: 'Title' })).toBeNull();
  });

  test('become one by Enter, one pair after another, and the window says so', async () => {
    const before = await count();
    await open();
    for (let left = TWICE; left > 0; left--) {
      await screen.findByText(`${left} left`);
      await waitFor(() => expect(pressed()).toHaveLength(1));
      await user.keyboard('{Enter}');
    }
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(await count()).toBe(before - TWICE);
    expect(screen.getByText(/^Merged 2 records into/)).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(grid()));
  });

  test('stay by one key, and single values by arrows', async () => {
    const [, copy] = (await core.duplicatesGroups('book')).groups[0] ?? [];
    await open();
    await user.keyboard('2');
    await waitFor(() => expect(pressed()[0]?.dataset.at).toBe('-1 1'));
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.at).toBe('0 0'));
    await user.keyboard('{ArrowRight}');
    await waitFor(() => expect(document.querySelector('[data-at="0 1"]')?.getAttribute('aria-pressed')).toBe('true'));
    expect((document.activeElement as HTMLElement).dataset.at).toBe('0 1');
    await user.keyboard('{Enter}');
    await screen.findByText(`${TWICE - 1} left`);
    expect((await core.book(copy ?? '')).fields.find(({ name }) => name === 'publisher')?.value).toBe('Another house');
  });

  test('that are not the same are asked about no more', async () => {
    const before = await count();
    await open();
    await user.keyboard('n');
    await screen.findByText(`${TWICE - 1} left`);
    expect(screen.getByText(/is not the same as what looks like it$/)).toBeTruthy();
    expect(await count()).toBe(before);
    expect((await core.duplicatesGroups('book')).total).toBe(TWICE - 1);
  });

  test('come back by Ctrl+Z while the view is open', async () => {
    const before = await count();
    await open();
    await user.keyboard('{Enter}');
    await screen.findByText(`${TWICE - 1} left`);
    await user.keyboard('{Control>}z{/Control}');
    await screen.findByText(`${TWICE} left`);
    expect(await count()).toBe(before);
    expect(screen.getByRole('dialog')).toBeTruthy();
  });

  test('can be left for later', async () => {
    await open();
    const first = merging.group;
    await user.keyboard('{PageDown}');
    await waitFor(() => expect(merging.group).not.toEqual(first));
    expect(screen.getByText(`${TWICE} left`)).toBeTruthy();
  });

  test('become one all at once as proposed, except where a value would be given up', async () => {
    const before = await count();
    const [group = []] = (await core.duplicatesGroups('book')).groups;
    await core.bookSet(group[1] ?? '', 'publisher', '');
    const sheet = await open();
    await user.click(sheet.getByRole('button', { name: 'Merge all as proposed…' }));
    await waitFor(() => expect(sheet.getAllByRole('checkbox')).toHaveLength(TWICE + 1));
    const boxes = [...document.querySelectorAll<HTMLInputElement>('[role=dialog] [type=checkbox]')];
    expect(boxes.filter((box) => box.checked)).toHaveLength(1);
    expect(sheet.getAllByText(/^Publisher: /)).toHaveLength(TWICE - 1);
    await user.click(boxes[0] as HTMLElement);
    await user.click(sheet.getByRole('button', { name: `Merge ${TWICE} groups` }));
    await screen.findByText(`Merged ${TWICE * 2} records`);
    expect(await count()).toBe(before - TWICE);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(async () => expect(await count()).toBe(before));
  });

  test('have nothing that axe objects to, one by one and all at once', async () => {
    const sheet = await open();
    expect(await wrong()).toEqual([]);
    await user.click(sheet.getByRole('button', { name: 'Merge all as proposed…' }));
    await sheet.findAllByRole('checkbox');
    expect(await wrong()).toEqual([]);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(pressed()).toHaveLength(1));
  });
});

async function wrong(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

describe('records that were chosen by hand', () => {
  test('become one in the same view, and nothing stays chosen', async () => {
    const before = await count();
    await user.keyboard('{ArrowDown}[Space]{ArrowDown}[Space]');
    await user.click(screen.getByRole('button', { name: 'Merge…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Merge books' }));
    await waitFor(() => expect(pressed()).toHaveLength(1));
    expect(sheet.queryByText(/ left$/)).toBeNull();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(await count()).toBe(before - 1);
    expect(selections.book.count).toBe(0);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(async () => expect(await count()).toBe(before));
  });

  test('have to be two', async () => {
    await user.keyboard('{ArrowDown}[Space]{Control>}m{/Control}');
    await screen.findByText('Select two or more records to merge them.');
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

test('nothing is merged where the catalogue is only read', async () => {
  core.readOnly = true;
  core.fromOthers(() => undefined, ['book']);
  await screen.findByRole('note');
  await user.keyboard('{Control>}m{/Control}');
  expect(screen.queryByRole('dialog')).toBeNull();
});
