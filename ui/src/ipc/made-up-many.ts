import type {
  BulkApplied,
  BulkChange,
  BulkField,
  BulkOperation,
  BulkPreview,
  BulkRow,
  OperationKind,
  RecordKind,
  Selected,
  SelectionDeleted,
  SelectionTold,
} from './bindings';
import { columnsOf, kept } from './made-up-fields';
import { cellsOf, matching } from './made-up-lists';
import { refuse } from './made-up-rules';
import { MadeUpMerging } from './made-up-merging';
import { asked } from './made-up-search';

/** Of more records than this a person is asked before they are deleted. */
const UNASKED_MAX = 20;

/** A preview that is being looked at. */
interface Previewed {
  number: number;
  kind: RecordKind;
  field: string;
  rows: BulkRow[];
}

/** What is done with many records of the made-up catalogue at once. */
export abstract class MadeUpMany extends MadeUpMerging {
  /** What a change of these records is refused for, by their ids. */
  readonly unchangeable = new Map<string, string>();

  private previewed: Previewed = { number: 0, kind: 'book', field: '', rows: [] };

  protected idsOf(kind: RecordKind, { all_of, except, also }: Selected): string[] {
    const order = all_of ?? { text: '', filters: [], sort: kind === 'book' ? 'title' : 'sort_name', descending: false };
    const found = new Set(all_of ? matching(this.made, kind, asked(kind, all_of)) : []);
    for (const id of except) found.delete(id);
    for (const id of also) found.add(id);
    return matching(this.made, kind, { ...order, text: '', filters: [] }).filter((id) => found.has(id));
  }

  private nameOf(kind: RecordKind, id: string): string {
    const cells = cellsOf(this.made, kind, id);
    return (kind === 'book' ? cells.title : cells.name) ?? '';
  }

  selectionTold = (kind: RecordKind, selected: Selected, among: string[]): Promise<SelectionTold> =>
    this.answer('selectionTold', () => {
      const chosen = new Set(this.idsOf(kind, selected));
      return { count: chosen.size, among: among.filter((id) => chosen.has(id)) };
    });

  selectionDelete = (kind: RecordKind, selected: Selected, agreed: boolean): Promise<SelectionDeleted> => {
    const chosen = this.idsOf(kind, selected);
    const asks: SelectionDeleted = { kind: 'asks', records: chosen.length };
    if (chosen.length > UNASKED_MAX && !agreed) return this.answer('selectionDelete asks', () => asks);
    const [first = ''] = chosen;
    const name = this.nameOf(kind, first);
    return this.act('selectionDelete', { act: 'deleted', kind, id: first, name }, [kind], () => {
      for (const id of chosen) (kind === 'book' ? this.made.books : this.made.authors).delete(id);
      return { kind: 'done', records: chosen.length, left_alone: 0, first, name };
    });
  };

  bulkFields = (kind: RecordKind): Promise<BulkField[]> =>
    this.answer('bulkFields', () => {
      const fields = columnsOf(kind).filter((column) => column.kind !== 'own');
      const numbers: OperationKind[] = ['set', 'clear'];
      const texts: OperationKind[] = ['replace', 'set', 'clear', 'case', 'trim'];
      const lists: BulkField = { name: 'tags', kind: 'list', choices: [], lines: false, operations: ['add', 'remove'] };
      const of = fields.map(({ name, kind: word }): BulkField => {
        const operations = ['year', 'number'].includes(word) ? numbers : texts;
        return { name, kind: word, choices: [], lines: word === 'lines', operations };
      });
      return kind === 'book' ? [...of, lists] : of;
    });

  bulkPreview = (kind: RecordKind, selected: Selected, { field, operation }: BulkChange): Promise<BulkPreview> =>
    this.answer(`bulkPreview ${operation.kind}`, () => {
      if (operation.kind === 'replace' && operation.pattern) checkPattern(operation.find);
      const chosen = this.idsOf(kind, selected);
      const all = chosen.map((id) => {
        const before = cellsOf(this.made, kind, id)[field] ?? '';
        return { id, name: this.nameOf(kind, id), before, after: rewritten(before, operation) };
      });
      const differing = all.filter(({ before, after }) => before !== after);
      const rows = differing.filter(({ id }) => !this.unchangeable.has(id));
      const refused = differing.flatMap(({ id, name, before }) => {
        const reason = this.unchangeable.get(id);
        return reason === undefined ? [] : [{ id, name, before, reason }];
      });
      this.previewed = { number: this.previewed.number + 1, kind, field, rows };
      const unchanged = all.length - differing.length;
      const { number } = this.previewed;
      return { number, changing: rows.length, unchanged, refused_total: refused.length, refused };
    });

  bulkPage = (number: number, page: number, perPage: number): Promise<BulkRow[]> =>
    this.answer(`bulkPage ${page}`, () => this.current(number).rows.slice((page - 1) * perPage, page * perPage));

  bulkApply = (number: number, except: string[]): Promise<BulkApplied> => {
    const { kind, field, rows } = this.current(number);
    const done = rows.filter(({ id }) => !except.includes(id));
    const { id: first = '', name = '' } = done[0] ?? {};
    return this.act('bulkApply', { act: 'edited', kind, id: first, name }, [kind], () => {
      for (const { id, after } of done) {
        const value = { [field]: kept(kind, field, after) };
        const book = this.made.books.get(id);
        const author = this.made.authors.get(id);
        if (book) this.made.books.set(id, { ...book, ...value });
        if (author) this.made.authors.set(id, { ...author, ...value });
      }
      return { changed: done.length, left_alone: 0, first, name };
    });
  };

  private current(number: number): Previewed {
    if (number === this.previewed.number) return this.previewed;
    return refuse('superseded', null, 'What was looked at is no longer the newest.');
  }

  onManyChanged = () => Promise.resolve(() => undefined);
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    refuse('invalid', 'find', 'The pattern cannot be read.');
  }
}

/** What an operation makes of a text, as far as a screen needs it. */
function rewritten(text: string, operation: BulkOperation): string {
  switch (operation.kind) {
    case 'replace': {
      const escaped = operation.find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return text.replace(new RegExp(operation.pattern ? operation.find : escaped, 'g'), operation.with);
    }
    case 'set':
    case 'add':
      return operation.text;
    case 'clear':
      return '';
    case 'case':
      return operation.letters === 'upper' ? text.toUpperCase() : text.toLowerCase();
    case 'trim':
      return text.trim();
    case 'remove':
      return text;
  }
}
