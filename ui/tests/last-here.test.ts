import { render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import App from '../src/window/App.svelte';

afterEach(() => vi.useRealTimers());

test('whoever leaves has been here until then', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T10:00:00Z') });
  const core = new FakeCatalogue(3);
  let leave: () => void = () => undefined;
  core.onAboutToLeave = (listener?: () => void) => {
    leave = listener ?? leave;
    return Promise.resolve(() => undefined);
  };
  const left = new Promise<void>((resolve) => {
    core.mayLeave = () => Promise.resolve(resolve());
  });
  answerFrom(core);
  render(App);
  await screen.findAllByRole('gridcell');
  vi.setSystemTime(new Date('2026-03-01T10:00:40Z'));
  leave();
  await left;
  const here = core.remembered.filter(({ name }) => name === 'last-here').map(({ text }) => JSON.parse(text) as string);
  expect(here).toEqual(['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:40.000Z']);
});
