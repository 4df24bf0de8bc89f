import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { view } from '../src/theme/view.svelte';
import { viewNotes } from '../src/view-notes';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

/** The words at the head of the columns; that of the boxes has none. */
function heads(): string[] {
  return screen.getAllByRole('columnheader').flatMap((head) => head.textContent?.trim() || []);
}

/** By keyboard: without a layout a pointer opens no menu, and what is in it counts as hidden. */
async function clickInMenu(word: string): Promise<void> {
  screen.getByRole('button', { name: 'Columns' }).focus();
  await user.keyboard('{Enter}');
  const menu = within(await screen.findByRole('menu', { hidden: true }));
  const item = (await menu.findByText(word)).closest<HTMLElement>('[role^=menuitem]');
  item?.focus();
  await user.keyboard('{Enter}{Escape}');
}

beforeEach(async () => {
  core = new FakeCatalogue(50);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

test('a list shows the columns that a person chooses, and remembers them', async () => {
  expect(heads()).toEqual(['Title', 'Author', 'Series', 'Year']);
  await clickInMenu('Publisher');
  await waitFor(() => expect(heads()).toContain('Publisher'));
  await clickInMenu('Series');
  await waitFor(() => expect(heads()).not.toContain('Series'));
  expect(viewNotes.read('view')).toMatchObject({
    columns: { book: expect.arrayContaining(['title', 'publisher']) as string[] },
  });
  await waitFor(() => expect(screen.getAllByText('Fennel Press').length).toBeGreaterThan(0));
});

test('a list is ordered by any column that it shows', async () => {
  await clickInMenu('Publisher');
  await user.click(await screen.findByRole('button', { name: 'Publisher' }));
  await waitFor(() =>
    expect(screen.getByRole('columnheader', { name: 'Publisher' }).getAttribute('aria-sort')).toBe('ascending'),
  );
});

test('the usual columns come back, each list its own', async () => {
  view.showColumns('author', ['name', 'books']);
  await clickInMenu('Publisher');
  await clickInMenu('Usual columns');
  await waitFor(() => expect(heads()).toEqual(['Title', 'Author', 'Series', 'Year']));
  await user.keyboard('{Control>}2{/Control}');
  await screen.findByRole('grid', { name: 'Authors' });
  await waitFor(() => expect(heads()).toEqual(['As printed', 'Books']));
});

/** The menu of the columns, with the item of one that has the focus. */
async function itemInMenu(word: string): Promise<void> {
  screen.getByRole('button', { name: 'Columns' }).focus();
  await user.keyboard('{Enter}');
  const menu = within(await screen.findByRole('menu', { hidden: true }));
  (await menu.findByText(word)).closest<HTMLElement>('[role^=menuitem]')?.focus();
}

test('a column is moved and made wider by keys, and both are kept', async () => {
  await itemInMenu('Year');
  await user.keyboard('{Alt>}{ArrowUp}{ArrowUp}{/Alt}');
  await waitFor(() => expect(heads()).toEqual(['Title', 'Year', 'Author', 'Series', 'ISBN']));
  await user.keyboard('{Alt>}{ArrowRight}{ArrowRight}{/Alt}');
  const kept = viewNotes.read('view');
  expect(kept).toMatchObject({ columns: { book: ['title', 'published_year', 'author', 'series', 'isbn'] } });
  const width = view.columnWidth('book', 'published_year') ?? 0;
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(view.columnWidth('book', 'published_year')).toBe(width - 1);
  view.widen('book', 'published_year', 0);
  expect(view.columnWidth('book', 'published_year')).toBeGreaterThan(1);
});
