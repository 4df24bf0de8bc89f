import { render, screen, within } from '@testing-library/svelte';
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
  core = new FakeCatalogue(50);
  core.known.push({
    name: 'East wing',
    file: '/srv/east.sqlite',
    token: 1,
    schema: 'east',
    is_open: false,
    can_be_forgotten: true,
  });
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

async function openMenu(): Promise<void> {
  const trigger = await screen.findByRole('button', { name: /^Catalogue “/ });
  trigger.focus();
  await user.keyboard('{Enter}');
  // Without a layout a menu is never put in its place, and counts as hidden until it is.
  await screen.findByRole('menu', { hidden: true });
}

/** A catalogue in the menu. */
async function item(name: string): Promise<HTMLElement> {
  const menu = within(await screen.findByRole('menu', { hidden: true }));
  return (await menu.findByText(name)).closest<HTMLElement>('[role=menuitemradio]') as HTMLElement;
}

test('the menu lists the catalogues, and goes to another', async () => {
  await openMenu();
  const east = await item('East wing');
  expect(east.textContent).toContain('east');
  expect((await item('catalogue')).getAttribute('aria-checked')).toBe('true');
  place.go('book', 'book-3');
  await user.click(east);
  expect(await screen.findByRole('button', { name: /^Catalogue “East wing”/ })).toBeTruthy();
  expect(place.record).toBeNull();
});

test('what was begun in one catalogue waits there', async () => {
  drafts.set('new-book/title', { text: 'Half a title', reason: null });
  await openMenu();
  await user.click(await item('East wing'));
  await screen.findByRole('button', { name: /^Catalogue “East wing”/ });
  expect(drafts.get('new-book/title')).toBeUndefined();
  await openMenu();
  await user.click(await item('catalogue'));
  await screen.findByRole('button', { name: /^Catalogue “catalogue”/ });
  expect(drafts.get('new-book/title')?.text).toBe('Half a title');
  drafts.forget('new-book');
});

test('a catalogue that cannot be opened leaves the open one as it is', async () => {
  core.catalogueOpen = () => Promise.reject(new Error('There is no file there.'));
  await openMenu();
  await user.click(await item('East wing'));
  expect(await screen.findByText('There is no file there.')).toBeTruthy();
  expect(screen.getByRole('button', { name: /^Catalogue “catalogue”/ })).toBeTruthy();
});

test('a name of a new catalogue that is taken is told at the field', async () => {
  await openMenu();
  await user.click(screen.getByText('New catalogue…'));
  const name = await screen.findByLabelText('Name');
  await user.type(name, 'catalogue{Enter}');
  expect(await screen.findByText('There is a catalogue of this name already.')).toBeTruthy();
  expect(name.getAttribute('aria-invalid')).toBe('true');
});
