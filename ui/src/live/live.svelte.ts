import { untrack } from 'svelte';

import { asFault, isSuperseded, type Fault, type TableName } from '../ipc';
import { changes } from './changes';

/** The newest answer to a question, kept up to date. */
export interface Live<T> {
  /** The last answer; undefined before the first. It stays while a newer one is under way. */
  readonly value: T | undefined;
  /** Why the last question had no answer. */
  readonly fault: Fault | undefined;
  /** Asks again now. */
  refresh(): void;
}

/** The tables that the window has a name for. */
const NAMED: readonly string[] = ['author', 'book', 'contribution', 'conflict'] satisfies TableName[];

/** A table by the window's name for it. */
function named(table: string): TableName {
  return NAMED.includes(table) ? (table as TableName) : 'list';
}

/**
 * Asks when something it reads changes, and again when the core reports that one of the tables has changed.
 *
 * `ask` may return undefined for "nothing to ask". An answer that arrives after a newer question was asked is dropped:
 * answers are not guaranteed to arrive in the order of their questions. Call it while setting up a component.
 */
export function live<T>(tables: readonly TableName[], ask: () => Promise<T> | undefined): Live<T> {
  let value = $state.raw<T>();
  let fault = $state.raw<Fault>();
  let again = $state(0);
  let asked = 0;

  $effect(() => {
    void again;
    const question = ++asked;
    const answer = ask();
    if (!answer) {
      value = undefined;
      fault = undefined;
      return;
    }
    answer.then(
      (result) => {
        if (question !== asked) return;
        value = result;
        fault = undefined;
      },
      (reason: unknown) => {
        if (question !== asked) return;
        if (isSuperseded(reason)) return again++;
        value = undefined;
        fault = asFault(reason);
      },
    );
  });

  $effect(() =>
    changes.listen((change) => {
      if (change.tables.some((table) => tables.includes(named(table)))) untrack(() => again++);
    }),
  );

  return {
    get value() {
      return value;
    },
    get fault() {
      return fault;
    },
    refresh: () => again++,
  };
}
