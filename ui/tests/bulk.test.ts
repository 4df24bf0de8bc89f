import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { difference } from '../src/bulk/difference';
import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { selections } from '../src/selection/selections.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

beforeEach(async () => {
  core = new FakeCatalogue(60);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
  grid().focus();
});

function grid(): HTMLElement {
  return document.querySelector<HTMLElement>('main [role=grid]') as HTMLElement;
}

async function open(): Promise<ReturnType<typeof within>> {
  await user.keyboard('{Control>}e{/Control}');
  return within(await screen.findByRole('dialog'));
}

async function publishers(): Promise<string[]> {
  const query = { text: '', filters: [], sort: 'title', descending: false };
  const { items } = await core.listPage('book', query, ['publisher'], 1, 100);
  return items.map((row) => row.cells.publisher ?? '');
}

/** Prepares that a publisher gets another name. */
async function rename(sheet: ReturnType<typeof within>, from: string, to: string): Promise<void> {
  await user.selectOptions(sheet.getByRole('combobox', { name: 'Field' }), 'Publisher');
  await user.type(sheet.getByRole('textbox', { name: 'Find' }), from);
  await user.type(sheet.getByRole('textbox', { name: 'Replace with' }), to);
}

describe('one change of many records', () => {
  test('is opened by Ctrl+E, seen before it is done, done by Enter, and taken back by the message', async () => {
    const before = await publishers();
    const many = before.filter((one) => one === 'Fennel Press').length;
    const sheet = await open();
    expect(sheet.getByRole('heading').textContent).toBe('Edit all 60 books');
    await waitFor(() => expect(document.activeElement).toBe(sheet.getByRole('combobox', { name: 'Field' })));
    await rename(sheet, 'Fennel', 'Phenyl');
    await sheet.findByText(`${many} will change`);
    const table = within(sheet.getByRole('grid', { name: 'Changes' }));
    await waitFor(() => expect(table.getAllByText('Fenne').length).toBeGreaterThan(0));
    expect(table.getAllByRole('row')).not.toHaveLength(1);
    expect(await publishers()).toEqual(before);
    await user.keyboard('{Enter}');
    await screen.findByText(`Edited ${many} records`);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(await publishers()).toEqual(before.map((one) => one.replace('Fennel', 'Phenyl')));
    await waitFor(() => expect(document.activeElement).toBe(grid()));
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(async () => expect(await publishers()).toEqual(before));
  });

  test('leaves out what is taken out of the table', async () => {
    const before = await publishers();
    const many = before.filter((one) => one === 'Fennel Press').length;
    const sheet = await open();
    await rename(sheet, 'Fennel', 'Phenyl');
    await sheet.findByText(`${many} will change`);
    const table = sheet.getByRole('grid', { name: 'Changes' });
    table.focus();
    await waitFor(() => expect(document.getElementById('bulk-0')?.textContent).toContain('Fennel'));
    await user.keyboard('[Space]');
    expect(document.getElementById('bulk-0')?.getAttribute('aria-selected')).toBe('false');
    await sheet.findByText(`${many - 1} will change`);
    await user.keyboard('{Enter}');
    await screen.findByText(`Edited ${many - 1} records`);
    expect((await publishers()).filter((one) => one === 'Fennel Press')).toHaveLength(1);
  });

  test('is of what is chosen, or of what a search has found', async () => {
    await user.keyboard('{ArrowDown}[Space]{ArrowDown}[Space]');
    expect((await open()).getByRole('heading').textContent).toBe('Edit 2 books');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(grid()));
    expect(selections.book.count, 'Escape has closed the sheet and nothing else').toBe(2);
    await user.keyboard('{Escape}');
    await user.type(screen.getByRole('searchbox', { name: 'Search books' }), 'garden');
    await screen.findByText(/ found$/);
    const title = (await open()).getByRole('heading').textContent;
    expect(title).toMatch(/^Edit all matches: \d+ books?$/);
  });

  test('says which records cannot be changed, and why', async () => {
    const query = { text: '', filters: [], sort: 'title', descending: false };
    const [first] = (await core.listPage('book', query, ['title'], 1, 1)).items;
    core.unchangeable.set(first?.id ?? '', 'It would be too long.');
    const sheet = await open();
    await user.selectOptions(sheet.getByRole('combobox', { name: 'Field' }), 'Publisher');
    await user.selectOptions(sheet.getByRole('combobox', { name: 'Change' }), 'Set');
    await user.type(sheet.getByRole('textbox', { name: 'Value' }), 'Another');
    await sheet.findByText('59 will change');
    expect(sheet.getByText('1 cannot be changed')).toBeTruthy();
    expect(sheet.getByText('It would be too long.')).toBeTruthy();
  });

  test('shows a pattern that cannot be read as what is wrong, and does nothing', async () => {
    const sheet = await open();
    await user.selectOptions(sheet.getByRole('combobox', { name: 'Field' }), 'Publisher');
    await user.click(sheet.getByRole('checkbox', { name: 'Pattern' }));
    await user.type(sheet.getByRole('textbox', { name: 'Find' }), '(a');
    expect((await sheet.findByRole('alert')).textContent).toBe('The pattern cannot be read.');
    await user.keyboard('{Enter}');
    expect(core.calls).not.toContain('bulkApply');
  });

  test('never does what nobody has seen', async () => {
    const sheet = await open();
    await rename(sheet, 'Fennel', 'Phenyl');
    await user.keyboard('{Enter}');
    expect(core.calls).not.toContain('bulkApply');
    await sheet.findByText(/will change$/);
  });

  test('offers for a field what its kind allows', async () => {
    const sheet = await open();
    const offered = () =>
      within(sheet.getByRole('combobox', { name: 'Change' }))
        .getAllByRole('option')
        .map((option) => option.textContent);
    await user.selectOptions(sheet.getByRole('combobox', { name: 'Field' }), 'Year');
    expect(offered()).toEqual(['Set', 'Clear']);
    await user.selectOptions(sheet.getByRole('combobox', { name: 'Field' }), 'Tags');
    expect(offered()).toEqual(['Add', 'Remove']);
  });

  test('cannot be begun where the catalogue is only read', async () => {
    core.readOnly = true;
    core.fromOthers(() => undefined, ['book']);
    await screen.findByRole('note');
    await user.keyboard('{Control>}e{/Control}');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('has nothing that axe objects to', async () => {
    const sheet = await open();
    await rename(sheet, 'Fennel', 'Phenyl');
    await sheet.findByText(/will change$/);
    const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  });
});

test('two texts differ between what they have in common at their ends, and no letter is cut in two', () => {
  expect(difference('Pengiun Books', 'Penguin Books')).toEqual({
    begin: 'Peng',
    removed: 'iu',
    added: 'ui',
    end: 'n Books',
  });
  expect(difference('aa', 'a')).toEqual({ begin: 'a', removed: 'a', added: '', end: '' });
  expect(difference('', 'new')).toEqual({ begin: '', removed: '', added: 'new', end: '' });
  expect(difference('😀', '😁')).toEqual({ begin: '', removed: '😀', added: '😁', end: '' });
});
