import type { Did } from '../ipc';

/** How long a toast stays; it waits while the pointer or the focus is on it. */
export const TOAST_MS = 8000;

/** An act that a person is told of: its kind, and the record that it is about, if it is about one. */
export interface Told {
  act: Did;
  id: string | null;
}

/** A sentence about something that just happened. */
export interface Toast {
  id: number;
  text: string;
  /** What it offers to undo: the act that it reports. */
  undo: Told | null;
  wrong: boolean;
}

class Toasts {
  /** The one that is shown; a newer one replaces it. */
  current = $state.raw<Toast | null>(null);
  private count = 0;

  /** Says that something was done. */
  tell(text: string, options: { undo?: Told } = {}): void {
    this.current = { id: ++this.count, text, undo: options.undo ?? null, wrong: false };
  }

  /** Says that something could not be done. */
  complain(text: string): void {
    this.current = { id: ++this.count, text, undo: null, wrong: true };
  }

  /** Removes the toast, if it is still that one. */
  dismiss(id: number): void {
    if (this.current?.id === id) this.current = null;
  }
}

export const toasts = new Toasts();
