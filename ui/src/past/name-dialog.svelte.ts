import type { CalledTold } from '../ipc';

/** The dialog in which a person and this computer are named. */
class NameDialogState {
  called = $state.raw<CalledTold | null>(null);

  show(called: CalledTold): void {
    this.called = called;
  }

  close(): void {
    this.called = null;
  }
}

export const nameDialog = new NameDialogState();
