import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { drafts } from '../src/editor/drafts.svelte';
import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

beforeEach(async () => {
  drafts.forget('new-book');
  core = new FakeCatalogue(50);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

function box(name: string): Promise<HTMLInputElement> {
  return screen.findByLabelText<HTMLInputElement>(name, { selector: '[data-pane=editor] input' });
}

/** Begins a book: a title that was left, and a name of which only a part was typed. */
async function begin(): Promise<void> {
  await user.keyboard('{Control>}n{/Control}');
  await user.type(await box('Title'), 'Half a book{Tab}');
  await user.type(await box('Author'), 'Some');
}

test('a book that was begun is still begun after a look at another record', async () => {
  await begin();
  await user.click(screen.getAllByRole('gridcell')[1] as HTMLElement);
  await waitFor(() => expect(place.making).toBe(false));
  await user.keyboard('{Control>}n{/Control}');
  expect((await box('Title')).value).toBe('Half a book');
  expect((await box('Author')).value).toBe('Some');
});

test('a chosen author waits for the title as the title waits for the author', async () => {
  await user.keyboard('{Control>}n{/Control}');
  await user.type(await box('Author'), 'Somebody New');
  await screen.findByRole('option', { hidden: true });
  await user.keyboard('{Enter}');
  await waitFor(() => expect(drafts.get('new-book/begun-author')?.text).toBe('Somebody New'));
  await user.click(screen.getAllByRole('gridcell')[1] as HTMLElement);
  await user.keyboard('{Control>}n{/Control}');
  expect((await box('Author')).value).toBe('Somebody New');
  await user.type(await box('Title'), 'A whole book{Tab}');
  expect(await screen.findByText('Added “A whole book”')).toBeTruthy();
  expect(drafts.of('new-book')).toEqual([]);
  expect((await core.book(place.record ?? '')).author?.name).toBe('Somebody New');
});

test('a name that waited is looked up before it is taken, so that nobody is added twice', async () => {
  await user.keyboard('{Control>}n{/Control}');
  const { items } = await core.listPage('author', place.lists.author, ['name'], 1, 1);
  const name = items[0]?.cells.name ?? '';
  await user.type(await box('Author'), name);
  // Not by leaving the box, which would choose the person of just this name.
  place.go('book', null);
  await waitFor(() => expect(screen.queryByRole('heading', { name: 'New book' })).toBeNull());
  drafts.set('new-book/author', { text: name, reason: null });
  drafts.delete('new-book/begun-author');
  await user.keyboard('{Control>}n{/Control}');
  const author = await box('Author');
  author.focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(drafts.get('new-book/begun-author')?.author?.kind).toBe('existing'));
});

test('Cancel throws away what was begun', async () => {
  await begin();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(drafts.of('new-book')).toEqual([]));
  await user.keyboard('{Control>}n{/Control}');
  expect((await box('Title')).value).toBe('');
});

test('a contributor whose name was half typed is still there when the book is open again', async () => {
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}');
  await user.type(await box('Add somebody'), 'Half a na');
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}');
  await waitFor(async () => expect((await box('Add somebody')).value).toBe(''));
  await user.keyboard('{ArrowUp}');
  await waitFor(async () => expect((await box('Add somebody')).value).toBe('Half a na'));
});

test('what is too long to be kept while it is typed says so, and what was written down before stays', async () => {
  await user.keyboard('{Control>}n{/Control}');
  await user.type(await box('Title'), 'Short');
  await waitFor(async () =>
    expect((await core.drafts()).find(({ slot }) => slot === 'new-book/title')?.content).toContain('Short'),
  );
  drafts.set('new-book/title', { text: 'x'.repeat(20_000), reason: null });
  expect(await screen.findByText(/too long to be saved while you type/)).toBeTruthy();
  expect((await core.drafts()).find(({ slot }) => slot === 'new-book/title')?.content).toContain('Short');
  drafts.forget('new-book');
});
