import {
  asFault,
  core,
  isSuperseded,
  type BulkChange,
  type BulkField,
  type BulkOperation,
  type BulkPreview,
  type Fault,
  type LetterCase,
  type ListQuery,
  type OperationKind,
  type RecordKind,
  type Selected,
} from '../ipc';
import { m } from '../paraglide/messages';
import { selections } from '../selection/selections.svelte';
import { toasts } from '../undo/toasts.svelte';
import { counted, figure } from '../words';

/** Which records a change is about, to a person: those that were chosen, those that a list finds, or all there are. */
export type Which = 'chosen' | 'found' | 'all';

/** The sheet on which a person prepares one change of many records, looks at it, and does it. */
class Bulk {
  /** The kind of the records; null while the sheet is closed. */
  kind = $state<RecordKind | null>(null);
  which = $state<Which>('chosen');
  /** How many records it is about. */
  count = $state(0);
  fields = $state.raw<BulkField[]>([]);

  name = $state('');
  operation = $state<OperationKind>('replace');
  find = $state('');
  with = $state('');
  pattern = $state(false);
  ignoreCase = $state(false);
  text = $state('');
  letters = $state<LetterCase>('title');

  /** What the change would do; it may be of the change before, until the core has answered. */
  preview = $state.raw<BulkPreview | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** Records that are taken out. */
  except = $state.raw<ReadonlySet<string>>(new Set());
  /** How many records were dealt with; null while nothing is being done. */
  done = $state<number | null>(null);

  private selected: Selected = { all_of: null, except: [], also: [] };
  private shown: ListQuery | null = null;
  private asked = 0;
  /** The change that the preview is of. */
  private previewed = $state('');

  /** Opens the sheet for what is chosen in a list, or if that is nothing, for all that the list shows. */
  async open(kind: RecordKind, shown: ListQuery): Promise<void> {
    const selection = selections[kind];
    const narrowed = shown.text.trim() !== '' || shown.filters.length > 0;
    const chosen = selection.count > 0;
    const selected = chosen ? selection.told(shown) : { all_of: shown, except: [], also: [] };
    const [fields, { count }] = await Promise.all([core().bulkFields(kind), core().selectionTold(kind, selected, [])]);
    if (count === 0) return toasts.tell(m.nothing_matches());
    this.fields = fields;
    this.which = chosen ? 'chosen' : narrowed ? 'found' : 'all';
    this.count = count;
    this.selected = selected;
    this.shown = shown;
    this.forget();
    if (!fields.some((field) => field.name === this.name)) this.choose(fields[0]?.name ?? '');
    this.kind = kind;
  }

  /** The sheet is closed; what was typed stays for the next time, as long as the program runs. */
  close(): void {
    if (this.done !== null) return;
    this.asked++;
    this.kind = null;
    this.forget();
  }

  private forget(): void {
    this.preview = null;
    this.previewed = '';
    this.fault = null;
    this.except = new Set();
  }

  get field(): BulkField | undefined {
    return this.fields.find((field) => field.name === this.name);
  }

  /** Chooses a field; the operation stays if the field has it. What was typed for another field means nothing here. */
  choose(name: string): void {
    this.name = name;
    this.text = '';
    const operations = this.field?.operations ?? [];
    if (!operations.includes(this.operation)) this.operation = operations[0] ?? 'set';
  }

  /** The change as it is prepared; null while something is missing. */
  get change(): BulkChange | null {
    const operation = this.operationAsked();
    return operation === null || this.name === '' ? null : { field: this.name, operation };
  }

  private operationAsked(): BulkOperation | null {
    const { find, text } = this;
    switch (this.operation) {
      case 'replace':
        if (find === '') return null;
        return { kind: 'replace', find, with: this.with, pattern: this.pattern, ignore_case: this.ignoreCase };
      case 'case':
        return { kind: 'case', letters: this.letters };
      case 'clear':
      case 'trim':
        return { kind: this.operation };
      default:
        return text.trim() === '' ? null : { kind: this.operation, text };
    }
  }

  /** Whether the preview is that of the change as it is prepared now. */
  get fresh(): boolean {
    return this.preview !== null && this.previewed === JSON.stringify(this.change);
  }

  /** How many records would be changed. */
  get changing(): number {
    return (this.preview?.changing ?? 0) - this.except.size;
  }

  /** Asks the core what the change would do. An answer to an older question is dropped. */
  async look(): Promise<void> {
    const { kind, change } = this;
    const asked = ++this.asked;
    this.fault = null;
    if (kind === null || change === null) return this.forget();
    try {
      const preview = await core().bulkPreview(kind, this.selected, change);
      if (asked !== this.asked) return;
      this.preview = preview;
      this.previewed = JSON.stringify(change);
      this.except = new Set();
    } catch (reason) {
      if (asked !== this.asked || isSuperseded(reason)) return;
      this.forget();
      this.fault = asFault(reason);
    }
  }

  /** Takes a record out, or in again. */
  toggle(id: string): void {
    const except = new Set(this.except);
    if (!except.delete(id)) except.add(id);
    this.except = except;
  }

  /** Does what is seen. What nobody has seen yet is shown first. */
  async submit(): Promise<void> {
    if (this.done !== null) return;
    if (!this.fresh) return this.look();
    if (this.changing > 0) await this.apply();
  }

  private async apply(): Promise<void> {
    const { preview, kind, shown } = this;
    if (preview === null || kind === null) return;
    this.done = 0;
    const stop = await core().onManyChanged(({ records }) => (this.done = records));
    try {
      const { changed, left_alone, first, name } = await core().bulkApply(preview.number, [...this.except]);
      this.done = null;
      this.close();
      const words = [m.act_edited({ count: changed, shown: figure(changed), name })];
      if (left_alone > 0) words.push(m.bulk_left_alone(counted(left_alone)));
      toasts.tell(words.join('. '), changed > 0 ? { undo: { act: 'edited', id: first } } : {});
      if (shown !== null) await selections[kind].look(shown, []);
    } catch (reason) {
      this.done = null;
      if (isSuperseded(reason)) await this.look();
      else this.fault = asFault(reason);
    } finally {
      stop();
    }
  }
}

export const bulk = new Bulk();
