import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { PRINT_MAX } from '../src/out/printing.svelte';
import { place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

async function open(books: number): Promise<void> {
  core = new FakeCatalogue(books);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  screen.getByRole('grid').focus();
}

function sheet(): Promise<HTMLElement> {
  return screen.findByRole('dialog', { name: 'Export' });
}

/** The rows on the paper, without its heads. */
function lines(): HTMLElement[] {
  const paper = within(screen.getByRole('dialog', { name: 'Print' })).getByRole('article');
  return [...paper.querySelectorAll<HTMLElement>('tbody tr')];
}

beforeEach(() => open(50));

test('what is selected is exported, as the format that was chosen, by the question that it was selected by', async () => {
  await user.keyboard('{ArrowDown} {ArrowDown} ');
  await user.keyboard('{Control>}{Shift>}e{/Shift}{/Control}');
  const dialog = await sheet();
  expect(within(dialog).getByLabelText('What is selected · 2 books')).toHaveProperty('checked', true);
  const format = within(dialog).getByLabelText('As');
  expect(document.activeElement).toBe(format);
  await user.selectOptions(format, 'bibtex');
  expect(dialog.textContent).toContain('no place for the order of people with different roles');
  expect(dialog.textContent).not.toContain('without a book');
  await user.keyboard('{Enter}');
  await screen.findByText('Exported 2 books to /home/ada/books.bib');
  expect(core.exported).toMatchObject([{ kind: 'book', format: 'bibtex', for_spreadsheet: false }]);
  expect(core.exported[0]?.ids).toHaveLength(2);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
});

test('everything is exported unless something is selected or searched, and says what has no place', async () => {
  await user.keyboard('{Control>}{Shift>}e{/Shift}{/Control}');
  const dialog = await sheet();
  expect(within(dialog).getByRole('radio')).toHaveProperty('checked', true);
  expect(dialog.textContent).toContain('Nothing is lost');
  await user.selectOptions(within(dialog).getByLabelText('As'), 'csv spreadsheet');
  expect(dialog.textContent).toContain('people and tags without a book');
  await user.click(within(dialog).getByRole('button', { name: 'Export 50 books…' }));
  const all = { kind: 'book', ids: null, format: 'csv', for_spreadsheet: true };
  await waitFor(() => expect(core.exported).toEqual([all]));
});

test('what the list shows is exported while it is searched', async () => {
  place.search = 'garden';
  await screen.findByText(/found/);
  await user.keyboard('{Control>}{Shift>}e{/Shift}{/Control}');
  const dialog = await sheet();
  const shown = within(dialog).getByLabelText(/^What the list shows/);
  expect(shown).toHaveProperty('checked', true);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(core.exported).toHaveLength(1));
  expect(core.exported[0]?.ids?.length).toBeLessThan(50);
});

test('an export that is left off says so, and one that nobody wanted a file for stays on its sheet', async () => {
  core.exportInto = null;
  await user.keyboard('{Control>}{Shift>}e{/Shift}{/Control}');
  const dialog = await sheet();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(core.calls.some((call) => call.startsWith('exportChoose'))).toBe(true));
  expect(core.exported).toEqual([]);
  core.exportInto = 'books.json';
  core.exportWaits = true;
  await user.click(within(dialog).getByRole('button', { name: 'Export 50 books…' }));
  expect(await within(dialog).findByRole('progressbar')).toHaveProperty('value', 25);
  await user.click(within(dialog).getByRole('button', { name: 'Stop' }));
  await within(dialog).findByText('Stopped. No file was written.');
  expect(core.exported).toEqual([]);
});

test('a shelf list has the selected books in the order of their shelf marks, and is printed', async () => {
  await user.keyboard('{ArrowDown} {ArrowDown} {ArrowDown} ');
  await user.keyboard('{Control>}p{/Control}');
  const view = await screen.findByRole('dialog', { name: 'Print' });
  await waitFor(() => expect(lines()).toHaveLength(3));
  expect(within(view).getByRole('columnheader', { name: 'Shelf mark' })).toBeTruthy();
  expect(core.calls).toContain('printRows shelf_mark 1');
  expect(document.activeElement).toBe(within(view).getByRole('button', { name: 'Print…' }));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(core.printed).toBe(1));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
});

test('a catalogue by author has each author once, over their books', async () => {
  await user.keyboard('{Control>}p{/Control}');
  const view = await screen.findByRole('dialog', { name: 'Print' });
  await waitFor(() => expect(lines()).toHaveLength(50));
  await user.selectOptions(within(view).getByLabelText('List to print'), 'by_author');
  await waitFor(() => expect(view.querySelectorAll('tr.over').length).toBeGreaterThan(1));
  const over = [...view.querySelectorAll('tr.over')].map((row) => row.textContent?.trim());
  expect(new Set(over).size).toBe(over.length);
  expect(lines().filter((row) => !row.matches('.over'))).toHaveLength(50);
});

test('of very many records the first are printed, and it says so', async () => {
  let asked = 0;
  core.printRows = (_kind, _selected, _sort, _columns, page, per_page) => {
    asked++;
    const row = { id: `row-${page}`, cells: { title: `Title ${page}` }, waiting: false };
    return Promise.resolve({ items: [row], meta: { page, per_page, total: 6_000, pages: 6 } });
  };
  await user.keyboard('{Control>}p{/Control}');
  await screen.findByText('These are the first 5 of 6,000. Narrow the list to print the others.');
  expect(asked).toBe(PRINT_MAX / 1_000);
});
