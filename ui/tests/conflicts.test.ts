import { render, screen, waitFor, within, type BoundFunctions, type queries } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { everything, place } from '../src/place.svelte';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

async function wrong(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

beforeEach(async () => {
  core = new FakeCatalogue(300);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

/** Goes to as many conflicts by the keyboard. */
async function openConflicts(count: number): Promise<HTMLElement[]> {
  await core.disagree(count);
  await user.keyboard('{Control>}3{/Control}');
  await screen.findByRole('heading', { level: 1, name: 'Conflicts' });
  await waitFor(() => expect(items().length).toBeGreaterThan(0));
  return items();
}

function items(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.list li')];
}

describe('the conflicts', () => {
  test('are counted at the foot, which leads to them', async () => {
    expect(screen.queryByRole('button', { name: /conflict/ })).toBeNull();
    await core.disagree(2);
    await user.click(await screen.findByRole('button', { name: '2 conflicts' }));
    await waitFor(() => expect(items()).toHaveLength(2));
  });

  test('tell what happened, both values, who and when', async () => {
    const [first] = await openConflicts(1);
    const told = within(first as HTMLElement);
    expect(told.getByText('Year: changed in two places at once.')).toBeTruthy();
    expect(told.getByText('1971')).toBeTruthy();
    expect(told.getByText('1972')).toBeTruthy();
    expect(told.getByText(/by ada, /)).toBeTruthy();
    expect(told.getByText(/on this computer, noticed /)).toBeTruthy();
    expect(told.getByText('1970')).toBeTruthy();
  });

  test('are settled by a key, the next one has the focus then, and undo brings them back', async () => {
    await openConflicts(3);
    await waitFor(() => expect(items()[0]?.contains(document.activeElement)).toBe(true));
    await user.keyboard('1');
    await waitFor(() => expect(items()).toHaveLength(2));
    expect(core.calls).toContain('conflictsSettle mine');
    await waitFor(() => expect(items()[0]?.contains(document.activeElement)).toBe(true));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(items()).toHaveLength(3));
    expect(place.beside).toBe('conflicts');
  });

  test('are settled several at once, by what all of them allow', async () => {
    await openConflicts(6);
    await user.keyboard('{Control>}a{/Control}');
    const chosen = screen.getByRole('group', { name: '6 selected' });
    expect(within(chosen).getAllByRole('button')).toHaveLength(1);
    await user.click(within(chosen).getByRole('button', { name: 'Keep all as they are' }));
    await screen.findByText(/No open conflicts/);
    expect(core.calls.filter((call) => call.startsWith('conflictsSettle'))).toEqual(['conflictsSettle keep']);
    expect(screen.getByText('Settled 6 conflicts')).toBeTruthy();
  });

  test('lead to their record', async () => {
    const [first] = await openConflicts(1);
    const { id } = core.conflicts[0]?.subject.open ?? {};
    await user.click(within(first as HTMLElement).getByRole('button', { name: 'Open the record' }));
    expect(place.record).toBe(id);
    expect(await screen.findByRole('textbox', { name: /^Title/ })).toBeTruthy();
  });

  test('of which there are many are shown page by page', async () => {
    await openConflicts(60);
    expect(items()).toHaveLength(25);
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await screen.findByText('26–50 of 60');
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await waitFor(() => expect(items()).toHaveLength(10));
    await user.keyboard('{Control>}a{/Control}');
    await user.click(screen.getByRole('button', { name: 'Keep all as they are' }));
    await screen.findByText('26–50 of 50');
  });

  test('do not let the Delete key reach the record that was open before', async () => {
    screen.getByRole('grid').focus();
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(place.record).not.toBeNull());
    await openConflicts(1);
    await user.keyboard('{Delete}');
    expect(core.calls).not.toContain('bookDelete');
  });

  test('of every kind have nothing that axe objects to', async () => {
    await openConflicts(8);
    await user.keyboard('{Control>}a{/Control}');
    expect(await wrong()).toEqual([]);
  });
});

/** What the popover says. jsdom lays nothing out, so it believes that its button is out of sight and has no role there. */
async function details(): Promise<BoundFunctions<typeof queries>> {
  const head = await screen.findByText('Quarantined: not on the server yet');
  return within(head.closest('[aria-label="Sync details"]') as HTMLElement);
}

describe('what looks the same', () => {
  async function openDoubled(count: number): Promise<void> {
    await core.double(count);
    await user.keyboard('{Control>}3{/Control}');
    await waitFor(() => expect(items().length).toBeGreaterThan(0));
  }

  test('says of each whether they differ, and in what', async () => {
    await openDoubled(3);
    const [first, , third] = items();
    expect(within(first as HTMLElement).getByText(/Is it the same book as/)).toBeTruthy();
    expect(within(first as HTMLElement).getByText('Neither contradicts the other.')).toBeTruthy();
    expect(within(third as HTMLElement).getByText(/They differ in: Publisher, Pages/)).toBeTruthy();
    expect(within(third as HTMLElement).getByText('They are two books')).toBeTruthy();
    expect(await wrong()).toEqual([]);
  });

  test('is settled all at once, but for what differs, and undo brings it back', async () => {
    await openDoubled(60);
    const all = await screen.findByRole('group', { name: '60 records look the same as another one' });
    await user.click(within(all).getByRole('button', { name: 'Merge all that agree' }));
    expect(await screen.findByText('Settled 40 conflicts; 20 that differ are left for you to decide')).toBeTruthy();
    await waitFor(() => expect(items()).toHaveLength(20));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await screen.findByRole('group', { name: '60 records look the same as another one' });
  });

  test('is looked at side by side, in the view of all that look the same', async () => {
    await openDoubled(1);
    const [book] = [...core.conflicts].map((conflict) => conflict.subject.open?.id);
    expect(book).toBeTruthy();
    const query = { text: '', filters: [], sort: 'title', descending: false };
    const other = (await core.listPage('book', query, ['title'], 1, 2)).items[1];
    core.conflicts = core.conflicts.map((conflict) => ({
      ...conflict,
      holder: { thing: 'book', name: 'Another', open: { kind: 'book', id: other?.id ?? '' } },
    }));
    core.fromOthers(() => undefined, ['conflict']);
    await user.click(await screen.findByRole('button', { name: 'Side by side…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Merge books' }));
    expect(await sheet.findByRole('button', { name: /They are two books/ })).toBeTruthy();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement?.closest('[data-pane=list]')).not.toBeNull());
    expect(items()).toHaveLength(1);
  });

  test('is kept apart all at once', async () => {
    await openDoubled(30);
    await user.click(await screen.findByRole('button', { name: 'Keep them all separate' }));
    await screen.findByText(/No open conflicts/);
    expect(core.calls).toContain('conflictsSettle keep');
  });
});

describe('the details of the sync', () => {
  beforeEach(async () => {
    const place = {
      kind: 'book' as const,
      id: (await core.listPage('book', everything().book, [], 1, 1)).items[0]?.id ?? '',
    };
    core.quarantined = {
      rows: [
        {
          id: 'a',
          subject: { thing: 'book', name: 'A book of bad temper', open: place },
          why: { kind: 'refused', reason: 'new row violates check constraint', constraint: 'no_bad_temper' },
        },
        { id: 'b', subject: { thing: 'author', name: null, open: null }, why: { kind: 'still_needed' } },
      ],
      total: 102,
      not_kept: [],
      not_kept_total: 0,
    };
    await core.bookSet(place.id, 'publisher', 'Of bad temper');
    core.sync = {
      kind: 'failed',
      since: new Date(Date.now() - 240_000).toISOString(),
      pending: 1,
      quarantined: 2,
      not_kept: 0,
      code: 'wrong_password',
      message: 'The server does not accept the password of ada.',
      revision: 8412,
      last_contact: new Date(Date.now() - 120_000).toISOString(),
      next_try: new Date(Date.now() + 30_000).toISOString(),
      reconciled: null,
      download: null,
    };
    await core.syncNow();
  });

  test('say what is wrong and since when, what waits, when the server was heard of and when it is tried again', async () => {
    await user.keyboard('{Shift>}{F5}{/Shift}');
    const sheet = await details();
    for (const words of [
      /does not take this user/,
      /does not accept the password/,
      '1 change',
      '4 minutes ago',
      '2 minutes ago, at revision 8,412',
      /^in \d+ seconds$/,
    ]) {
      expect(await sheet.findByText(words)).toBeTruthy();
    }
    await user.click(sheet.getByText('Try again'));
    expect(core.calls.filter((call) => call === 'syncNow')).toHaveLength(2);
  });

  test('tell how far a first download has come, and how long it goes on', async () => {
    const download = { rows: 120_000, total: 1_000_000, seconds_left: 45 };
    core.sync = { ...core.sync, kind: 'working', pending: 0, quarantined: 0, message: null, next_try: null, download };
    await core.syncNow();
    await user.click(await screen.findByRole('button', { name: 'Receiving 120,000 of about 1,000,000 records' }));
    const sheet = await details();
    expect(await sheet.findByText('about 45 seconds')).toBeTruthy();
    expect(sheet.getByText(/it continues where it left off/)).toBeTruthy();
  });

  test('tell what was done when the server was brought back from a backup', async () => {
    const reconciled = { cause: 'server_restored' as const, forgotten: 7, gone: 2 };
    core.sync = {
      ...core.sync,
      kind: 'in_step',
      pending: 0,
      quarantined: 0,
      message: null,
      next_try: null,
      reconciled,
    };
    await core.syncNow();
    await user.keyboard('{Shift>}{F5}{/Shift}');
    const sheet = await details();
    const words =
      /7 records that it had forgotten were sent to it again\. 2 records that had been deleted there are gone here/;
    expect(await sheet.findByText(words)).toBeTruthy();
  });

  test('name what is quarantined here, why, and lead there', async () => {
    await user.click(await screen.findByRole('button', { name: 'Sync stopped' }));
    const sheet = await details();
    expect(await sheet.findByText(/breaks the server's rule “no_bad_temper”/)).toBeTruthy();
    expect(sheet.getByText('An author who is gone')).toBeTruthy();
    expect(sheet.getByText('and 100 more')).toBeTruthy();
    await user.click(sheet.getByText('A book of bad temper'));
    await waitFor(() => expect(place.record).not.toBeNull());
    await waitFor(() => expect(screen.queryByText('Quarantined: not on the server yet')).toBeNull());
  });

  test('tell under a heading of its own what of the server is quarantined', async () => {
    const nobody = { thing: 'author' as const, name: null, open: null };
    const reason = 'Its name is missing.';
    core.quarantined = {
      rows: [],
      total: 0,
      not_kept: [{ id: 'c', subject: nobody, why: { kind: 'not_kept', reason } }],
      not_kept_total: 3,
    };
    core.sync = {
      ...core.sync,
      kind: 'needs_care',
      pending: 0,
      quarantined: 0,
      not_kept: 3,
      code: null,
      message: null,
    };
    await core.syncNow();
    await user.click(await screen.findByRole('button', { name: '3 records are quarantined' }));
    await screen.findByText('Quarantined: not here yet', { selector: 'h3' });
    const sheet = within(document.querySelector<HTMLElement>('[aria-label="Sync details"]') ?? document.body);
    expect(sheet.getByText(/Everything else is in step/)).toBeTruthy();
    expect(sheet.getByText(reason)).toBeTruthy();
    expect(sheet.getByText('An author on the server')).toBeTruthy();
    expect(sheet.getByText('and 2 more')).toBeTruthy();
    expect(sheet.getByText('Try again')).toBeTruthy();
    expect(sheet.queryByText('Quarantined: not on the server yet')).toBeNull();
  });

  test('have nothing that axe objects to', async () => {
    await user.keyboard('{Shift>}{F5}{/Shift}');
    await screen.findByText(/no_bad_temper/);
    expect(await wrong()).toEqual([]);
  });
});
