import { asFault, isSuperseded, type Changed, type Fault, type Rows as Page, type TableName } from '../ipc';

/** How many rows are asked for at once; also the unit in which they are kept and forgotten. */
export const PER_PAGE = 100;
/** How many pages are kept besides the visible ones; the rest is asked for again when scrolled to. */
const PAGES_KEPT = 20;
/** How many rows that are not on the new pages are looked up in the whole list, to hold one of them in place. */
const ANCHORS_ASKED_FOR = 3;
/** Milliseconds until a question is put again that another list took the place of. */
const ASKED_AGAIN_AFTER = 100;

/** How the rows of one kind of record are asked for. */
export interface RowSource<Query, Row> {
  /** The table whose rows make up the list. */
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
 * A new question keeps the old rows on the screen until its first pages are there, so nothing flickers. Editing a
 * record changes its row in place and never re-sorts the list under a person; only when rows come or go is the question
 * asked again. Then one row is held in place: the one a person points at or is on, else the first visible one. The list
 * says by how many rows it must be scrolled for that row to stay where it is on the screen.
 */
export class Rows<Query, Row extends { id: string }> {
  /** How many rows match; undefined before the first answer. */
  total = $state<number>();
  /** Why the last question had no answer. */
  fault = $state.raw<Fault>();
  /** Records that were edited so that they no longer match; they keep their place until the question is asked again. */
  strays = $state.raw<ReadonlySet<string>>(new Set());
  /** By how many rows the row that is held in place has moved down; a new object each time. */
  moved = $state.raw({ by: 0 });
  /** Gives the index of the row that the pointer is on; null if it is on none, or a person works with keys. */
  pointed: () => number | null = () => null;

  private pages = $state.raw<ReadonlyMap<number, Row[]>>(new Map());
  private query: Query;
  private question = 0;
  private first = 0;
  private last = PER_PAGE - 1;
  private readonly underWay = new Set<number>();
  private untaken: { change: Changed; edited: string | null } | null = null;
  private taking: Promise<number | null> | null = null;
  private readonly source: RowSource<Query, Row>;

  constructor(source: RowSource<Query, Row>, query: Query) {
    this.source = source;
    this.query = query;
  }

  /** The row at this index, if it is held. */
  at(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / PER_PAGE))?.[index % PER_PAGE];
  }

  /** The records of all rows that are held. */
  held(): string[] {
    return [...this.pages.values()].flatMap((rows) => rows.map((row) => row.id));
  }

  /** The index of this record among the rows held, or -1. */
  heldIndex(id: string): number {
    return indexIn(this.pages, id) ?? -1;
  }

  /** The index of this record in the whole list; null if it does not match. */
  async indexOf(id: string): Promise<number | null> {
    const held = this.heldIndex(id);
    return held >= 0 ? held : this.source.index(this.query, id);
  }

  /** Asks a new question; resolves when its visible rows are there. `from` is the first row that will be visible. */
  async ask(query: Query, from = 0): Promise<void> {
    this.query = query;
    const height = this.last - this.first;
    this.first = from;
    this.last = from + height;
    await this.again();
  }

  /**
   * Asks the same question again and resolves to the number of rows by which the list has moved. `fixed` are rows by
   * index: first the one that should stay in place on the screen, then those that stand in for it if it is gone.
   */
  async again(fixed: readonly number[] = []): Promise<number> {
    const question = ++this.question;
    const query = this.query;
    const anchors = fixed.flatMap((at) => ({ at, id: this.at(at)?.id ?? '' })).filter(({ id }) => id !== '');
    const asked = this.visiblePages();
    this.underWay.clear();
    for (const page of asked) this.underWay.add(page);
    try {
      let held = await this.pagesOf(query, asked);
      // What is asked of an older list would end the newer one in the core.
      if (question !== this.question) return 0;
      let by = await this.shift(question, query, anchors, held.pages);
      if (question !== this.question) return 0;
      if (by !== 0) by = Math.max(by, -this.first);
      const around = this.visiblePages(by, held.total);
      if (!around.every((page) => held.pages.has(page))) held = await this.pagesOf(query, around);
      if (question !== this.question) return 0;
      this.total = held.total;
      this.pages = held.pages;
      this.first += by;
      this.last += by;
      this.strays = new Set();
      this.fault = undefined;
      this.underWay.clear();
      if (by !== 0) this.moved = { by };
      // Somebody may have scrolled since.
      this.show(this.first, this.last);
      return by;
    } catch (reason) {
      if (question !== this.question) return 0;
      if (isSuperseded(reason)) return this.later(question, fixed);
      this.fault = asFault(reason);
      this.underWay.clear();
      return 0;
    }
  }

  /** Puts a question again whose place another has taken in the core, unless it has one here as well by then. */
  private async later(question: number, fixed: readonly number[]): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, ASKED_AGAIN_AFTER));
    return question === this.question ? this.again(fixed) : 0;
  }

  /** Says which rows are visible; what is missing of them is asked for. */
  show(first: number, last: number): void {
    this.first = first;
    this.last = last;
    for (const page of this.visiblePages()) {
      if (!this.pages.has(page) && !this.underWay.has(page)) void this.fetch(page);
    }
  }

  /**
   * Takes in what the core reports as changed. `edited` is the record that a person is working on. Resolves to the
   * number of rows by which the list has moved, or to null if every row is still where it was. Whatever arrives while
   * an answer is awaited is taken in together after it: a stream of changes from others must not keep the list from
   * ever being answered.
   */
  take(change: Changed, edited: string | null): Promise<number | null> {
    this.untaken = { change: this.untaken ? both(this.untaken.change, change) : change, edited };
    this.taking ??= this.takeAll().finally(() => (this.taking = null));
    return this.taking;
  }

  private async takeAll(): Promise<number | null> {
    let moved: number | null = null;
    while (this.untaken) {
      const { change, edited } = this.untaken;
      this.untaken = null;
      if (this.asksAgain(change)) moved = (moved ?? 0) + (await this.again(this.fixed(edited)));
      else if (change.tables.some((table) => this.shows(table))) await this.refreshVisible(edited);
    }
    return moved;
  }

  private shows(table: string): boolean {
    return table === this.source.table || (this.source.shows as readonly string[]).includes(table);
  }

  /** Whether rows of the list itself came or went. */
  private asksAgain(change: Changed): boolean {
    return change.came_or_went.includes(this.source.table);
  }

  /** The row that should stay in place on the screen, then those before it, then those after it. */
  private fixed(edited: string | null): number[] {
    const seen = (at: number) => at >= this.first && at <= this.last;
    const on = edited === null ? -1 : this.heldIndex(edited);
    const pointed = this.pointed();
    const at = pointed ?? (seen(on) ? on : this.first);
    // Somebody who looks at the top of a list and is on no row wants to see what arrives there.
    if (at === 0 && pointed === null && !seen(on)) return [];
    const before = Array.from({ length: Math.max(0, at - this.first) }, (_, step) => at - 1 - step);
    const after = Array.from({ length: Math.max(0, this.last - at) }, (_, step) => at + 1 + step);
    return [at, ...before, ...after];
  }

  /** By how many rows the first of these rows that still exists has moved. */
  private async shift(
    question: number,
    query: Query,
    anchors: readonly { at: number; id: string }[],
    pages: ReadonlyMap<number, Row[]>,
  ): Promise<number> {
    const found = (id: string) => indexIn(pages, id);
    for (const { at, id } of anchors.slice(0, ANCHORS_ASKED_FOR)) {
      const index = found(id) ?? (await this.source.index(query, id));
      if (index !== null) return index - at;
      if (question !== this.question) return 0;
    }
    for (const { at, id } of anchors) {
      const index = found(id);
      if (index !== null) return index - at;
    }
    return 0;
  }

  private async pagesOf(query: Query, pages: number[]): Promise<{ total: number; pages: Map<number, Row[]> }> {
    const answers = await Promise.all(
      pages.map(async (page) => [page, await this.source.page(query, page + 1, PER_PAGE)] as const),
    );
    const total = answers[0]?.[1].meta.total ?? 0;
    return { total, pages: new Map(answers.map(([page, answer]) => [page, answer.items])) };
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
      this.complain(question, reason);
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
      this.complain(question, reason);
    } finally {
      if (question === this.question) this.underWay.delete(page);
    }
  }

  private complain(question: number, reason: unknown): void {
    if (question === this.question && !isSuperseded(reason)) this.fault = asFault(reason);
  }

  private visiblePages(by = 0, total = this.total): number[] {
    const last = this.last + by;
    const end = total === undefined ? last : Math.min(last, Math.max(0, total - 1));
    const from = Math.floor(Math.max(0, Math.min(this.first + by, end)) / PER_PAGE);
    const to = Math.floor(end / PER_PAGE);
    return Array.from({ length: to - from + 1 }, (_, step) => from + step);
  }
}

/** The index of a record among these pages; null if it is not among them. */
function indexIn<Row extends { id: string }>(pages: ReadonlyMap<number, Row[]>, id: string): number | null {
  for (const [page, rows] of pages) {
    const at = rows.findIndex((row) => row.id === id);
    if (at >= 0) return page * PER_PAGE + at;
  }
  return null;
}

/** Combines two consecutive changes into one. */
function both(one: Changed, other: Changed): Changed {
  return {
    tables: [...new Set([...one.tables, ...other.tables])],
    came_or_went: [...new Set([...one.came_or_went, ...other.came_or_went])],
  };
}
