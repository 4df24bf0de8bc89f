import { asFault, type Changed, type Fault, type Rows as Page, type TableName } from '../ipc';

/** Rows asked for at once, and the unit they are kept and forgotten in. */
export const PER_PAGE = 100;
/** Pages kept besides the visible ones; the rest is asked for again when it is scrolled to. */
const PAGES_KEPT = 20;

/** How the rows of one kind of record are asked for. */
export interface RowSource<Query, Row> {
  /** The table whose rows are the list's. */
  table: TableName;
  /** The other tables that a row shows something of. */
  shows: readonly TableName[];
  page(query: Query, page: number, perPage: number): Promise<Page<Row>>;
  rows(ids: string[]): Promise<Row[]>;
  index(query: Query, id: string): Promise<number | null>;
  /** Whether a record can be edited so that it no longer matches. */
  narrows(query: Query): boolean;
}

/**
 * The rows of a list, of which only the pages around the visible ones are held.
 *
 * A new question keeps the old rows on the screen until its first pages are there, so nothing flickers. An edit of a record
 * changes its row where it stands and never re-sorts under a person; only when rows come or go is the question put again.
 */
export class Rows<Query, Row extends { id: string }> {
  /** How many rows match; undefined before the first answer. */
  total = $state<number>();
  /** Why the last question had no answer. */
  fault = $state.raw<Fault>();
  /** Records that were edited so that they no longer match; they keep their place until the question is put again. */
  strays = $state.raw<ReadonlySet<string>>(new Set());

  private pages = $state.raw<ReadonlyMap<number, Row[]>>(new Map());
  private query: Query;
  private question = 0;
  private first = 0;
  private last = PER_PAGE - 1;
  private readonly underWay = new Set<number>();
  private readonly source: RowSource<Query, Row>;

  constructor(source: RowSource<Query, Row>, query: Query) {
    this.source = source;
    this.query = query;
  }

  /** The row at this index, when it is held. */
  at(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / PER_PAGE))?.[index % PER_PAGE];
  }

  /** The index of this record among the rows held, or -1. */
  heldIndex(id: string): number {
    for (const [page, rows] of this.pages) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return page * PER_PAGE + at;
    }
    return -1;
  }

  /** The index of this record in the whole list; null when it does not match. */
  async indexOf(id: string): Promise<number | null> {
    const held = this.heldIndex(id);
    return held >= 0 ? held : this.source.index(this.query, id);
  }

  /** Puts a new question; resolves when its visible rows are there. `from` is the first row that will be visible. */
  async ask(query: Query, from = 0): Promise<void> {
    this.query = query;
    const height = this.last - this.first;
    this.first = from;
    this.last = from + height;
    await this.again();
  }

  /** Puts the same question again. */
  async again(): Promise<void> {
    const question = ++this.question;
    const query = this.query;
    const asked = this.visiblePages();
    this.underWay.clear();
    for (const page of asked) this.underWay.add(page);
    try {
      const answers = await Promise.all(
        asked.map(async (page) => [page, await this.source.page(query, page + 1, PER_PAGE)] as const),
      );
      if (question !== this.question) return;
      this.total = answers[0]?.[1].meta.total ?? 0;
      this.pages = new Map(answers.map(([page, answer]) => [page, answer.items]));
      this.strays = new Set();
      this.fault = undefined;
      this.underWay.clear();
    } catch (reason) {
      if (question !== this.question) return;
      this.fault = asFault(reason);
      this.underWay.clear();
    }
  }

  /** Says which rows are visible; what is missing of them is asked for. */
  show(first: number, last: number): void {
    this.first = first;
    this.last = last;
    for (const page of this.visiblePages()) {
      if (!this.pages.has(page) && !this.underWay.has(page)) void this.fetch(page);
    }
  }

  /** Takes in what the core says has changed. `edited` is the record that a person is working on. */
  async take(change: Changed, edited: string | null): Promise<void> {
    if (this.asksAgain(change)) return this.again();
    const shown: readonly string[] = [this.source.table, ...this.source.shows];
    if (change.tables.some((table) => shown.includes(table))) await this.refreshVisible(edited);
  }

  /** Whether rows of the list itself came or went. */
  asksAgain(change: Changed): boolean {
    return change.came_or_went.includes(this.source.table);
  }

  private async refreshVisible(edited: string | null): Promise<void> {
    const question = this.question;
    const query = this.query;
    const kept = new Map([...this.pages].filter(([page]) => this.visiblePages().includes(page)));
    const ids = [...kept.values()].flatMap((rows) => rows.map((row) => row.id));
    try {
      const [rows, index] = await Promise.all([
        this.source.rows(ids),
        edited !== null && ids.includes(edited) && this.source.narrows(query) ? this.source.index(query, edited) : 0,
      ]);
      if (question !== this.question) return;
      const fresh = new Map(rows.map((row) => [row.id, row]));
      this.pages = new Map([...kept].map(([page, held]) => [page, held.map((row) => fresh.get(row.id) ?? row)]));
      if (edited !== null) this.strays = this.straysWith(edited, index === null);
    } catch (reason) {
      if (question === this.question) this.fault = asFault(reason);
    }
  }

  private straysWith(id: string, strayed: boolean): ReadonlySet<string> {
    const others = [...this.strays].filter((stray) => stray !== id);
    return new Set(strayed ? [...others, id] : others);
  }

  private async fetch(page: number): Promise<void> {
    const question = this.question;
    this.underWay.add(page);
    try {
      const answer = await this.source.page(this.query, page + 1, PER_PAGE);
      if (question !== this.question) return;
      const pages = new Map(this.pages).set(page, answer.items);
      const visible = this.visiblePages();
      for (const key of pages.keys()) {
        if (pages.size <= PAGES_KEPT) break;
        if (!visible.includes(key)) pages.delete(key);
      }
      this.pages = pages;
    } catch (reason) {
      if (question === this.question) this.fault = asFault(reason);
    } finally {
      if (question === this.question) this.underWay.delete(page);
    }
  }

  private visiblePages(): number[] {
    const end = this.total === undefined ? this.last : Math.min(this.last, Math.max(0, this.total - 1));
    const from = Math.floor(Math.max(0, Math.min(this.first, end)) / PER_PAGE);
    const to = Math.floor(end / PER_PAGE);
    return Array.from({ length: to - from + 1 }, (_, step) => from + step);
  }
}
