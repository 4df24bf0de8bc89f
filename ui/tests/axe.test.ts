import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import App from '../src/window/App.svelte';

/** What axe finds wrong, in short. Colours need a layout and are looked at in the real window. */
async function wrong(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

async function open(books: number): Promise<void> {
  answerFrom(new FakeCatalogue(books));
  render(App);
  if (books > 0) await screen.findAllByRole('gridcell');
  else await screen.findByRole('heading', { name: 'Your catalogue is empty' });
}

test('the empty window has nothing that axe objects to', async () => {
  await open(0);
  expect(await wrong()).toEqual([]);
});

test('the list with an open book has nothing that axe objects to', async () => {
  await open(50);
  screen.getByRole('grid').focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  await screen.findByRole('textbox', { name: /^Title/ });
  expect(await wrong()).toEqual([]);
});

test('the list of authors with one open has nothing that axe objects to', async () => {
  await open(50);
  await userEvent.keyboard('{Control>}2{/Control}');
  await screen.findByRole('grid', { name: 'Authors' });
  screen.getByRole('grid').focus();
  await userEvent.keyboard('{ArrowDown}');
  await screen.findByRole('textbox', { name: /^Name/ });
  expect(await wrong()).toEqual([]);
});

test('the sheet of shortcuts has nothing that axe objects to', async () => {
  await open(50);
  await userEvent.click(screen.getByRole('button', { name: /Shortcuts/ }));
  await screen.findByRole('dialog');
  expect(await wrong()).toEqual([]);
});
