import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { drafts } from '../src/editor/drafts.svelte';
import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import type { MadeUpBook } from '../src/ipc/made-up';
import { place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;
let title: HTMLInputElement;
let id: string;

/** Colleagues change the book that is open here. */
function theyChange(values: Partial<MadeUpBook>): void {
  core.fromOthers(
    (made) => {
      const book = made.books.get(id);
      if (book) made.books.set(id, { ...book, ...values });
    },
    ['book'],
    [],
  );
}

beforeEach(async () => {
  core = new FakeCatalogue(300);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
  title = await screen.findByRole<HTMLInputElement>('textbox', { name: /^Title/ });
  id = place.record ?? '';
  // The made-up books have the same ids each time, and what was typed outlives the window.
  drafts.forget(id);
  await waitFor(async () => expect(title.value).toBe((await core.book(id)).title));
});

test('a row that comes in above the open one moves the scrollbar and not the row', async () => {
  const scroller = screen.getByRole('grid');
  expect(scroller.scrollTop).toBe(0);
  core.fromOthers(
    (made) => {
      const [book] = made.books.values();
      if (book) made.books.set('first', { ...book, id: 'first', title: '!', isbn: null });
    },
    ['book'],
  );
  await waitFor(() => expect(scroller.scrollTop).toBe(28));
  expect(place.record).toBe(id);
  await waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-activedescendant')).toBe('row-3'));
});

test('a field that nobody types into shows what came', async () => {
  theyChange({ title: 'Their title' });
  await waitFor(() => expect(title.value).toBe('Their title'));
});

test('what is being typed stays, the new value is told, and neither goes by leaving the field', async () => {
  await user.type(title, ' of mine');
  const typed = title.value;
  theyChange({ title: 'Their title' });
  const told = await screen.findByText('Their title', { selector: 'bdi' });
  expect(title.value).toBe(typed);
  expect(title.getAttribute('aria-describedby')).toBe(told.parentElement?.id);
  await user.tab();
  expect(core.calls).not.toContain('bookSet');
  expect((await core.book(id)).title).toBe('Their title');
});

test('what was typed can be kept over what came', async () => {
  await user.type(title, ' of mine');
  const typed = title.value;
  theyChange({ title: 'Their title' });
  await screen.findByText('Their title', { selector: 'bdi' });
  await user.keyboard('{Enter}');
  expect(document.activeElement?.textContent).toBe('Keep what I typed');
  await user.keyboard('{Enter}');
  await waitFor(async () => expect((await core.book(id)).title).toBe(typed));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Keep what I typed' })).toBeNull());
});

test('what came can be taken in place of what was typed', async () => {
  await user.type(title, ' of mine');
  theyChange({ title: 'Their title' });
  await user.click(await screen.findByRole('button', { name: 'Take the new value' }));
  expect(title.value).toBe('Their title');
  expect(core.calls).not.toContain('bookSet');
});

test('a change of another field leaves the typing alone and says nothing', async () => {
  await user.type(title, ' of mine');
  const typed = title.value;
  theyChange({ publisher: 'Their press' });
  const publisher = screen.getByRole<HTMLInputElement>('textbox', { name: 'Publisher' });
  await waitFor(() => expect(publisher.value).toBe('Their press'));
  expect(title.value).toBe(typed);
  expect(document.activeElement).toBe(title);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('typing on while a value is being kept is no disagreement with oneself', async () => {
  core.delay = () => 20;
  await user.type(title, ' one{Enter}');
  await user.type(title, ' two');
  await waitFor(async () => expect((await core.book(id)).title).toMatch(/ one$/));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(title.value).toMatch(/ one two$/);
});

test('a record that others delete is not swapped for the next one under a person who types into it', async () => {
  await user.type(title, ' of mine');
  const typed = title.value;
  core.fromOthers((made) => made.books.delete(id), ['book']);
  const told = await screen.findByText(/it was deleted elsewhere/);
  const pane = told.closest('section') as HTMLElement;
  expect(within(pane).getByText(typed)).toBeTruthy();
  expect(place.record).toBe(id);
  await user.click(within(pane).getByRole('button', { name: 'Back to the list' }));
  expect(place.record).toBeNull();
});
