import { asFault, core, type Fault, type ImportProgress, type ImportTally } from '../ipc';

/** The import that is under way or was the last, for the sheet that reports on it. */
class Importing {
  /** What is being imported, as a person knows it; null when the sheet is closed. */
  name = $state<string | null>(null);
  progress = $state.raw<ImportProgress | null>(null);
  tally = $state.raw<ImportTally | null>(null);
  fault = $state.raw<Fault | null>(null);

  get running(): boolean {
    return this.name !== null && this.tally === null && this.fault === null;
  }

  /** Runs an import and keeps what it reports. */
  async run(name: string, work: () => Promise<ImportTally>): Promise<void> {
    if (this.running) return;
    this.name = name;
    this.progress = null;
    this.tally = null;
    this.fault = null;
    const stop = await core().onImportProgress((progress) => (this.progress = progress));
    try {
      this.tally = await work();
    } catch (reason) {
      this.fault = asFault(reason);
    } finally {
      stop();
    }
  }

  /** Closes the sheet; it cannot be closed while an import is under way. */
  close(): void {
    if (!this.running) this.name = null;
  }
}

export const importing = new Importing();
