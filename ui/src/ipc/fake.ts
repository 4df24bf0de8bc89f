import type {
  ActTold,
  AuthorChoice,
  AuthorRecord,
  AuthorRef,
  BookRecord,
  BooksOfDeleted,
  Changed,
  ConflictTold,
  Decision,
  Did,
  ImportProgress,
  ImportTally,
  ListColumn,
  ListQuery,
  ListRow,
  NewBook,
  Role,
  RecordKind,
  Quarantine,
  Status,
  Step,
  SyncState,
} from './bindings';
import { WHOLE, makeUp, type MadeUp, type MadeUpAuthor, type MadeUpBook, type Taken } from './made-up';
import { alikeOf, conflictsOf, OFFLINE, settledAlike, withoutSettled } from './made-up-conflicts';
import { columnsOf, fieldsOf, kept } from './made-up-fields';
import { listsOf, withItem, withoutItem } from './made-up-belongings';
import { MadeUpPast } from './made-up-past';
import { cellsOf, contributionsBy, matching, named, pageOf, placeOf } from './made-up-lists';
import { Questions } from './made-up-questions';
import { copyOf, refuse, refused, tallyOf } from './made-up-rules';
import { asked } from './made-up-search';
import { type Catalogue, type Stop, type TableName } from './port';

/** A catalogue in memory that answers as the core does, for component tests. */
export class FakeCatalogue extends MadeUpPast implements Catalogue {
  /** How many milliseconds an answer takes; a test sets it per call to bring answers out of order. */
  delay: () => number = () => 0;
  /** The answer to the next question about sync. */
  sync: SyncState = OFFLINE;
  /** What nobody has settled, oldest first. */
  conflicts: ConflictTold[] = [];
  /** Whether undo and redo ask first. */
  asks = false;
  /** What is quarantined. */
  quarantined: Quarantine = { rows: [], total: 0, not_kept: [], not_kept_total: 0 };
  /**
   * What is typed into these fields is refused, with these words. The core has rules of its own, and none of them is
   * here.
   */
  readonly refusals = new Map<string, string>();
  /** The file that the dialog returns. */
  chosen: string | null = 'books.csv';
  /** The calls that were made, in order. */
  readonly calls: string[] = [];

  protected made: MadeUp;
  private readonly questions = new Questions();
  private readonly done: Taken[] = [];
  private readonly undone: Taken[] = [];
  private readonly changed = new Set<(change: Changed) => void>();
  private readonly synced = new Set<(state: SyncState) => void>();
  private readonly progressed = new Set<(progress: ImportProgress) => void>();
  private readonly waiting = new Set<string>();
  private made_ids = 0;

  constructor(books = 10_000) {
    super();
    this.made = makeUp(books);
  }

  protected async answer<T>(call: string, give: () => T, check?: () => void): Promise<T> {
    this.calls.push(call);
    const delay = this.delay();
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    check?.();
    return give();
  }

  /** One act: a change of the tables, its place in the undo list, and its announcement. */
  protected act<T>(
    call: string,
    told: Omit<ActTold, 'records' | keyof typeof WHOLE>,
    tables: TableName[],
    change: () => T,
  ): Promise<T> {
    return this.answer(call, () => {
      const before = this.made;
      this.made = copyOf(before);
      try {
        const result = change();
        this.done.push({ before, after: this.made, told: { ...told, records: 1, ...WHOLE } });
        this.undone.length = 0;
        this.tell(tables, told.act === 'edited' ? [] : tables);
        return result;
      } catch (reason) {
        this.made = before;
        throw reason;
      }
    });
  }

  private tell(tables: TableName[], came_or_went: TableName[]): void {
    this.sync = { ...this.sync, pending: this.waiting.size };
    for (const listener of this.changed) listener({ tables, came_or_went });
    for (const listener of this.synced) listener(this.sync);
  }

  private taken(kind: RecordKind, field: string, text: string): string | number | null {
    const words = this.refusals.get(field);
    return words === undefined ? kept(kind, field, text) : refuse('invalid', field, words);
  }

  private bookOf = (id: string): MadeUpBook =>
    this.made.books.get(id) ?? refuse('not_found', null, 'Book not found. It may have been deleted.');
  private authorOf = (id: string): MadeUpAuthor =>
    this.made.authors.get(id) ?? refuse('not_found', null, 'Author not found. It may have been deleted.');

  private ref(id: string): AuthorRef {
    const author = this.authorOf(id);
    const { name, birth_year, death_year } = author;
    return { id, name, birth_year, death_year, books: this.booksOf(id).length };
  }

  private booksOf = (author: string): MadeUpBook[] =>
    [...this.made.books.values()].filter((book) => book.author_id === author);

  private choose(choice: AuthorChoice): string | null {
    return choice.kind === 'nobody' ? null : this.person(choice);
  }

  private person(choice: Exclude<AuthorChoice, { kind: 'nobody' }>): string {
    if (choice.kind === 'existing') return this.ref(choice.id).id;
    const name = choice.name.trim();
    const id = `new-${++this.made_ids}`;
    const blank = { birth_year: null, death_year: null, email: null, website: null, notes: null };
    this.made.authors.set(id, { id, name, sort_name: name, ...blank });
    this.waiting.add(id);
    return id;
  }

  private record(id: string): BookRecord {
    const book = this.bookOf(id);
    const { title } = book;
    const contributors = [...this.made.contributions.values()]
      .filter((one) => one.book_id === id)
      .sort((a, b) => a.position - b.position)
      .map((one) => ({ id: one.id, author: this.ref(one.author_id), role: one.role }));
    const author = book.author_id === null ? null : this.ref(book.author_id);
    const lists = listsOf(this.made, 'book', id);
    return { id, title, author, contributors, fields: fieldsOf('book', book), lists, waiting: this.waiting.has(id) };
  }

  protected row(kind: RecordKind, id: string, columns: string[]): ListRow {
    const books = kind === 'author' ? String(this.booksOf(id).length) : undefined;
    const said: Record<string, string | undefined> = { ...cellsOf(this.made, kind, id), books };
    const cells = columns.flatMap((name) => (said[name] ? [[name, said[name]] as const] : []));
    return { id, cells: Object.fromEntries(cells), waiting: this.waiting.has(id) };
  }

  listColumns = (kind: RecordKind): Promise<ListColumn[]> => Promise.resolve(columnsOf(kind));
  listPage = (kind: RecordKind, query: ListQuery, columns: string[], page: number, perPage: number) =>
    this.answer(
      `listPage ${kind} ${page}`,
      () => {
        const found = pageOf(matching(this.made, kind, asked(kind, query)), page, perPage);
        return { meta: found.meta, items: found.items.map((id) => this.row(kind, id, columns)) };
      },
      this.questions.put(kind, query),
    );
  listRows = (kind: RecordKind, columns: string[], ids: string[]) =>
    this.answer('listRows', () => {
      const there = kind === 'book' ? this.made.books : this.made.authors;
      return ids.filter((id) => there.has(id)).map((id) => this.row(kind, id, columns));
    });
  listIndex = (kind: RecordKind, query: ListQuery, id: string) =>
    this.answer(
      'listIndex',
      () => placeOf(matching(this.made, kind, asked(kind, query)), id),
      this.questions.put(kind, query),
    );

  book = (id: string) => this.answer('book', () => this.record(id));

  bookCreate = ({ title, author }: NewBook) => {
    const id = `new-${++this.made_ids}`;
    return this.act('bookCreate', { act: 'created', kind: 'book', id, name: title }, ['book', 'author'], () => {
      const blank = { subtitle: null, isbn: null, publisher: null, published_year: null, language: null, notes: null };
      const rest = { page_count: null, series: null, series_position: null };
      this.made.books.set(id, { id, author_id: this.choose(author), title: title.trim(), ...blank, ...rest });
      this.waiting.add(id);
      return this.record(id);
    });
  };

  bookSet = (id: string, field: string, text: string) =>
    this.act('bookSet', this.told('edited', 'book', id), ['book'], () => {
      const book = this.bookOf(id);
      this.made.books.set(id, { ...book, [field]: this.taken('book', field, text) });
      this.waiting.add(id);
      return this.record(id);
    });

  bookSetAuthor = (id: string, author: AuthorChoice) =>
    this.act('bookSetAuthor', this.told('edited', 'book', id), ['book', 'author'], () => {
      this.made.books.set(id, { ...this.bookOf(id), author_id: this.choose(author) });
      this.waiting.add(id);
      return this.record(id);
    });
  bookDelete = (id: string) =>
    this.act('bookDelete', this.told('deleted', 'book', id), ['book', 'contribution'], () => {
      this.bookOf(id);
      this.made.books.delete(id);
      this.waiting.add(id);
    });

  author = (id: string) => this.answer('author', () => this.authorRecord(id));
  authorSuggest = (typedInto: string, text: string) =>
    this.answer(
      'authorSuggest',
      () => named(this.made, text).map((id) => this.ref(id)),
      this.questions.put(`box ${typedInto}`, text),
    );

  private authorRecord(id: string): AuthorRecord {
    const author = this.authorOf(id);
    const [fields, lists] = [fieldsOf('author', author), listsOf(this.made, 'author', id)];
    const [books, contributions] = [this.booksOf(id).length, contributionsBy(this.made, id).length];
    return { id, name: author.name, fields, lists, books, contributions, waiting: this.waiting.has(id) };
  }

  authorCreate = (name: string) => {
    const told = { act: 'created' as const, kind: 'author' as const, id: `new-${this.made_ids + 1}`, name };
    return this.act('authorCreate', told, ['author'], () => this.authorRecord(this.person({ kind: 'new', name })));
  };
  authorSet = (id: string, field: string, text: string) =>
    this.act('authorSet', this.told('edited', 'author', id), ['author', 'book'], () => {
      const known = this.authorOf(id);
      this.made.authors.set(id, { ...known, [field]: this.taken('author', field, text) });
      this.waiting.add(id);
      return this.authorRecord(id);
    });
  authorDelete = (id: string, books: BooksOfDeleted) =>
    this.act('authorDelete', this.told('deleted', 'author', id), ['author', 'book'], () => {
      const theirs = this.booksOf(id);
      for (const book of theirs) {
        if (books.kind === 'hand_over') this.made.books.set(book.id, { ...book, author_id: books.to });
        else if (books.kind === 'keep') this.made.books.set(book.id, { ...book, author_id: null });
        else this.made.books.delete(book.id);
      }
      for (const [key, one] of this.made.contributions) if (one.author_id === id) this.made.contributions.delete(key);
      this.made.authors.delete(id);
    });

  contributionsBy = (author: string, page: number, perPage: number) =>
    this.answer('contributionsBy', () => pageOf(contributionsBy(this.made, author), page, perPage));
  contributionAdd = (book: string, author: AuthorChoice, role: Role) =>
    this.act('contributionAdd', this.told('edited', 'book', book), ['contribution', 'author'], () => {
      const id = `new-${++this.made_ids}`;
      const position = this.record(book).contributors.length;
      this.made.contributions.set(id, {
        id,
        book_id: book,
        author_id: this.choose(author) ?? refuse('invalid', 'author', 'Somebody.'),
        role,
        position,
      });
      return this.record(book);
    });
  contributionSetRole = (id: string, role: Role) =>
    this.contributed(id, (one) => this.made.contributions.set(id, { ...one, role }));
  contributionRemove = (id: string) => this.contributed(id, () => this.made.contributions.delete(id));
  contributionMove = (id: string, positions: number) =>
    this.contributed(id, (one) => {
      const all = this.record(one.book_id).contributors.map((each) => each.id);
      const from = all.indexOf(id);
      all.splice(from, 1);
      all.splice(Math.max(0, from + positions), 0, id);
      for (const [position, key] of all.entries()) {
        const each = this.made.contributions.get(key);
        if (each) this.made.contributions.set(key, { ...each, position });
      }
    });

  private contributed(
    id: string,
    change: (one: { id: string; book_id: string; author_id: string; role: Role; position: number }) => void,
  ) {
    const one = this.made.contributions.get(id) ?? refuse('not_found', null, 'This contribution is gone.');
    return this.act('contribution', this.told('edited', 'book', one.book_id), ['contribution'], () => {
      change(one);
      return this.record(one.book_id);
    });
  }

  belongingAdd = (kind: RecordKind, id: string, list: string, text: string) =>
    this.act('belongingAdd', this.told('edited', kind, id), ['list'], () =>
      withItem(this.made, kind, id, list, { id: `new-${++this.made_ids}`, text: text.trim() }),
    );
  belongingRemove = (kind: RecordKind, id: string, list: string, row: string) =>
    this.act('belongingRemove', this.told('edited', kind, id), ['list'], () =>
      withoutItem(this.made, kind, id, list, row),
    );

  private told(act: Did, kind: RecordKind, id: string): Omit<ActTold, 'records' | keyof typeof WHOLE> {
    const name = kind === 'book' ? this.made.books.get(id)?.title : this.made.authors.get(id)?.name;
    return { act, kind, id, name: name ?? '' };
  }

  painted = () => Promise.resolve();
  openAgain = () => Promise.resolve();
  status = (): Promise<Status> =>
    this.answer('status', () => {
      const { made, sync, conflicts } = this;
      const [books, authors] = [made.books.size, made.authors.size];
      return { books, authors, conflicts: conflicts.length, sync, file: this.file, read_only: this.readOnly };
    });
  importChoose = () =>
    this.answer('importChoose', () => (this.chosen === null ? null : { token: 0, name: this.chosen }));
  importFile = (_token: number) => this.imported(this.chosen ?? '', 40);
  loadSample = () => this.imported('sample', 24);

  private imported(path: string, books: number): Promise<ImportTally> {
    if (path.endsWith('.bin')) return refused('This is not a table of books.');
    const told = { act: 'imported' as const, kind: null, id: null, name: path };
    return this.act('import', told, ['book', 'author', 'contribution'], () => {
      for (const listener of this.progressed) listener({ records: books, percent: 100 });
      const made = makeUp(books);
      for (const [id, author] of made.authors) this.made.authors.set(id, author);
      for (const [id, book] of made.books) this.made.books.set(id, book);
      return tallyOf(path, books);
    });
  }

  conflictsPage = (page: number, perPage: number) =>
    this.answer('conflictsPage', () => pageOf(this.conflicts, page, perPage));
  conflictsAlike = () => this.answer('conflictsAlike', () => settledAlike(this.conflicts, 'keep').ids.length);
  conflictsSettleAlike = async (decision: Decision) => {
    const { ids, left } = settledAlike(this.conflicts, decision);
    return { settled: await this.conflictsSettle(ids, decision), left };
  };
  conflictsSettle = (ids: string[], decision: Decision) =>
    this.answer(`conflictsSettle ${decision}`, () => {
      const before = this.conflicts;
      const { name, left } = withoutSettled(before, ids, decision);
      const told: ActTold = { act: 'settled', kind: 'book', id: null, name, records: ids.length, ...WHOLE };
      this.done.push({ before: this.made, after: this.made, conflicts: before, told });
      this.conflicts = left;
      this.tell(['conflict'], []);
      return ids.length;
    });
  quarantine = () => this.answer('quarantine', () => this.quarantined);

  /** Adds some conflicts about the first books: one of every kind, or that they look the same as another one. */
  disagree = (count: number) => this.park(count, conflictsOf);
  double = (count: number) => this.park(count, alikeOf);

  private async park(count: number, of: typeof conflictsOf): Promise<void> {
    const query = { text: '', filters: [], sort: 'title', descending: false };
    const books = await this.listPage('book', query, ['title'], 1, count);
    this.conflicts = of(books.items.map(({ id, cells }) => ({ id, title: cells.title ?? '' })));
    this.tell(['conflict'], ['conflict']);
  }

  /** Colleagues change the catalogue; it arrives as one change. */
  fromOthers(change: (made: MadeUp) => void, tables: TableName[], came_or_went: TableName[] = tables): void {
    this.made = copyOf(this.made);
    change(this.made);
    this.tell(tables, came_or_went);
  }

  syncNow = () => this.answer('syncNow', () => this.tell([], []));
  undo = (asked: string | null) => this.answer('undo', () => this.step(asked, this.done, this.undone, 'before'));
  undoTold = () => this.undo(String(this.done.length));
  redo = (asked: string | null) => this.answer('redo', () => this.step(asked, this.undone, this.done, 'after'));

  private step(asked: string | null, from: Taken[], to: Taken[], which: 'before' | 'after'): Step {
    const taken = from.at(-1);
    if (!taken) return { kind: 'nothing' };
    const act = taken.told;
    const number = String(from.length);
    if (this.asks && asked !== number) return { kind: 'asks', act, number, touches: 24, before_opening: true };
    this.made = taken[which];
    if (taken.conflicts) this.conflicts = taken.conflicts;
    to.push(...from.splice(-1));
    const all: TableName[] = ['book', 'author', 'contribution', 'list', 'conflict'];
    this.tell(all, act.act === 'edited' ? [] : all);
    return { kind: 'done', act };
  }

  onChanged = (listener: (change: Changed) => void) => this.listen(this.changed, listener);
  onSyncState = (listener: (state: SyncState) => void) => this.listen(this.synced, listener);
  onImportProgress = (listener: (progress: ImportProgress) => void) => this.listen(this.progressed, listener);

  private listen<T>(listeners: Set<T>, listener: T): Promise<Stop> {
    listeners.add(listener);
    return Promise.resolve(() => void listeners.delete(listener));
  }
}
