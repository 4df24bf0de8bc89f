import { beforeEach, expect, test } from 'vitest';

import { answerFrom } from '../src/ipc';
import { FakeCatalogue } from '../src/ipc/fake';
import { ViewNotes } from '../src/view-notes';

let core: FakeCatalogue;

beforeEach(() => {
  core = new FakeCatalogue(0);
  answerFrom(core);
});

test('what the core gives is known from the start, each catalogue with its own, and what cannot be read is nothing', () => {
  const notes = new ViewNotes({
    everywhere: { view: '{"theme":"dark"}', palette: '{' },
    catalogues: [{ file: '/a', notes: { 'left-off': '1' } }],
  });
  expect(notes.read('view')).toEqual({ theme: 'dark' });
  expect(notes.read('palette')).toBeUndefined();
  expect(notes.read('left-off')).toBeUndefined();
  expect(notes.read('left-off', '/a')).toBe(1);
  expect(new ViewNotes().read('view')).toBeUndefined();
});

test('a change is on the disk at the latest when everything is settled, and what has not changed is not written', async () => {
  const notes = new ViewNotes({ everywhere: { view: '1' } });
  notes.keep('view', 1);
  await notes.settle();
  expect(core.remembered).toEqual([]);
  notes.keep('view', 2);
  notes.keep('left-off', 3, '/a');
  notes.keep('view', 4);
  await notes.settle();
  expect(core.remembered).toEqual([
    { catalogue: null, name: 'view', text: '4' },
    { catalogue: '/a', name: 'left-off', text: '3' },
  ]);
});

test('what changes while something is being written follows it, once', async () => {
  let goOn: () => void = () => undefined;
  const write = core.viewNotesKeep;
  core.viewNotesKeep = async (notes) => {
    await new Promise<void>((resolve) => (goOn = resolve));
    await write(notes);
  };
  const notes = new ViewNotes();
  notes.keep('view', 1);
  await Promise.resolve();
  for (const value of [2, 3, 4]) notes.keep('view', value);
  core.viewNotesKeep = write;
  goOn();
  await notes.settle();
  expect(core.remembered.map(({ text }) => text)).toEqual(['1', '4']);
});

test('a disk that takes nothing keeps nobody from looking as they wish, nor from leaving', async () => {
  const write = core.viewNotesKeep;
  core.viewNotesKeep = () => Promise.reject(new Error('full'));
  const notes = new ViewNotes();
  notes.keep('view', 1);
  await notes.settle();
  expect(notes.read('view')).toBe(1);
  core.viewNotesKeep = write;
  notes.keep('view', 2);
  await notes.settle();
  expect(core.remembered.map(({ text }) => text)).toEqual(['2']);
});
