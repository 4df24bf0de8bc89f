import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { place } from '../src/place.svelte';
import { selections } from '../src/selection/selections.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

beforeEach(async () => {
  core = new FakeCatalogue(300);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  grid().focus();
});

function grid(): HTMLElement {
  return screen.getByRole('grid');
}

function row(at: number): HTMLElement {
  const found = document.getElementById(`row-${at}`);
  if (!found) throw new Error(`row ${at} is not drawn`);
  return found;
}

/** The rows that are shown as chosen, of the first few. */
function chosen(few = 8): number[] {
  return Array.from({ length: few }, (_, at) => at).filter((at) => row(at).getAttribute('aria-selected') === 'true');
}

function cell(at: number, column: number): HTMLElement {
  return within(row(at)).getAllByRole('gridcell')[column] as HTMLElement;
}

function foot(): string {
  return screen.getByRole('contentinfo').textContent;
}

async function search(words: string): Promise<void> {
  const box = screen.getByRole('searchbox', { name: 'Search books' });
  await user.clear(box);
  if (words !== '') await user.type(box, words);
  await waitFor(() => expect(grid().getAttribute('aria-busy')).toBe('false'));
}

describe('rows are chosen', () => {
  test('by a click on their boxes, which opens none, and the foot counts them', async () => {
    expect(grid().getAttribute('aria-multiselectable')).toBe('true');
    await user.click(cell(2, 0));
    await user.click(cell(5, 0));
    expect(chosen()).toEqual([2, 5]);
    expect(place.record).toBeNull();
    expect(foot()).toContain('2 selected');
    await user.click(cell(2, 0));
    expect(chosen()).toEqual([5]);
  });

  test('by Space, and as a stretch by Shift with the arrows, which can be taken back again', async () => {
    await user.keyboard('{ArrowDown}{ArrowDown}[Space]');
    expect(chosen()).toEqual([1]);
    await user.keyboard('{ArrowDown}{ArrowDown}{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    expect(chosen()).toEqual([1, 3, 4, 5]);
    await user.keyboard('{Shift>}{ArrowUp}{/Shift}');
    expect(chosen()).toEqual([1, 3, 4]);
    await user.keyboard('{Escape}');
    expect(chosen()).toEqual([]);
    expect(foot()).not.toContain('selected');
  });

  test('by a click with Ctrl and with Shift, from the row that is open', async () => {
    await user.click(cell(1, 1));
    expect(chosen()).toEqual([]);
    await user.keyboard('{Control>}');
    await user.click(cell(4, 1));
    await user.keyboard('{/Control}');
    expect(chosen()).toEqual([1, 4]);
    await user.keyboard('{Shift>}');
    await user.click(cell(6, 1));
    await user.keyboard('{/Shift}');
    expect(chosen()).toEqual([1, 4, 5, 6]);
  });

  test('all that match by Ctrl+A and by the box at the head, as a question and not one by one', async () => {
    await user.keyboard('{Control>}a{/Control}');
    expect(foot()).toContain('300 selected');
    expect(selections.book.told(place.lists.book)).toMatchObject({ all_of: { text: '' }, except: [], also: [] });
    await user.click(cell(3, 0));
    expect(foot()).toContain('299 selected');
    const all = screen.getByRole('checkbox', { name: 'Select all that match' });
    expect(all.getAttribute('aria-checked')).toBe('mixed');
    await user.click(all);
    expect(chosen()).toEqual([]);
    await user.click(all);
    expect(all.getAttribute('aria-checked')).toBe('true');
  });
});

describe('a choice is kept', () => {
  test('when the list gets another order or another search', async () => {
    const first = row(0).textContent;
    await user.click(cell(0, 0));
    await user.click(screen.getByRole('button', { name: 'Year' }));
    await waitFor(() => expect(row(0).textContent).not.toBe(first));
    expect(foot()).toContain('1 selected');
    await search('garcia');
    expect(foot()).toContain('1 selected');
    await search('');
    await user.click(screen.getByRole('button', { name: 'Title' }));
    await waitFor(() => expect(row(0).textContent).toBe(first));
    expect(chosen()).toEqual([0]);
  });

  test('as a question, of which the core says what it means among other rows', async () => {
    await search('garden');
    grid().focus();
    await user.keyboard('{Control>}a{/Control}');
    const count = selections.book.count;
    await search('');
    await waitFor(() => expect(document.querySelectorAll('#row-0').length).toBe(1));
    const drawn = () => [...grid().querySelectorAll<HTMLElement>('[id^=row-]')];
    const isFound = (one: HTMLElement) => /garden/i.test(within(one).getAllByRole('gridcell')[1]?.textContent ?? '');
    await waitFor(() => {
      const marked = drawn().filter((one) => one.getAttribute('aria-selected') === 'true');
      expect(marked.length).toBeGreaterThan(0);
      expect(marked).toEqual(drawn().filter(isFound));
    });
    expect(selections.book.count).toBe(count);

    // One more, which the question does not find, and one less, which it does.
    const other = drawn().findIndex((one) => !isFound(one));
    await user.click(cell(other, 0));
    expect(foot()).toContain(`${count + 1} selected`);
    expect(row(other).getAttribute('aria-selected')).toBe('true');
    const found = drawn().findIndex(isFound);
    await user.click(cell(found, 0));
    expect(row(found).getAttribute('aria-selected')).toBe('false');
    expect(foot()).toContain(`${count} selected`);
  });

  test('without what somebody else deletes', async () => {
    await user.click(cell(0, 0));
    await user.click(cell(1, 0));
    const [gone = ''] = selections.book.told(place.lists.book).also;
    core.fromOthers((made) => made.books.delete(gone), ['book']);
    await waitFor(() => expect(foot()).toContain('1 selected'));
  });

  test('for each list by itself', async () => {
    await user.click(cell(0, 0));
    await user.keyboard('{Control>}2{/Control}');
    await screen.findByRole('grid', { name: 'Authors' });
    await screen.findAllByRole('gridcell');
    expect(foot()).not.toContain('selected');
    await user.keyboard('{Control>}1{/Control}');
    await waitFor(() => expect(foot()).toContain('1 selected'));
  });
});

describe('what is chosen is deleted', () => {
  test('at once if it is little, and a message gives it back', async () => {
    await user.click(cell(0, 0));
    await user.click(cell(2, 0));
    grid().focus();
    await user.keyboard('{Delete}');
    await screen.findByText('Deleted 2 records');
    expect((await core.status()).books).toBe(298);
    expect(foot()).not.toContain('selected');
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(async () => expect((await core.status()).books).toBe(300));
  });

  test('after a question if it is much', async () => {
    await user.keyboard('{Control>}a{/Control}{Delete}');
    const dialog = await screen.findByRole('alertdialog');
    expect(within(dialog).getByRole('heading').textContent).toBe('Delete 300 books?');
    expect((await core.status()).books).toBe(300);
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
    await waitFor(async () => expect((await core.status()).books).toBe(0));
  });
});

test('a list with a choice has nothing that axe objects to', async () => {
  await user.click(cell(0, 0));
  await user.click(cell(1, 1));
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
});
