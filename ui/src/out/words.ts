/** How what goes out is worded. */
import type { ExportWay, Loss, RecordKind } from '../ipc';
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';
import type { Which } from '../selection/which';
import { figure } from '../words';

const LOSSES: Record<Loss, () => string> = {
  subtitles: m.loss_subtitles,
  originals: m.loss_originals,
  formats: m.loss_formats,
  shelf_marks: m.loss_shelf_marks,
  identifiers: m.loss_identifiers,
  sort_names: m.loss_sort_names,
  roles: m.loss_roles,
  order: m.loss_order,
  people: m.loss_people,
  unused: m.loss_unused,
};

/** A way to write an export. */
export function wayWord({ title, extension, for_spreadsheet }: ExportWay): string {
  return for_spreadsheet ? m.out_for_spreadsheet({ title }) : `${title} (.${extension})`;
}

/** What an export of these will not have in it, as a list in a sentence; empty if it is everything. */
export function lossWords({ loses }: ExportWay, which: Which): string {
  // Whoever exports some books does not expect what belongs to none of them.
  const lost = loses.filter((loss) => loss !== 'unused' || which === 'all');
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(lost.map((loss) => LOSSES[loss]()));
}

/** Which books go out: "Selected · 12 books". */
export function whichWords(kind: RecordKind, which: Which, count: number): string {
  const books = m.books_count({ count, shown: figure(count) });
  const words: Record<Which, () => string> = {
    chosen: kind === 'book' ? m.out_chosen : m.out_of_chosen,
    found: kind === 'book' ? m.out_found : m.out_of_found,
    all: m.out_all,
  };
  return `${words[which]()} · ${books}`;
}

/** Which records are printed. */
export function printWhichWord(which: Which): string {
  const words: Record<Which, () => string> = { chosen: m.out_chosen, found: m.out_found, all: m.print_all };
  return words[which]();
}
