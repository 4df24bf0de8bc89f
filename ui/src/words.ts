/** How numbers, years and lifetimes are written in the language of the window. */
import { m } from './paraglide/messages';
import { getLocale } from './paraglide/runtime';

/** 12431 becomes "12,431". */
export function figure(number: number): string {
  return new Intl.NumberFormat(getLocale()).format(number);
}

/** A number for a message that is worded by it: how many, and how that is written. */
export function counted(count: number): { count: number; shown: string } {
  return { count, shown: figure(count) };
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

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long ago something was, or how soon it will be, seen from `now`; a date if that is more than a day away. */
export function when(instant: string, now: number): string {
  const at = new Date(instant);
  const passed = at.getTime() - now;
  const relative = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto' });
  if (Math.abs(passed) < MINUTE) return relative.format(Math.round(passed / 1000), 'second');
  if (Math.abs(passed) < HOUR) return relative.format(Math.round(passed / MINUTE), 'minute');
  if (Math.abs(passed) < 24 * HOUR) return relative.format(Math.round(passed / HOUR), 'hour');
  return moment(instant);
}

/** A date with its time of day. */
export function moment(instant: string): string {
  return new Intl.DateTimeFormat(getLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}
