import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { Fault } from '../src/ipc/port';
import App from '../src/window/App.svelte';

let core: FakeCatalogue;
const user = userEvent.setup();

/** Opens the window on a file that is no catalogue, of which there is no backup. */
beforeEach(() => {
  core = new FakeCatalogue(50);
  const { status } = core;
  const message = 'This file is not a Colophon catalogue; it was not changed.';
  core.status = () => Promise.reject(new Fault({ code: 'no_catalogue', field: null, message }));
  core.backup = null;
  const open = core.catalogueOpen;
  core.catalogueOpen = async (token) => {
    await open(token);
    core.status = status;
  };
  answerFrom(core);
  render(App);
});

test('a file that is no catalogue is not called damaged', async () => {
  await screen.findByText('There is no backup.');
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Colophon cannot open its catalogue');
  expect(document.body.textContent).not.toContain('damaged');
});

test('another catalogue is chosen in the dialog of the system, and opened', async () => {
  await user.click(await screen.findByRole('button', { name: 'Choose…' }));
  expect(await screen.findByRole('button', { name: /^Catalogue “east”/ })).toBeTruthy();
  expect(await screen.findAllByRole('gridcell')).not.toHaveLength(0);
});

test('who changes their mind in the dialog is where they were', async () => {
  core.catalogueChoose = () => Promise.resolve(null);
  await user.click(await screen.findByRole('button', { name: 'Choose…' }));
  expect(await screen.findByRole('button', { name: 'Choose…' })).toHaveProperty('disabled', false);
});

test('when the other one cannot be opened either, the page says why', async () => {
  core.catalogueOpen = () => Promise.reject(new Error('This file is a catalogue of a newer Colophon.'));
  await user.click(await screen.findByRole('button', { name: 'Choose…' }));
  expect(await screen.findByText('This file is a catalogue of a newer Colophon.')).toBeTruthy();
  expect(screen.getByText('There is no backup.')).toBeTruthy();
});

test('an empty catalogue is begun in its place, and the old file is named', async () => {
  const { status } = new FakeCatalogue(50);
  core.rescueBegin = () => {
    core.status = status;
    return Promise.resolve('/home/ada/colophon-replaced.sqlite');
  };
  await user.click(await screen.findByRole('button', { name: 'Begin' }));
  expect(await screen.findByText('The old file is kept: /home/ada/colophon-replaced.sqlite')).toBeTruthy();
  expect(await screen.findAllByRole('gridcell')).not.toHaveLength(0);
});
