import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom, type ActTold, type ActivityTold, type DoneTold, type MomentTold } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { stateBefore } from '../src/past/history.svelte';
import { place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

const ACT: ActTold = { act: 'edited', kind: 'book', id: null, name: 'Emma', records: 1, left_alone: 0, breaks: null };
const NOW = new Date().toISOString();

function done(number: string, told: Partial<ActTold>): DoneTold {
  return { number, at: NOW, act: { ...ACT, ...told }, undone: false };
}

async function wrong(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

function list(): HTMLElement {
  return document.querySelector<HTMLElement>('[data-pane="list"]') as HTMLElement;
}

beforeEach(async () => {
  core = new FakeCatalogue(30);
  answerFrom(core);
  core.trashed = ['Emma', 'Persuasion', 'Lady Susan'].map((name, at) => ({
    kind: 'book',
    id: `gone-${at}`,
    name,
    at: NOW,
    elsewhere: false,
  }));
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

describe('the trash', () => {
  test('is counted at the side, and gives one back by a click', async () => {
    const place = await screen.findByRole('button', { name: /^Trash/ });
    await waitFor(() => expect(place.textContent).toContain('3'));
    await user.click(place);
    await user.click(await screen.findByRole('button', { name: 'Restore “Persuasion”' }));
    await screen.findByText('Restored “Persuasion”');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Restore “Persuasion”' })).toBeNull());
    expect(document.activeElement).toBe(list());
    expect(await wrong()).toEqual([]);
  });

  test('gives some back at once, or all', async () => {
    await user.keyboard('{Control>}4{/Control}');
    await user.click(await screen.findByRole('checkbox', { name: 'Select “Emma”' }));
    await user.click(screen.getByRole('checkbox', { name: 'Select “Lady Susan”' }));
    await user.click(screen.getByRole('button', { name: 'Restore 2 records' }));
    await waitFor(() => expect(screen.getAllByRole('checkbox')).toHaveLength(1));
    await user.click(screen.getByRole('button', { name: 'Restore all' }));
    await screen.findByText('The trash is empty.');
  });

  test('is emptied only after a question', async () => {
    await user.keyboard('{Control>}4{/Control}');
    await user.click(await screen.findByRole('button', { name: 'Empty trash…' }));
    await screen.findByRole('heading', { name: 'Empty the trash (3 records)?' });
    expect(await wrong()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(core.calls).not.toContain('trashEmpty');
    await user.click(screen.getByRole('button', { name: 'Empty trash…' }));
    await user.click(await screen.findByRole('button', { name: 'Empty trash' }));
    await screen.findByText('The trash is empty.');
    await screen.findByText('Emptied the trash (3 records)');
  });

  test('says who deleted something elsewhere, as far as the server tells', async () => {
    core.sync = { ...core.sync, kind: 'in_step' };
    core.trashed = core.trashed.map((gone) => ({ ...gone, elsewhere: gone.name === 'Emma' }));
    core.deletedBy = [{ id: 'gone-0', at: NOW, by: { login: 'bo', device: 'Bo (attic)' } }];
    core.fromOthers(() => undefined, ['book']);
    await user.keyboard('{Control>}4{/Control}');
    const emma = (await screen.findByText('Emma')).closest('li') as HTMLElement;
    await within(emma).findByText('Bo (attic)');
    const other = screen.getByText('Persuasion').closest('li') as HTMLElement;
    expect(within(other).getByText('this computer')).toBeTruthy();
  });
});

describe('the undo history', () => {
  beforeEach(async () => {
    core.acts = [
      done('9', {}),
      done('5', { act: 'imported', kind: null, name: 'gift.csv', records: 1200 }),
      done('2', { act: 'created', name: 'Persuasion' }),
    ];
    await user.keyboard('{Control>}5{/Control}');
    await screen.findByText('Imported 1,200 books from “gift.csv”');
  });

  test('undoes one act out of the middle, and redoes it', async () => {
    const row = screen.getByText('Imported 1,200 books from “gift.csv”').closest('li') as HTMLElement;
    await user.click(within(row).getByRole('button', { name: /^Undo/ }));
    await screen.findByText('Undone: Imported 1,200 books from “gift.csv”');
    expect(core.calls).toContain('actUndo 5');
    await user.click(await within(row).findByRole('button', { name: /^Redo/ }));
    await waitFor(() => expect(core.calls).toContain('actRedo 5'));
    expect(await wrong()).toEqual([]);
  });

  test('says what is in the way', async () => {
    const subject = { thing: 'book' as const, name: 'Emma', open: null };
    core.one = {
      kind: 'in_the_way',
      obstacles: [
        { act: done('9', {}), subject, field: 'title' },
        { act: null, subject, field: null },
      ],
    };
    const row = screen.getByText('Added “Persuasion”').closest('li') as HTMLElement;
    await user.click(within(row).getByRole('button', { name: /^Undo/ }));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('“Emma”, Title: Edited “Emma”');
    expect(alert.textContent).toContain('another computer');
    expect(await wrong()).toEqual([]);
  });
});

describe('the activity', () => {
  const bo = { login: 'bo', device: 'Bo (attic)' };
  const day = 24 * 60 * 60 * 1000;
  const yesterday = new Date(new Date().setHours(12, 0, 0, 0) - day).toISOString();

  beforeEach(async () => {
    core.sync = { ...core.sync, kind: 'in_step' };
    const [book] = (await core.listPage('book', place.lists.book, ['title'], 1, 1)).items;
    const one = (at: string, by: ActivityTold['by'], fields: string[]): ActivityTold => ({
      at,
      by,
      act: { ...ACT, id: book?.id ?? null },
      fields,
      undone: false,
    });
    core.activities = { here: [one(NOW, null, [])], elsewhere: [one(yesterday, bo, ['title'])] };
    core.fromOthers(() => undefined, ['book']);
    await user.click(await screen.findByRole('button', { name: 'Activity' }));
    await screen.findByText('Edited “Emma”');
  });

  test('of yesterday is what others did then, and opens the record', async () => {
    expect(screen.queryByText('Edited “Emma”: Title')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Yesterday' }));
    const line = await screen.findByRole('button', { name: 'Edited “Emma”: Title' });
    expect(line.closest('li')?.textContent).toContain('Bo (attic)');
    expect(await wrong()).toEqual([]);
    await user.click(line);
    await waitFor(() => expect(place.beside).toBeNull());
    expect(place.record).not.toBeNull();
  });

  test('is narrowed to one person', async () => {
    await user.click(screen.getByRole('button', { name: 'Last 7 days' }));
    await waitFor(() => expect(list().querySelectorAll('li')).toHaveLength(2));
    await user.selectOptions(screen.getByRole('combobox', { name: 'Who' }), 'Bo (attic)');
    await waitFor(() => expect(list().querySelectorAll('li')).toHaveLength(1));
  });

  test('lets a person name themselves', async () => {
    await user.click(screen.getByRole('button', { name: 'My name…' }));
    await user.type(await screen.findByRole('textbox', { name: 'Your name' }), 'Ada');
    expect(await wrong()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Others now see you as “Ada (reading-room)”.');
  });
});

describe('the history of a record', () => {
  const moment = (field: string, before: string, after: string): MomentTold => ({
    at: NOW,
    by: null,
    what: 'changed',
    fields: [{ field, kept: JSON.stringify(before), before, after }],
  });
  const moments = [moment('title', 'B', 'C'), moment('publisher', 'X', 'Y'), moment('title', 'A', 'B')];

  test('is opened from the editor and puts back one value or all', async () => {
    core.moments = moments;
    screen.getByRole('grid').focus();
    await user.keyboard('{ArrowDown}');
    await user.click(await screen.findByRole('button', { name: 'History of the record' }));
    await user.click(await screen.findByRole('button', { name: 'Put back Publisher: X' }));
    await waitFor(() => expect(core.putBack.map(({ field, kept }) => [field, kept])).toEqual([['publisher', '"X"']]));
    expect(await wrong()).toEqual([]);
    const whole = screen.getAllByRole('button', { name: 'Put back everything as it was before this' });
    await user.click(whole.at(-1) as HTMLElement);
    await waitFor(() => expect(core.putBack).toHaveLength(2));
  });

  test('knows what a record said before each change', () => {
    expect(stateBefore(moments, 0)).toEqual([{ field: 'title', kept: '"B"' }]);
    expect(stateBefore(moments, 2)).toEqual([
      { field: 'title', kept: '"A"' },
      { field: 'publisher', kept: '"X"' },
    ]);
  });
});
