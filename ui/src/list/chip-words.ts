/** How filters and values are worded in the language of the window. */
import { fieldWord } from '../imports/fields';
import type { Chip, RecordKind } from '../ipc';
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';
import { year } from '../words';

const UNITS: Record<string, string> = { h: 'hour', d: 'day', w: 'week' };

/** A value of some kind of thing, as people say it: a language by its name, a choice by its word. */
export function valueWord(name: string, kind: string, value: string): string {
  if (kind === 'year') return years(value);
  if (kind === 'language') return languageWord(value);
  if (kind === 'time') return span(value);
  return fieldWord(`${name}_${value}`, value);
}

/** "1990..1999" becomes "1990–1999". */
function years(value: string): string {
  const ends = value.split('..').map((end) => (/^-?\d+$/.test(end) ? year(Number(end)) : end));
  const [first = '', last = ''] = ends;
  if (ends.length < 2) return first;
  if (last === '') return m.range_from({ first });
  return first === '' ? m.range_to({ last }) : `${first}–${last}`;
}

function languageWord(code: string): string {
  try {
    return new Intl.DisplayNames([getLocale()], { type: 'language' }).of(code) ?? code;
  } catch {
    // Another program wrote something that is no code.
    return code;
  }
}

/** "7d" becomes "past 7 days". */
function span(value: string): string {
  const [, count = '', letter = ''] = /^(\d+)([hdw])$/.exec(value) ?? [];
  const unit = UNITS[letter];
  if (unit === undefined) return value.replace('..', '–');
  const written = new Intl.NumberFormat(getLocale(), { style: 'unit', unit, unitDisplay: 'long' });
  return m.past({ span: written.format(Number(count)) });
}

/** A list of records that want mending: "isbn:none" is worded by "quality_isbn_none", unless there is a word for one kind of record. */
export function qualityWord(kind: RecordKind, filter: string): string {
  const name = filter.replace(':', '_');
  return fieldWord(`quality_${kind}_${name}`, fieldWord(`quality_${name}`, filter));
}

/** A filter, in words. */
export function chipWord({ name, kind, test, value }: Chip): string {
  const own = fieldWord(`quality_${name}_${test}`, '');
  if (own !== '') return own;
  const [field, said] = [fieldWord(name), valueWord(name, kind, value)];
  switch (test) {
    case 'none':
      return m.chip_none({ name: field });
    case 'any':
      return m.chip_any({ name: field });
    case 'bad':
      return m.chip_bad({ name: field });
    case 'contains':
      return m.chip_contains({ name: field, value });
    case 'begins':
      return m.chip_begins({ name: field, value });
    case 'is_not':
      return m.chip_is_not({ name: field, value: said });
    default:
      return m.chip_is({ name: field, value: said });
  }
}
