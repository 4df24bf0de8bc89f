import { expect, test } from 'vitest';

import { stretches, wordsOf } from '../src/list/highlight';

function matched(text: string, search: string): string[] {
  return stretches(text, wordsOf(search))
    .filter((stretch) => stretch.matched)
    .map((stretch) => stretch.text);
}

test.each([
  ['Gabriel García Márquez', 'garcia', ['García']],
  ['Søren Kierkegaard', 'SOREN', ['Søren']],
  ['Łukasz', 'lukasz', ['Łukasz']],
  ['Die Straße', 'strasse', ['Straße']],
  ['Die Straße', 'stras', ['Straß']],
  ['Œuvres complètes', 'oeuvre', ['Œuvre']],
  ['Tale of tales', 'tale', ['Tale', 'tale']],
  ['百年之后', '年', ['年']],
  ['𝒜 letter beyond the basic plane', 'letter', ['letter']],
])('in “%s” the search “%s” marks %j', (text, search, expected) => {
  expect(matched(text, search)).toEqual(expected);
});

test('the stretches of a text are the text', () => {
  const text = 'Œuvre of the Straße 👩‍👩‍👧 e\u0301';
  const whole = stretches(text, wordsOf('oe st e')).map((stretch) => stretch.text);
  expect(whole.join('')).toBe(text);
});
