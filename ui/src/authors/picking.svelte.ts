import { drafts } from '../editor/drafts.svelte';
import { asFault, core, isSuperseded, type AuthorChoice, type AuthorRef } from '../ipc';

/** What can be chosen in an author picker: somebody who exists, or the name that was typed. */
export type Offer = { kind: 'existing'; author: AuthorRef } | { kind: 'new'; name: string };

function same(a: string, b: string): boolean {
  return a.localeCompare(b, undefined, { sensitivity: 'base' }) === 0;
}

/** The state of one author picker: what was typed, who is offered for it, and which offer Enter takes. */
export class Picking {
  open = $state(false);
  /** The offer that Enter takes. */
  at = $state(0);
  reason = $state<string | null>(null);
  /** The offers for what was typed. */
  readonly offers: Offer[] = $derived.by(() => this.list());

  private suggested = $state.raw<AuthorRef[]>([]);
  private asked = 0;
  private answer: Promise<void> = Promise.resolve();
  private readonly box: string;
  private readonly mayAdd: () => boolean;
  private readonly except: () => string | undefined;
  private readonly key: () => string | undefined;
  private unremembered = $state<string | null>(null);

  /** `box` is what the box is called, as no other is. */
  constructor(box: string, mayAdd: () => boolean, except: () => string | undefined, key: () => string | undefined) {
    this.box = box;
    this.mayAdd = mayAdd;
    this.except = except;
    this.key = key;
  }

  /** What was typed; null while the box shows what the catalogue holds. It is remembered if the box has a key. */
  get typed(): string | null {
    const key = this.key();
    return key === undefined ? this.unremembered : (drafts.get(key)?.text ?? null);
  }
  private set typed(text: string | null) {
    const key = this.key();
    if (key === undefined) this.unremembered = text;
    else if (text === null) drafts.delete(key);
    else drafts.set(key, { text, reason: null });
  }

  get name(): string {
    return (this.typed ?? '').trim();
  }

  /** Takes what was typed and asks who may be meant. */
  type(text: string): void {
    this.typed = text;
    this.reason = null;
    const question = ++this.asked;
    if (this.name === '') {
      this.suggested = [];
      this.open = false;
      return;
    }
    this.answer = core()
      .authorSuggest(this.box, this.name)
      .then(
        (found) => {
          if (question !== this.asked) return;
          this.suggested = found;
          this.open = true;
          // The core names the most likely first, and the list begins there.
          this.at = 0;
        },
        (fault: unknown) => {
          if (question === this.asked && !isSuperseded(fault)) this.reason = asFault(fault).message;
        },
      );
  }

  /** Asks again who may be meant by what was typed before the box was drawn. */
  resume(): void {
    if (this.asked === 0 && this.typed !== null) this.type(this.typed);
  }

  /** The offer that Enter takes, once the answer to the newest typing is in. */
  async chosen(): Promise<Offer | undefined> {
    await this.answer;
    return this.offers[this.at];
  }

  /** The one person who has exactly the typed name, if there is only one. */
  async exact(): Promise<Offer | undefined> {
    await this.answer;
    const matching = this.offers.filter((offer) => offer.kind === 'existing' && this.isTyped(offer));
    return matching.length === 1 ? matching[0] : undefined;
  }

  /** The list of offers opens only for what was typed, and closes whenever it is left. */
  show(open: boolean): void {
    if (!open) this.open = false;
  }

  /** Forgets what was typed. */
  reset(): void {
    this.asked++;
    this.typed = null;
    this.suggested = [];
    this.open = false;
    this.reason = null;
  }

  private isTyped(offer: Offer): boolean {
    return offer.kind === 'existing' && same(offer.author.name, this.name);
  }

  private list(): Offer[] {
    const except = this.except();
    const known = this.suggested.filter((author) => author.id !== except);
    const offers: Offer[] = known.map((author) => ({ kind: 'existing', author }));
    const taken = known.some((author) => same(author.name, this.name));
    if (this.mayAdd() && this.name !== '' && !taken) offers.push({ kind: 'new', name: this.name });
    return offers;
  }
}

/** An offer in the form that the core takes. */
export function choice(offer: Offer): AuthorChoice {
  return offer.kind === 'existing' ? { kind: 'existing', id: offer.author.id } : offer;
}
