import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { chipWord } from '../src/list/chip-words';
import { place } from '../src/place.svelte';
import { view } from '../src/theme/view.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

beforeEach(async () => {
  user = userEvent.setup();
  core = new FakeCatalogue(400);
  answerFrom(core);
  render(App);
  await screen.findAllByRole('gridcell');
});

const box = () => screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search books' });

function chips(): string[] {
  const filters = screen.queryByRole('list', { name: 'Filters' });
  return filters
    ? within(filters)
        .getAllByRole('listitem')
        .map((chip) => chip.textContent.trim())
    : [];
}

describe('the search box', () => {
  test('makes a chip of a token that is finished, and keeps what is typed on', async () => {
    await user.type(box(), 'harbour no:author author:gar');
    await waitFor(() => expect(chips()).toEqual(['No author']));
    expect(box().value).toBe('harbour author:gar');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(chips()).toEqual(['No author', 'Author contains “gar”']));
    expect(box().value).toBe('harbour');
    expect(place.lists.book.filters).toEqual(['author:none', 'author~gar']);
  });

  test('makes chips of all tokens that are finished before the first answer comes', async () => {
    const read = core.searchTyped;
    let answerAll: () => void = () => undefined;
    const typed = new Promise<void>((resolve) => (answerAll = resolve));
    core.searchTyped = (...asked) => typed.then(() => read(...asked));
    await user.type(box(), 'no:isbn no:author harb');
    answerAll();
    await waitFor(() => expect(chips()).toEqual(['No ISBN', 'No author']));
    expect(box().value).toBe('harb');
  });

  test('gives a chip up by its cross, and the last one by Backspace', async () => {
    await user.type(box(), 'no:isbn no:author ');
    await waitFor(() => expect(chips()).toEqual(['No ISBN', 'No author']));
    await user.click(screen.getByRole('button', { name: 'Remove filter “No ISBN”' }));
    await waitFor(() => expect(chips()).toEqual(['No author']));
    expect(document.activeElement).toBe(box());
    await user.keyboard('{Backspace}');
    await waitFor(() => expect(chips()).toEqual([]));
  });

  test('says quietly what it searches as words', async () => {
    await user.type(box(), 'foo:bar ');
    await screen.findByText('“foo:bar” is searched as words');
    expect(chips()).toEqual([]);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('offers values of a token, which the arrows and Enter take', async () => {
    await user.type(box(), 'author:gar');
    const offers = within(await screen.findByRole('listbox', { name: 'Suggestions' }));
    const first = offers.getAllByRole('option')[0];
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(first?.getAttribute('aria-selected')).toBe('true'));
    expect(box().getAttribute('aria-activedescendant')).toBe(first?.id);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(chips()).toHaveLength(1));
    expect(chips()[0]).toMatch(/^Author: .*Garc/);
    expect(box().value).toBe('');
    expect(document.activeElement).toBe(box());
  });

  test('sends the offers away with Escape before it forgets what was typed', async () => {
    await user.type(box(), 'author:gar');
    await screen.findByRole('listbox', { name: 'Suggestions' });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
    expect(box().value).toBe('author:gar');
    await user.keyboard('{Escape}');
    expect(box().value).toBe('');
  });
});

test('a list of what is to be checked is opened as any other, and left by its chip', async () => {
  const sources = within(screen.getByRole('navigation', { name: 'Sources' }));
  await user.click(await sources.findByRole('button', { name: /^No ISBN/ }));
  await waitFor(() => expect(chips()).toEqual(['No ISBN']));
  expect(sources.getByRole('button', { name: /^No ISBN/ }).getAttribute('aria-current')).toBe('page');
  await user.click(sources.getByRole('button', { name: /^Books/ }));
  await waitFor(() => expect(chips()).toEqual([]));
});

test('facets stand beside the list, narrow it by a click and leave out with Ctrl', async () => {
  await user.click(screen.getByRole('button', { name: 'Narrow down' }));
  expect(view.facets).toBe(true);
  const facets = within(await screen.findByRole('complementary', { name: 'Narrow down' }));
  const languages = within(await facets.findByRole('list', { name: 'Language' }));
  const [first] = languages.getAllByRole('button');
  if (!first) throw new Error('there is no language');
  const name = first.querySelector('bdi')?.textContent ?? '';
  await user.click(first);
  await waitFor(() => expect(chips()).toEqual([`Language: ${name}`]));
  await user.click(await facets.findByRole('button', { name: new RegExp(`^${name}`), pressed: true }));
  await waitFor(() => expect(chips()).toEqual([]));
  await user.keyboard('{Control>}');
  await user.click(within(await facets.findByRole('list', { name: 'Language' })).getAllByRole('button')[0] ?? first);
  await user.keyboard('{/Control}');
  await waitFor(() => expect(chips()).toEqual([`Language: not ${name}`]));
});

test('filters are worded as people say them', () => {
  const words = (name: string, kind: string, test: string, value: string) =>
    chipWord({ filter: '', name, kind, test, value });
  expect(words('published_year', 'year', 'between', '1990..1999')).toBe('Year: 1990–1999');
  expect(words('published_year', 'year', 'between', '1990..')).toBe('Year: from 1990');
  expect(words('published_year', 'year', 'between', '..-1')).toBe('Year: up to 1 BCE');
  expect(words('language', 'language', 'is', 'deu')).toBe('Language: German');
  expect(words('format', 'choice', 'is', 'paperback')).toBe('Format: Paperback');
  expect(words('changed', 'time', 'is', '7d')).toBe('Changed: past 7 days');
  expect(words('publisher', 'line', 'contains', 'faber')).toBe('Publisher contains “faber”');
  expect(words('publisher', 'line', 'none', 'none')).toBe('Publisher missing');
  expect(words('isbn', 'isbn', 'bad', 'bad')).toBe('Invalid ISBN');
});
