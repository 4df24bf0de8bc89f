import type {
  ChosenFile,
  ExportTally,
  ExportTold,
  ExportWay,
  FoundRecord,
  ListRow,
  ManyExported,
  RecordKind,
  Rows,
  Selected,
} from './bindings';
import { matching, pageOf } from './made-up-lists';
import { MadeUpMany } from './made-up-many';
import { refuse } from './made-up-rules';
import type { Stop } from './port';

const FOUND_MAX = 6;

function way(format: string, title: string, extension: string, more: Partial<ExportWay> = {}): ExportWay {
  return { format, title, extension, for_spreadsheet: false, loses: [], ...more };
}

const WAYS: ExportWay[] = [
  way('json', 'JSON of Colophon', 'json'),
  way('bibtex', 'BibTeX and BibLaTeX', 'bib', { loses: ['order', 'people', 'unused'] }),
  way('csv', 'CSV and TSV', 'csv', { loses: ['sort_names', 'people', 'unused'] }),
  way('csv', 'CSV and TSV', 'csv', { for_spreadsheet: true, loses: ['sort_names', 'people', 'unused'] }),
];

/** What leaves the made-up catalogue: exports, pages to print, and records that the palette finds. */
export abstract class MadeUpOut extends MadeUpMany {
  /** The file that the dialog of an export returns. */
  exportInto: string | null = 'books.bib';
  /** What was exported, in order. */
  readonly exported: { kind: RecordKind; ids: string[] | null; format: string; for_spreadsheet: boolean }[] = [];
  /** Whether an export waits until it is left off. */
  exportWaits = false;
  /** How often the system's dialog for printing was opened. */
  printed = 0;

  private leaveOff: (() => void) | null = null;
  private readonly exporting = new Set<(come: ManyExported) => void>();

  protected abstract row(kind: RecordKind, id: string, columns: string[]): ListRow;

  exportTold = (kind: RecordKind, selected: Selected | null): Promise<ExportTold> =>
    this.answer('exportTold', () => ({
      books: selected === null ? this.made.books.size : this.idsOf(kind, selected).length,
      ways: WAYS,
    }));

  exportChoose = (format: string, name: string): Promise<ChosenFile | null> =>
    this.answer(`exportChoose ${format} ${name}`, () =>
      this.exportInto === null ? null : { token: 7, name: this.exportInto },
    );

  exportWrite = async (
    kind: RecordKind,
    selected: Selected | null,
    format: string,
    for_spreadsheet: boolean,
    token: number,
  ): Promise<ExportTally> => {
    const ids = selected && this.idsOf(kind, selected);
    const books = ids?.length ?? this.made.books.size;
    for (const listener of this.exporting) listener({ books: Math.floor(books / 2) });
    if (this.exportWaits) await new Promise<void>((resolve) => (this.leaveOff = resolve));
    return this.answer(`exportWrite ${token}`, () => {
      if (this.exportWaits) refuse('superseded', null, 'Something else was asked before this was answered.');
      this.exported.push({ kind, ids, format, for_spreadsheet });
      return { books, file: `/home/ada/${this.exportInto}` };
    });
  };

  exportLeaveOff = (): Promise<void> => this.answer('exportLeaveOff', () => this.leaveOff?.());

  printRows = (
    kind: RecordKind,
    selected: Selected,
    sort: string,
    columns: string[],
    page: number,
    perPage: number,
  ): Promise<Rows<ListRow>> =>
    this.answer(`printRows ${sort} ${page}`, () => {
      const chosen = new Set(this.idsOf(kind, selected));
      const all = matching(this.made, kind, { text: '', filters: [], sort, descending: false });
      const found = pageOf(
        all.filter((id) => chosen.has(id)),
        page,
        perPage,
      );
      return { meta: found.meta, items: found.items.map((id) => this.row(kind, id, columns)) };
    });

  printDialog = (): Promise<void> => this.answer('printDialog', () => void this.printed++);

  paletteRecords = (text: string): Promise<FoundRecord[]> =>
    this.answer(`paletteRecords ${text}`, () => {
      const kinds = [
        ['book', ['title', 'author', 'published_year']],
        ['author', ['sort_name', 'birth_year', 'death_year', 'books']],
      ] as const;
      if (text.trim() === '') return [];
      return kinds.flatMap(([kind, columns]) => {
        const sort = columns[0];
        const found = matching(this.made, kind, { text, filters: [], sort, descending: false }).slice(0, FOUND_MAX);
        return found.map((id): FoundRecord => ({ kind, row: this.row(kind, id, [...columns]) }));
      });
    });

  onManyExported = (listener: (come: ManyExported) => void): Promise<Stop> => {
    this.exporting.add(listener);
    return Promise.resolve(() => void this.exporting.delete(listener));
  };
}
