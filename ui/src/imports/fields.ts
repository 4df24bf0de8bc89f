import { m } from '../paraglide/messages';

/** The core's name of a field, as the window calls it; nothing for a row as a whole. */
export function fieldWord(field: string): string {
  const words: Record<string, (() => string) | undefined> = {
    row: () => '',
    title: m.title,
    subtitle: m.subtitle,
    author: m.author,
    contributors: m.contributors,
    isbn: m.isbn,
    publisher: m.publisher,
    published_year: m.year,
    language: m.language,
    page_count: m.pages,
    series: m.series,
    series_position: m.series_position,
    notes: m.notes,
  };
  return words[field]?.() ?? field;
}
