import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerFrom, Fault } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
let user: UserEvent;

beforeEach(async () => {
  core = new FakeCatalogue(50);
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  await screen.findAllByRole('gridcell');
});

async function openScreen(): Promise<HTMLElement> {
  await user.keyboard('{Control>},{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Connection to a server' });
  await within(dialog).findByRole('textbox', { name: 'Server' });
  return dialog;
}

function field(name: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(name);
}

function button(name: string): HTMLButtonElement {
  return screen.getByText<HTMLButtonElement>(name, { selector: 'button' });
}

describe('the connection screen', () => {
  test('has nothing that axe objects to, before a try and after one that failed', async () => {
    const wrong = async () => {
      const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    };
    await openScreen();
    expect(await wrong()).toEqual([]);
    core.tried = {
      kind: 'stopped',
      trouble: 'refused',
      field: 'port',
      words: 'Connection refused.',
      at: null,
      may_pass: true,
    };
    await user.type(field('Server'), 'db.example.org');
    await user.click(button('Try'));
    await screen.findByText(/nothing is listening on port 5432/);
    expect(await wrong()).toEqual([]);
  });

  test('says what is wrong at its field, and goes there', async () => {
    await openScreen();
    core.tried = {
      kind: 'stopped',
      trouble: 'no_database',
      field: 'database',
      words: 'It has none.',
      at: null,
      may_pass: false,
    };
    await user.type(field('Server'), 'db.example.org');
    await user.click(button('Try'));
    const told = await screen.findByText('The server has no database of this name.');
    const database = field('Database');
    expect(database.getAttribute('aria-invalid')).toBe('true');
    expect(database.getAttribute('aria-describedby')).toBe(told.parentElement?.id);
    await waitFor(() => expect(document.activeElement).toBe(database));
    await user.type(database, 'library');
    expect(database.getAttribute('aria-invalid')).toBe('false');
    expect(screen.queryByText('The server has no database of this name.')).toBeNull();
  });

  test('says since when a certificate is over, and who has to do something', async () => {
    await openScreen();
    const at = '2024-02-01T12:00:00Z';
    core.tried = { kind: 'stopped', trouble: 'expired', field: null, words: '', at, may_pass: false };
    await user.type(field('Server'), 'db.example.org');
    await user.click(button('Try'));
    expect(
      await screen.findByText(/^The server’s certificate expired on Feb 1, 2024, .*has to renew it\.$/),
    ).toBeTruthy();
  });

  test('takes a line that somebody was sent in one paste, whatever field it is pasted into', async () => {
    await openScreen();
    const values = { ...core.settings.values, server: 'db.example.org', port: '6543', schema: 'north', user: 'ada' };
    core.invitation = { values, password: 'swordfish' };
    await user.click(field('Catalogue'));
    await user.paste('postgresql://ada:swordfish@db.example.org:6543/library?schema=north');
    await waitFor(() => expect(field('Server').value).toBe('db.example.org'));
    expect([field('Port').value, field('Catalogue').value, field('User').value]).toEqual(['6543', 'north', 'ada']);
    expect(field('Password').value).toBe('swordfish');
    await user.click(button('Use'));
    await waitFor(() => expect(core.connected).toEqual([{ texts: values, password: 'swordfish' }]));
  });

  test('says what is wrong with such a line, and leaves the fields as they were', async () => {
    await openScreen();
    await user.type(field('Server'), 'db');
    await user.paste('postgres://nobody');
    await screen.findByText('This is no address.');
    expect(field('Server').value).toBe('db');
  });

  test('pastes anything else as usual', async () => {
    await openScreen();
    await user.click(field('Server'));
    await user.paste('db.example.org');
    expect(field('Server').value).toBe('db.example.org');
  });

  test('uses what works, by the keyboard alone, and hands the password over once', async () => {
    await openScreen();
    await user.keyboard('db.example.org{Tab}6432{Tab}library{Tab}east_wing{Tab}ada{Tab}swordfish{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const [used] = core.connected;
    expect(used?.texts).toMatchObject({ server: 'db.example.org', port: '6432', database: 'library', user: 'ada' });
    expect(used?.password).toBe('swordfish');
    expect(await screen.findByText('These settings are in use.')).toBeTruthy();
    await openScreen();
    expect(field('Password').value).toBe('');
    expect(document.body.innerHTML).not.toContain('swordfish');
  });

  test('uses settings of a server that is away, with a warning', async () => {
    await openScreen();
    core.tried = { kind: 'stopped', trouble: 'name_not_found', field: 'server', words: '', at: null, may_pass: true };
    await user.type(field('Server'), 'db.example.org{Enter}');
    expect(await screen.findByText(/cannot be reached at the moment/)).toBeTruthy();
    expect(core.connected).toHaveLength(1);
  });

  test('uses what only a person can mend when that person insists', async () => {
    await openScreen();
    core.tried = { kind: 'not_prepared', schema: 'east', schema_exists: false, may_prepare: false, owner: 'olga' };
    await user.type(field('Server'), 'db.example.org');
    await user.click(button('Use'));
    await screen.findByText(/no catalogue “east”\. Ask olga/);
    expect(core.connected).toHaveLength(0);
    await user.click(button('Use anyway'));
    await waitFor(() => expect(core.connected).toHaveLength(1));
  });

  test('lets a person say what a server may ask for, and goes there when that is in the way', async () => {
    await openScreen();
    const trouble = { kind: 'stopped', trouble: 'sign_in', field: 'sign_in', at: null, may_pass: false } as const;
    core.tried = { ...trouble, words: 'The server asks for the password in clear.' };
    await user.type(field('Server'), 'db.example.org');
    await user.click(button('Try'));
    await screen.findByText(/asks for a way of signing in that is not allowed/);
    const choice = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Sign-in' });
    await waitFor(() => expect(document.activeElement).toBe(choice));
    core.tried = { kind: 'ready', revision: 1, server_version: '18' };
    await user.selectOptions(choice, 'scram-sha-256,md5,password');
    await user.click(button('Use'));
    await waitFor(() => expect(core.connected[0]?.texts.sign_in).toBe('scram-sha-256,md5,password'));
  });

  test('shows a list of ways to sign in that somebody wrote by hand', async () => {
    core.settings.values.sign_in = '!password';
    await openScreen();
    const choice = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Sign-in' });
    expect(choice.selectedOptions[0]?.textContent).toBe('As in the settings: !password');
  });

  test('leaves alone what the environment decides, and says so', async () => {
    core.settings.values.server = 'db.example.org';
    core.settings.fixed = ['server', 'password', 'protection'];
    core.settings.decided = [
      { field: 'server', file: null },
      { field: 'password', file: '/srv/team.env' },
    ];
    const dialog = await openScreen();
    expect(field('Server').readOnly).toBe(true);
    expect(field('Password').readOnly).toBe(true);
    expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Protection' }).disabled).toBe(true);
    expect(field('Port').readOnly).toBe(false);
    expect(within(dialog).getAllByText(/Set by the environment/)).toHaveLength(1);
    expect(within(dialog).getByText('Set in /srv/team.env; it cannot be changed here.')).toBeTruthy();
    expect(within(dialog).getByText(/Set where the server is set/)).toBeTruthy();
  });

  test('takes certificates from a file that is chosen, and from none that is typed', async () => {
    await openScreen();
    expect(field('Certificates').readOnly).toBe(true);
    await user.click(button('Choose…'));
    await waitFor(() => expect(field('Certificates').value).toBe('/home/ada/root.pem'));
    await user.click(button('None'));
    expect(field('Certificates').value).toBe('');
  });

  test('says that a password holds for this run only when the keychain did not take it', async () => {
    core.used = { password_not_kept: 'No keychain can be reached here.' };
    await openScreen();
    await user.type(field('Server'), 'db.example.org{Enter}');
    expect(
      await screen.findByText(/only remembered until Colophon is closed.* No keychain can be reached here\./),
    ).toBeTruthy();
  });

  test('without a server the catalogue stays on this computer', async () => {
    core.settings.values.server = 'db.example.org';
    await openScreen();
    await user.clear(field('Server'));
    await user.click(button('Use'));
    expect(await screen.findByText('The catalogue is now on this computer only.')).toBeTruthy();
    expect(core.connected[0]?.texts.server).toBe('');
  });
});

describe('the checks in the sync details', () => {
  async function openDetails(): Promise<void> {
    await user.keyboard('{Shift>}{F5}{/Shift}');
    // Without a layout the sheet is never put in its place, and counts as hidden until it is.
    await screen.findByLabelText('Sync details');
  }

  test('tell that both sides are identical, and that no edit is unaccounted for', async () => {
    await openDetails();
    await user.click(button('Compare with the server'));
    expect(await screen.findByText(/^Identical at revision 8,412, checked /)).toBeTruthy();
    await user.click(button('Add up all edits'));
    expect(await screen.findByText(/^0 unaccounted of 5,120 edits, checked /)).toBeTruthy();
  });

  test('tell what was healed, and what the server does not let this login see', async () => {
    const subject = { thing: 'book' as const, name: 'The hidden one', open: null };
    core.compared = {
      ...core.compared,
      waiting: 4,
      hidden: 3,
      healed_total: 2,
      healed: [{ subject, how: 'missing_here' }],
    };
    await openDetails();
    await user.click(button('Compare with the server'));
    expect(await screen.findByText(/^3 records are on the server and cannot be shown here/)).toBeTruthy();
    for (const words of [
      '4 records wait and were left out.',
      'The hidden one',
      'was only on the server',
      'and 1 more',
    ]) {
      expect(screen.getByText(words)).toBeTruthy();
    }
  });

  test('tell what became of all edits', async () => {
    await openDetails();
    await user.click(button('Add up all edits'));
    const fate = await screen.findByText('on the server as they were made');
    expect(fate.previousElementSibling?.textContent).toBe('5,100');
    expect(screen.getByText('kept as a conflict')).toBeTruthy();
  });

  test('name what nothing accounts for, and go there', async () => {
    const open = { kind: 'book' as const, id: 'book-7' };
    const subject = { thing: 'book' as const, name: 'The lost one', open };
    core.audited = {
      ...core.audited,
      unaccounted_total: 1,
      unaccounted: [{ subject, field: 'published_year', value: '1971' }],
    };
    await openDetails();
    await user.click(button('Add up all edits'));
    expect(await screen.findByText('Year: 1971')).toBeTruthy();
    await user.click(button('The lost one'));
    expect(await screen.findByRole('textbox', { name: /^Title/ })).toBeTruthy();
  });

  test('show that they are under way, and why they came to nothing', async () => {
    let fail: (reason: Fault) => void = () => undefined;
    core.syncVerify = () => new Promise((_, reject) => (fail = reject));
    await openDetails();
    await user.click(button('Compare with the server'));
    expect(await screen.findByText('Comparing…')).toBeTruthy();
    expect(button('Compare with the server').disabled).toBe(true);
    fail(new Fault({ code: 'busy', field: null, message: 'The server is away.' }));
    expect(await screen.findByText('The server is away.')).toBeTruthy();
    expect(button('Compare with the server').disabled).toBe(false);
  });

  test('have nothing that axe objects to', async () => {
    await openDetails();
    await user.click(button('Add up all edits'));
    await screen.findByText(/^0 unaccounted/);
    const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  });
});
