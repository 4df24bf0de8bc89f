import { asFault, core } from '../ipc';
import { toasts } from '../undo/toasts.svelte';

/** The report for whoever helps, while it is shown. */
class Support {
  report = $state<string | null>(null);

  async show(): Promise<void> {
    try {
      this.report = await core().supportReport();
    } catch (reason) {
      toasts.complain(asFault(reason).message);
    }
  }

  close(): void {
    this.report = null;
  }
}

export const support = new Support();
