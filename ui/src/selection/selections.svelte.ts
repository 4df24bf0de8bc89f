import { core, type ListQuery, type RecordKind, type Selected } from '../ipc';

/** A choice as it was, to go back to. */
interface Chosen {
  base: ListQuery | null;
  except: ReadonlySet<string>;
  also: ReadonlySet<string>;
  count: number;
}

const NOTHING: Chosen = { base: null, except: new Set(), also: new Set(), count: 0 };

/**
 * The records of one list that a person has chosen: some by name, or everything that a question of the list finds except
 * some. It belongs to the records and not to their rows, so it outlasts every other order and every other search.
 */
export class Selection {
  private chosen = $state.raw<Chosen>(NOTHING);
  /** What the core has said of rows that another question shows than the one that everything was chosen by. */
  private known = $state.raw<ReadonlySet<string>>(new Set());
  private readonly kind: RecordKind;
  private asked = 0;

  constructor(kind: RecordKind) {
    this.kind = kind;
  }

  /** How many records are chosen. */
  get count(): number {
    return this.chosen.count;
  }

  /** Whether a record of the list that this question shows is chosen. */
  has(id: string, shown: ListQuery): boolean {
    const { also, except } = this.chosen;
    return also.has(id) || (!except.has(id) && this.isOfAll(id, shown));
  }

  private isOfAll(id: string, shown: ListQuery): boolean {
    const { base, except } = this.chosen;
    return base !== null && (except.has(id) || sameRecords(base, shown) || this.known.has(id));
  }

  /** Chooses records of the list that this question shows, or no longer. */
  set(ids: readonly string[], chosen: boolean, shown: ListQuery): void {
    const except = new Set(this.chosen.except);
    const also = new Set(this.chosen.also);
    const changed = ids.filter((id) => this.has(id, shown) !== chosen);
    for (const id of changed) {
      if (!this.isOfAll(id, shown)) {
        if (chosen) also.add(id);
        else also.delete(id);
      } else if (chosen) except.delete(id);
      else {
        except.add(id);
        also.delete(id);
      }
    }
    const count = this.chosen.count + (chosen ? changed.length : -changed.length);
    this.put({ ...this.chosen, except, also, count });
  }

  /** Chooses everything that this question finds. */
  all(shown: ListQuery, total: number): void {
    this.put({ ...NOTHING, base: shown, count: total });
  }

  /** Chooses nothing. */
  clear(): void {
    this.put(NOTHING);
  }

  /** The choice as it is, for going {@link back} to it. */
  now(): Chosen {
    return this.chosen;
  }

  /** Goes back to a choice. */
  back(chosen: Chosen): void {
    this.chosen = chosen;
    this.asked++;
  }

  private put(chosen: Chosen): void {
    this.back(chosen.count <= 0 ? NOTHING : chosen);
  }

  /** The choice as the core takes it, to be gone through in the order of this question. */
  told({ sort, descending }: ListQuery): Selected {
    const { base, except, also } = this.chosen;
    return { all_of: base && { ...base, sort, descending }, except: [...except], also: [...also] };
  }

  /**
   * Asks the core how many are still there, and which of these rows are among them. An answer that comes after another
   * choice was made is dropped.
   */
  async look(shown: ListQuery, rows: readonly string[]): Promise<void> {
    if (this.count === 0) return;
    const asked = ++this.asked;
    const { base, also } = this.chosen;
    const told = await core()
      .selectionTold(this.kind, this.told(shown), base === null ? [...also] : [...rows])
      .catch(() => null);
    if (told === null || asked !== this.asked) return;
    const among = new Set(told.among);
    if (base !== null) this.known = among;
    this.put({ ...this.chosen, ...(base === null ? { also: among } : {}), count: told.count });
  }

  /** Whether the core has to say which rows of this question are chosen. */
  isOfAnother(shown: ListQuery): boolean {
    const { base } = this.chosen;
    return base !== null && !sameRecords(base, shown);
  }
}

/** Whether two questions find the same records, in whatever order. */
function sameRecords(one: ListQuery, other: ListQuery): boolean {
  return one.text === other.text && one.filters.join('\n') === other.filters.join('\n');
}

/** What is chosen in each list. */
export const selections: Record<RecordKind, Selection> = {
  book: new Selection('book'),
  author: new Selection('author'),
};

/** Chooses nothing anywhere. */
export function clearSelections(): void {
  for (const selection of Object.values(selections)) selection.clear();
}
