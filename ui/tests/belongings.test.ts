import { render, screen, waitFor, within } from '@testing-library/svelte';
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
  answerFrom(core);
  user = userEvent.setup();
  render(App);
  const [, first] = await screen.findAllByRole('gridcell');
  await user.click(first as HTMLElement);
  await box('Tags');
  drafts.forget(place.record ?? '');
});

function box(name: string): Promise<HTMLInputElement> {
  return screen.findByLabelText<HTMLInputElement>(name, { selector: '[data-pane=editor] input' });
}

function chips(name: string): string[] {
  const group = screen.getByRole('group', { name });
  return within(group)
    .queryAllByRole('listitem')
    .map((chip) => chip.textContent.trim());
}

test('a tag is typed, stands there as a chip, and goes with its button', async () => {
  await user.type(await box('Tags'), 'fantasy{Enter}');
  await waitFor(() => expect(chips('Tags')).toEqual(['fantasy']));
  expect((await box('Tags')).value).toBe('');
  await user.type(await box('Tags'), 'desert{Tab}');
  await waitFor(() => expect(chips('Tags')).toEqual(['fantasy', 'desert']));
  await user.click(screen.getByRole('button', { name: 'Remove “fantasy”' }));
  await waitFor(() => expect(chips('Tags')).toEqual(['desert']));
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Remove “desert”'));
  await user.keyboard('{Delete}');
  await waitFor(() => expect(chips('Tags')).toEqual([]));
  await waitFor(async () => expect(document.activeElement).toBe(await box('Tags')));
});

test('a tag leads to the books that have it', async () => {
  await user.type(await box('Tags'), 'fantasy{Enter}');
  await user.click(await screen.findByRole('button', { name: 'fantasy' }));
  await screen.findByText('1 found');
  await user.click(screen.getByRole('button', { name: 'Remove filter “Tags: fantasy”' }));
  await waitFor(() => expect(screen.queryByText('1 found')).toBeNull());
});

test('what cannot be an identifier stays typed, with the reason', async () => {
  await user.type(await box('Identifiers'), '118540238{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('118540238');
  expect((await box('Identifiers')).value).toBe('118540238');
  expect((await box('Identifiers')).getAttribute('aria-invalid')).toBe('true');
  await user.clear(await box('Identifiers'));
  await user.type(await box('Identifiers'), 'gnd:118540238{Enter}');
  await waitFor(() => expect(chips('Identifiers')).toEqual(['gnd:118540238']));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what was typed and not added is still there after a look at another record', async () => {
  const record = place.record ?? '';
  const input = await box('Tags');
  await user.type(input, 'half');
  place.go('author', (await core.book(record)).author?.id ?? '');
  await box('Other names');
  place.go('book', record);
  await waitFor(async () => {
    const typed = (await box('Tags')).value;
    expect([typed, ...chips('Tags')]).toContain('half');
  });
});

test('nothing is offered where the catalogue is only read', async () => {
  await user.type(await box('Tags'), 'fantasy{Enter}');
  await waitFor(() => expect(chips('Tags')).toEqual(['fantasy']));
  core.readOnly = true;
  core.fromOthers(() => undefined, ['book']);
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Remove “fantasy”' })).toBeNull());
  expect(chips('Tags')).toEqual(['fantasy']);
});
