/** How numbers, years and lives are written in the language of the window. */
import { m } from './paraglide/messages';
import { getLocale } from './paraglide/runtime';

/** 12431 becomes "12,431". */
export function figure(number: number): string {
  return new Intl.NumberFormat(getLocale()).format(number);
}

/** A year as people say it; negative years are before the common era. */
export function year(value: number | null): string {
  if (value === null) return '';
  return value < 0 ? m.year_bce({ year: -value }) : String(value);
}

/** "1929–2018", "born 1950", "died 1616", or nothing. */
export function life(birth: number | null, death: number | null): string {
  if (birth !== null && death !== null) return `${year(birth)}–${year(death)}`;
  if (birth !== null) return m.born({ year: year(birth) });
  return death === null ? '' : m.died({ year: year(death) });
}
