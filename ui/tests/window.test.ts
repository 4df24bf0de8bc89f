import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

async function openWindow(books = 300): Promise<void> {
  core = new FakeCatalogue(books);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  if (books > 0) await screen.findAllByRole('gridcell');
  else await screen.findByRole('heading', { name: 'Your catalogue is empty' });
}

function grid(): HTMLElement {
  return screen.getByRole('grid');
}

/** Opens the first record from the keyboard and waits for its editor. */
async function openFirst(): Promise<HTMLInputElement> {
  grid().focus();
  await user.keyboard('{ArrowDown}');
  return screen.findByRole<HTMLInputElement>('textbox', { name: /^Title/ });
}

describe('the list', () => {
  beforeEach(() => openWindow());

  test('says how many rows and columns there are, and which row is active', async () => {
    expect(grid()).toHaveProperty('ariaRowCount');
    expect(grid().getAttribute('aria-rowcount')).toBe('301');
    grid().focus();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    const active = grid().getAttribute('aria-activedescendant') ?? '';
    expect(document.getElementById(active)?.getAttribute('aria-rowindex')).toBe('3');
    expect(document.getElementById(active)?.getAttribute('aria-selected')).toBe('false');
  });

  test('has no menu of the web view, which would reload the page; a text field keeps its own', () => {
    const menu = (): Event => new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
    const onRow = menu();
    screen.getAllByRole('gridcell')[0]?.dispatchEvent(onRow);
    expect(onRow.defaultPrevented).toBe(true);
    const inBox = menu();
    screen.getByRole('searchbox', { name: 'Search books' }).dispatchEvent(inBox);
    expect(inBox.defaultPrevented).toBe(false);
  });

  test('asks for one page of rows and not for the table', () => {
    expect(core.calls.filter((call) => call.startsWith('listPage'))).toEqual(['listPage book 1']);
  });

  test('finds a folded name as it is typed and marks what matched', async () => {
    await user.type(screen.getByRole('searchbox', { name: 'Search books' }), 'soren');
    await waitFor(() => expect(document.querySelector('mark')?.textContent).toBe('Søren'));
    expect(screen.getByText(/ found$/)).toBeTruthy();
  });

  test('drops the answer to an older search that comes after the answer to a newer one', async () => {
    const box = screen.getByRole('searchbox', { name: 'Search books' });
    let first = true;
    core.delay = () => {
      const late = first;
      first = false;
      return late ? 60 : 5;
    };
    await user.type(box, 'zz');
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(screen.getByText('0 found')).toBeTruthy();
    expect(screen.getByText('Nothing matches.')).toBeTruthy();
  });

  test('sorts by a column head, and the other way when it is clicked again', async () => {
    await user.click(screen.getByRole('button', { name: 'Year' }));
    expect(screen.getByRole('columnheader', { name: 'Year' }).getAttribute('aria-sort')).toBe('ascending');
    await user.keyboard('{Alt>}4{/Alt}');
    expect(screen.getByRole('columnheader', { name: 'Year' }).getAttribute('aria-sort')).toBe('descending');
  });

  test('is in the order that was asked for last, however late the place of the open record in an older one is known', async () => {
    await openFirst();
    const delays = [60];
    core.delay = () => delays.shift() ?? 5;
    await user.click(screen.getByRole('button', { name: 'Year' }));
    await user.click(screen.getByRole('button', { name: 'Year' }));
    await new Promise((resolve) => setTimeout(resolve, 120));
    const query = { ...place.lists.book, sort: 'published_year', descending: true };
    const first = (await core.listPage('book', query, ['title'], 1, 1)).items[0]?.cells.title ?? '';
    grid().focus();
    await user.keyboard('{Home}');
    await waitFor(() => expect(document.getElementById('row-0')?.textContent).toContain(first));
  });

  test('keeps the open record open when the order changes', async () => {
    const title = await openFirst();
    const before = place.record;
    await user.click(screen.getByRole('button', { name: 'Year' }));
    await waitFor(() => expect(grid().getAttribute('aria-activedescendant')).not.toBe('row-0'));
    expect(place.record).toBe(before);
    expect(title.isConnected).toBe(true);
  });
});

describe('the editor', () => {
  beforeEach(() => openWindow());

  test('keeps a field on Enter, without a button', async () => {
    const title = await openFirst();
    const row = place.record ?? '';
    await user.clear(title);
    await user.type(title, 'Another title{Enter}');
    await waitFor(async () => expect((await core.book(row)).title).toBe('Another title'));
    expect(within(grid()).getByText('Another title')).toBeTruthy();
  });

  test('keeps a value that is refused in sight, marked with the reason of the core', async () => {
    core.refusals.set('published_year', 'Year: write a whole number.');
    await openFirst();
    const year = screen.getByRole('textbox', { name: 'Year' });
    await user.clear(year);
    await user.type(year, 'soon');
    await user.tab();
    const told = await screen.findByText(/write a whole number/);
    expect(year.getAttribute('aria-invalid')).toBe('true');
    expect(year.getAttribute('aria-describedby')).toBe(told.id);
    expect((year as HTMLInputElement).value).toBe('soon');
  });

  test('still has the refused value after another record was open', async () => {
    core.refusals.set('published_year', 'Year: write a whole number.');
    await openFirst();
    const year = screen.getByRole('textbox', { name: 'Year' });
    await user.clear(year);
    await user.type(year, 'soon{Enter}');
    await screen.findByText(/write a whole number/);
    grid().focus();
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(screen.queryByText(/write a whole number/)).toBeNull());
    await user.keyboard('{ArrowUp}');
    await screen.findByText(/write a whole number/);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Year' }).value).toBe('soon');
  });

  test('gives back what the catalogue holds on Escape', async () => {
    const title = await openFirst();
    const before = title.value;
    await user.type(title, ' and more{Escape}');
    expect(title.value).toBe(before);
    expect(core.calls).not.toContain('bookSet');
  });

  test('lets the field undo its own typing before the catalogue undoes anything', async () => {
    const title = await openFirst();
    await user.type(title, ' and more');
    await user.keyboard('{Control>}z{/Control}');
    expect(core.calls).not.toContain('undo');
  });

  test('adds a contributor by a name that nobody has, with a role that can be changed', async () => {
    await openFirst();
    const id = place.record ?? '';
    await user.type(screen.getByRole('combobox', { name: 'Add somebody' }), 'Zuzana Nová');
    await screen.findByRole('option', { name: /Add “Zuzana Nová”/ });
    await user.keyboard('{Enter}');
    await waitFor(async () => {
      const names = (await core.book(id)).contributors.map((one) => one.author.name);
      expect(names).toContain('Zuzana Nová');
    });
    expect(await screen.findByRole('button', { name: /Zuzana Nová/ })).toBeTruthy();
  });
});

test('an author shows what they contributed to the books of others, which is a click away', async () => {
  await openWindow();
  const [some] = (await core.listPage('book', place.lists.book, ['title'], 1, 1)).items;
  await core.contributionAdd(some?.id ?? '', { kind: 'new', name: 'Zuzana Nová' }, 'translator');
  const [who] = await core.authorSuggest('box', 'Zuzana Nová');
  place.go('author', who?.id ?? '');
  const book = await screen.findByRole('button', { name: new RegExp(`${some?.cells.title}.*translator`) });
  await user.click(book);
  expect(place.source).toBe('book');
  expect(place.record).toBe(some?.id);
});

describe('records come and go', () => {
  test('a deleted book can be brought back by the toast', async () => {
    await openWindow();
    await openFirst();
    const id = place.record ?? '';
    grid().focus();
    await user.keyboard('{Delete}');
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(place.record).toBe(id));
    expect((await core.status()).books).toBe(300);
  });

  test('the row below takes the place of a deleted one', async () => {
    await openWindow();
    await openFirst();
    const id = place.record;
    grid().focus();
    await user.keyboard('{Delete}');
    await waitFor(() => expect(place.record).not.toBe(id));
    expect(grid().getAttribute('aria-activedescendant')).toBe('row-0');
  });

  test('a new book is there as soon as it has a title and an author', async () => {
    await openWindow();
    await user.keyboard('{Control>}n{/Control}');
    await user.type(await screen.findByRole('textbox', { name: /^Title/ }), 'The first of its name');
    await user.tab();
    await user.keyboard('Nobody Before{Enter}');
    await waitFor(async () => expect((await core.status()).books).toBe(301));
    expect((await core.book(place.record ?? '')).author?.name).toBe('Nobody Before');
  });

  test('an author who has books is not deleted before it is said what becomes of them', async () => {
    await openWindow();
    await user.keyboard('{Control>}2{/Control}');
    await screen.findByRole('grid', { name: 'Authors' });
    const some = (await core.listPage('book', place.lists.book, ['title'], 1, 1)).items[0];
    place.go('author', (await core.book(some?.id ?? '')).author?.id ?? '');
    await screen.findByRole('textbox', { name: /^Name/ });
    grid().focus();
    await user.keyboard('{Delete}');
    const dialog = await screen.findByRole('alertdialog');
    await user.click(within(dialog).getByRole('button', { name: 'Delete author' }));
    expect(await within(dialog).findByText(/Choose the author who takes the books/)).toBeTruthy();
    await user.click(within(dialog).getByRole('radio', { name: 'Delete the books too' }));
    await user.click(within(dialog).getByRole('button', { name: 'Delete author' }));
    await waitFor(() => expect(core.calls).toContain('authorDelete'));
  });

  test('somebody who only contributed is deleted, and the books stay', async () => {
    await openWindow();
    const helper = await core.authorCreate('Only A. Helper');
    const book = (await core.listPage('book', place.lists.book, ['title'], 1, 1)).items[0]?.id ?? '';
    const before = (await core.book(book)).contributors.length;
    await core.contributionAdd(book, { kind: 'existing', id: helper.id }, 'translator');
    place.go('author', helper.id);
    await screen.findByRole('textbox', { name: /^Name/ });
    grid().focus();
    await user.keyboard('{Delete}');
    const dialog = await screen.findByRole('alertdialog');
    expect(await within(dialog).findByText(/1 contribution to a book is by this person/)).toBeTruthy();
    expect(within(dialog).queryByRole('radio', { name: 'Delete the books too' })).toBeNull();
    await user.click(within(dialog).getByRole('radio', { name: 'Keep them, without this author' }));
    await user.click(within(dialog).getByRole('button', { name: 'Delete author' }));
    await waitFor(() => expect(core.calls).toContain('authorDelete'));
    expect((await core.book(book)).contributors.length).toBe(before);
  });
});

describe('a first run', () => {
  beforeEach(() => openWindow(0));

  test('offers to add, to import and to try the sample', () => {
    for (const name of ['Add a book', 'Import a file', 'Try the sample']) {
      expect(screen.getAllByRole('button', { name }).length).toBeGreaterThan(0);
    }
  });

  test('tells what an import gave, with its problems and where the rows are', async () => {
    await user.click(screen.getAllByRole('button', { name: 'Import a file' })[0] as HTMLElement);
    const sheet = await screen.findByRole('dialog');
    expect(await within(sheet).findByText('40 new books')).toBeTruthy();
    expect(within(sheet).getByText('the last digit should be 4')).toBeTruthy();
    expect(within(sheet).getByText('/books.rejected.csv')).toBeTruthy();
  });

  test('says that nothing was changed when a file cannot be read', async () => {
    core.chosen = 'holiday.bin';
    await user.click(screen.getAllByRole('button', { name: 'Import a file' })[0] as HTMLElement);
    expect(await screen.findByText('Your catalogue was not changed.')).toBeTruthy();
  });
});
