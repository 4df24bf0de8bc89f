import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, expect, test } from 'vitest';

import { commands } from '../src/commands/table';
import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { rank } from '../src/palette/ranking';
import { place } from '../src/place.svelte';
import { view } from '../src/theme/view.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

async function openPalette(): Promise<HTMLElement> {
  await user.keyboard('{Control>}k{/Control}');
  const box = await screen.findByRole('combobox', { name: 'Command, record, list or setting' });
  await waitFor(() => expect(document.activeElement).toBe(box));
  return box;
}

function options(): string[] {
  return screen.queryAllByRole('option').map((option) => option.querySelector('.label')?.textContent ?? '');
}

beforeEach(async () => {
  core = new FakeCatalogue(50);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  screen.getByRole('grid').focus();
});

test('every command that can be done is offered, with its keys, and nothing that is only a key', async () => {
  await openPalette();
  await waitFor(() => expect(options()).toContain('Print…'));
  const able = commands.filter(({ run, can, isHere }) => run && !isHere && can?.() !== false);
  for (const command of able) expect(options()).toContain(command.label());
  expect(options()).not.toContain('Next pane');
  const first = screen.getByRole('option', { name: /New record/ });
  expect(within(first).getByText('N')).toBeTruthy();
});

test('a command is found by the beginnings of its words and done by Enter; the last one taken comes first', async () => {
  const box = await openPalette();
  await user.type(box, 'narr dow');
  await waitFor(() => expect(options()[0]).toBe('Narrow down'));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(view.facets).toBe(true));
  await openPalette();
  expect(options()[0]).toBe('Narrow down');
});

test('a setting is chosen, and those that are in effect are not offered', async () => {
  const box = await openPalette();
  await user.type(box, 'theme');
  await waitFor(() => expect(options().slice(0, 2)).toEqual(['Theme: Light', 'Theme: Dark']));
  await user.keyboard('{ArrowDown}{Enter}');
  await waitFor(() => expect(view.theme).toBe('dark'));
  view.theme = 'system';
});

test('a record is found by the search of the core, and opened', async () => {
  const [, second] = screen.getAllByRole('row').slice(1);
  const title =
    within(second as HTMLElement)
      .getAllByRole('gridcell')[1]
      ?.textContent?.trim() ?? '';
  const box = await openPalette();
  await user.type(box, title.slice(0, 12));
  await waitFor(() => expect(screen.getAllByRole('option', { name: /Book$/ }).length).toBeGreaterThan(0));
  expect(core.calls.some((call) => call.startsWith('paletteRecords'))).toBe(true);
  await user.click(screen.getAllByRole('option', { name: /Book$/ })[0] as HTMLElement);
  await waitFor(() => expect(place.open.book).not.toBeNull());
});

test('the box says which entry is meant, the arrows go round, and Esc gives the focus back', async () => {
  const box = await openPalette();
  await user.type(box, 'sync');
  await waitFor(() => expect(options().length).toBeGreaterThan(1));
  const meant = (): HTMLElement | null => document.getElementById(box.getAttribute('aria-activedescendant') ?? '');
  expect(meant()?.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('{ArrowUp}');
  expect(meant()).toBe(screen.getAllByRole('option').at(-1));
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
});

test('what was typed fits words, beginnings of words, and letters in their order', () => {
  expect(rank('Export…', 'exp')).toBe(0);
  expect(rank('Text size: 150 %', '150')).toBe(1);
  expect(rank('Theme: Dark', 'dark the')).toBe(1);
  expect(rank('Connection', 'cnn')).toBe(2);
  expect(rank('Connection', 'xy')).toBeNull();
  expect(rank('Größe', 'grosse')).toBe(0);
});

test('the menu of a row has the commands of the table, and is about the row it was asked for on', async () => {
  await user.keyboard('{ArrowDown}{ArrowDown}{Shift>}{F10}{/Shift}');
  const menu = await screen.findByRole('menu', { hidden: true });
  for (const command of commands.filter((one) => one.inRowMenu)) {
    expect(within(menu).getByText(command.label())).toBeTruthy();
  }
  const item = within(menu).getByText('Select all that match').closest<HTMLElement>('[role=menuitem]');
  item?.focus();
  await user.keyboard('{Enter}');
  await screen.findAllByText('50 selected');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
});
