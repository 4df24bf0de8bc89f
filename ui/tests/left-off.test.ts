import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { everything, place } from '../src/place.svelte';
import { viewNotes } from '../src/view-notes';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

/** A window that is shown. */
interface Shown {
  unmount: () => void;
}

async function start(): Promise<Shown> {
  const shown = render(App);
  await screen.findAllByRole('gridcell');
  return shown;
}

/** Ends the window and starts it again, with nothing of it in memory any more. */
async function restart(window: Shown): Promise<Shown> {
  window.unmount();
  place.leave();
  place.lists = everything();
  return start();
}

beforeEach(() => {
  core = new FakeCatalogue(50);
  answerFrom(core);
  user = userEvent.setup();
});

test('the window comes back with the order, the list and the record that it was left with, and without the search', async () => {
  const window = await start();
  await user.click(screen.getByRole('button', { name: /^Year/ }));
  await waitFor(() => expect(place.lists.book.sort).toBe('published_year'));
  await user.click(screen.getAllByRole('gridcell')[1] as HTMLElement);
  await waitFor(() => expect(place.open.book).not.toBeNull());
  const open = place.open.book;
  await user.type(screen.getByRole('searchbox'), 'a');
  await restart(window);
  expect(place.lists.book).toEqual({ text: '', filters: [], sort: 'published_year', descending: false });
  expect(place.open.book).toBe(open);
  expect(await screen.findByRole('textbox', { name: /^Title/ })).toBeTruthy();
});

test('a record that is gone in the meantime is not opened, and nothing is said of it', async () => {
  const window = await start();
  await user.click(screen.getAllByRole('gridcell')[1] as HTMLElement);
  await waitFor(() => expect(place.open.book).not.toBeNull());
  const open = place.open.book ?? '';
  window.unmount();
  await core.bookDelete(open);
  place.leave();
  await start();
  expect(place.open.book).toBeNull();
});

test('what cannot be read, or is of another program, begins at the beginning', async () => {
  const file = (await core.status()).file;
  for (const kept of ['x', [1], 7, { source: 'tag', orders: { book: { sort: 'smell' } } }, { orders: 1, open: 'x' }]) {
    viewNotes.keep('left-off', kept, file);
    const window = await start();
    expect(place.lists.book.sort).toBe('title');
    expect(place.source).toBe('book');
    window.unmount();
  }
});
