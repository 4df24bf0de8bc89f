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
    author_id: m.author,
    book_id: m.book,
    role: m.role,
    position: m.position,
    name: m.name,
    sort_name: m.sort_name,
    birth_year: m.birth_year,
    death_year: m.death_year,
    email: m.email,
    website: m.website,
  };
  return words[field]?.() ?? field;
}
