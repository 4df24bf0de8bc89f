import { expect, test } from 'vitest';

import de from '../messages/de.json';
import en from '../messages/en.json';

test('every message is there in both languages', () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
});

test('no message is left empty', () => {
  for (const messages of [en, de]) {
    for (const [key, message] of Object.entries(messages)) expect(JSON.stringify(message), key).not.toMatch(/""/);
  }
});
