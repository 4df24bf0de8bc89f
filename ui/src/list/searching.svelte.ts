import { untrack } from 'svelte';

import {
  asFault,
  core,
  isSuperseded,
  type Chip,
  type FacetTold,
  type ListQuery,
  type RecordKind,
  type TypedTold,
} from '../ipc';
import { live, type Live } from '../live/live.svelte';
import { toasts } from '../undo/toasts.svelte';

const NOTHING: TypedTold = { rest: '', words: '', filters: [], odd: [], unfinished: null };

/** What can stand in a token besides letters, so that most words are never asked about. */
const SIGN = /[:~^=<>]/;

/** The search of one list: what was typed, told by the core, the filters as chips, and how a token may go on. */
export class Searching {
  /** The filters as they are shown. */
  readonly chips: Live<Chip[]>;
  /** How the token that is being typed may go on. */
  readonly values: Live<FacetTold | null>;
  /** Whether the values were sent away. */
  private dismissed = $state('');
  private told = $state.raw<TypedTold>(NOTHING);
  private asked = 0;

  private readonly kind: RecordKind;
  private readonly query: () => ListQuery;
  private readonly ask: (change: Partial<ListQuery>) => void;

  /** Call it while setting up a component. */
  constructor(kind: RecordKind, query: () => ListQuery, ask: (change: Partial<ListQuery>) => void) {
    this.kind = kind;
    this.query = query;
    this.ask = ask;
    const filters = $derived(JSON.stringify(query().filters));
    this.chips = live(['author'], () =>
      filters === '[]' ? undefined : core().searchChips(kind, JSON.parse(filters) as string[]),
    );
    this.values = live([], () => {
      const { text } = query();
      return SIGN.test(text) ? core().searchValues(kind, query()) : undefined;
    });
    $effect(() => {
      const { text } = query();
      untrack(() => void this.read(text));
    });
  }

  /** The words to mark where they are found. */
  get words(): string {
    return SIGN.test(this.query().text) ? this.told.words : this.query().text;
  }

  /** What looks like a token and is searched as words. */
  get odd(): string | undefined {
    return SIGN.test(this.query().text) ? this.told.odd[0] : undefined;
  }

  /** The values that are offered now. */
  get offers(): FacetTold | undefined {
    const { text } = this.query();
    const open = this.told.unfinished !== null && this.dismissed !== text && SIGN.test(text);
    const values = this.values.value;
    return open && values && values.values.length > 0 ? values : undefined;
  }

  /** Sends the offers away, until something else is typed. */
  dismiss(): void {
    this.dismissed = this.query().text;
  }

  /** Takes what was typed. A token that was finished with a space becomes a chip. */
  type(text: string, atEnd: boolean): void {
    this.ask({ text });
    if (atEnd && /\s$/.test(text) && SIGN.test(text)) void this.finish(text, false);
  }

  /** Makes chips of the tokens that were typed; with `whole`, also of the one at the end. */
  async finish(text = this.query().text, whole = true): Promise<void> {
    if (!SIGN.test(text)) return;
    try {
      const { rest, filters } = await core().searchTyped(this.kind, text, whole);
      const now = this.query().text;
      // Somebody who typed on keeps that; somebody who typed something else meant that.
      if (filters.length === 0 || !now.startsWith(text)) return;
      const gap = rest !== '' && /\s$/.test(text) ? ' ' : '';
      const typedOn = now.slice(text.length);
      this.ask({ text: rest + gap + typedOn, filters: this.with(filters) });
      // What was typed meanwhile may hold finished tokens, too: the question about them was about a text that is gone.
      const finished = /^.*\s/.exec(typedOn)?.[0];
      if (finished !== undefined) await this.finish(rest + gap + finished, false);
    } catch (reason) {
      if (!isSuperseded(reason)) toasts.complain(asFault(reason).message);
    }
  }

  /** Puts a value that was offered in place of the token that is being typed. */
  pick(filter: string): void {
    const { text } = this.query();
    const typed = this.told.unfinished ?? '';
    const rest = text.endsWith(typed) ? text.slice(0, text.length - typed.length) : text;
    this.ask({ text: rest.trimStart(), filters: this.with([filter]) });
  }

  /** Narrows the list to what a filter leaves, or no longer. */
  toggle(filter: string): void {
    const { filters } = this.query();
    if (filters.includes(filter)) this.remove(filter);
    else this.ask({ filters: this.with([filter]) });
  }

  /** Widens the list again. */
  remove(filter: string): void {
    this.ask({ filters: this.query().filters.filter((other) => other !== filter) });
  }

  private with(filters: string[]): string[] {
    return [...new Set([...this.query().filters, ...filters])];
  }

  private async read(text: string): Promise<void> {
    const question = ++this.asked;
    if (!SIGN.test(text)) {
      this.told = NOTHING;
      return;
    }
    try {
      const told = await core().searchTyped(this.kind, text, false);
      if (question === this.asked) this.told = told;
    } catch {
      // The list says what is wrong.
    }
  }
}
