import { asFault, core, type Audited, type Compared } from '../ipc';

/** The last check and its result. It stays until the next check, or the end of the program. */
class Checking {
  comparing = $state(false);
  compared = $state.raw<Compared | null>(null);
  auditing = $state(false);
  audited = $state.raw<Audited | null>(null);
  /** Why the last check failed. */
  fault = $state<string | null>(null);

  /** Compares everything with the server. */
  async compare(): Promise<void> {
    if (this.comparing) return;
    this.comparing = true;
    this.fault = null;
    try {
      this.compared = await core().syncVerify();
    } catch (reason) {
      this.compared = null;
      this.fault = asFault(reason).message;
    } finally {
      this.comparing = false;
    }
  }

  /** Adds up every edit. */
  async audit(): Promise<void> {
    if (this.auditing) return;
    this.auditing = true;
    this.fault = null;
    try {
      this.audited = await core().syncAudit();
    } catch (reason) {
      this.audited = null;
      this.fault = asFault(reason).message;
    } finally {
      this.auditing = false;
    }
  }

  /** Forgets what was found, because it does not hold in another catalogue. */
  forget(): void {
    this.compared = null;
    this.audited = null;
    this.fault = null;
  }
}

export const checking = new Checking();
