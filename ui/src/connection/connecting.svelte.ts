import { asFault, core, type ConnectionField, type ConnectionTexts, type Decided, type Tried } from '../ipc';
import { m } from '../paraglide/messages';
import { toasts } from '../undo/toasts.svelte';

const EMPTY: ConnectionTexts = {
  server: '',
  port: '',
  database: '',
  schema: '',
  user: '',
  protection: '',
  certificates: '',
  sign_in: '',
};

/** What is typed into the connection screen, and the result of trying it. */
export class Connecting {
  texts = $state<ConnectionTexts>({ ...EMPTY });
  password = $state('');
  fixed = $state.raw<ConnectionField[]>([]);
  decided = $state.raw<Decided[]>([]);
  settingsFile = $state('');
  /** Whether the fields are ready to be filled in. */
  ready = $state(false);
  /** The result of trying exactly these settings; null if they were not tried, or have changed since. */
  tried = $state.raw<Tried | null>(null);
  /** What is wrong with a field before anything can be tried. */
  fault = $state.raw<{ field: string | null; message: string } | null>(null);
  busy = $state(false);
  /** Counts the tries, so that an answer to settings that were changed meanwhile is dropped. */
  private asked = 0;

  /** Shows the settings that are in effect. */
  async load(): Promise<void> {
    try {
      const told = await core().connection();
      this.texts = { ...told.values };
      this.fixed = told.fixed;
      this.decided = told.decided;
      this.settingsFile = told.settings_file;
      this.ready = true;
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  /** Why a field cannot be changed here, in words; undefined if it can. */
  whyFixed(field: ConnectionField): string | undefined {
    if (!this.fixed.includes(field)) return undefined;
    const decided = this.decided.find((one) => one.field === field);
    if (!decided) return m.connection_fixed_with_server();
    return decided.file === null ? m.connection_fixed() : m.connection_fixed_in({ file: decided.file });
  }

  /** Where what is set here is stored, in words; undefined if nothing can be set here. */
  get whereKept(): string | undefined {
    if (this.fixed.includes('server')) return undefined;
    const words = this.fixed.length > 0 ? m.connection_rest_kept_in : m.connection_kept_in;
    return words({ file: this.settingsFile });
  }

  /** Lets a person choose the file with the certificates to trust. */
  async chooseCertificates(): Promise<void> {
    try {
      const file = await core().certificatesChoose();
      if (file === null) return;
      this.texts.certificates = file;
      this.changed();
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  /** Whether a text is a line that somebody was sent, which fills in all fields. */
  static isInvitation(text: string): boolean {
    return /^\s*postgres(ql)?:\/\//i.test(text);
  }

  /** Fills in the fields as such a line says. Those that are decided elsewhere stay. */
  async read(line: string): Promise<void> {
    this.changed();
    try {
      const { values, password } = await core().connectionRead(line);
      for (const [name, value] of Object.entries(values) as [keyof ConnectionTexts, string][]) {
        if (!this.fixed.includes(name)) this.texts[name] = value;
      }
      if (password && !this.fixed.includes('password')) this.password = password;
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  /** What was found applies only to what was tried. */
  changed(): void {
    this.asked++;
    this.tried = null;
    this.fault = null;
  }

  /** The field that has something wrong with it. */
  get wrong(): string | null {
    if (this.fault) return this.fault.field;
    if (this.tried?.kind === 'stopped') return this.tried.field;
    if (this.tried?.kind === 'not_prepared') return 'schema';
    return this.tried?.kind === 'read_only' ? 'user' : null;
  }

  /** Whether a person has seen what is wrong with exactly these settings, and may use them all the same. */
  get warned(): boolean {
    return this.tried !== null && this.tried.kind !== 'ready';
  }

  /** Tries the settings. */
  async try(): Promise<Tried | null> {
    this.changed();
    const question = this.asked;
    this.busy = true;
    try {
      const tried = await core().connectionTry(this.texts, this.password);
      if (question === this.asked) this.tried = tried;
    } catch (reason) {
      if (question === this.asked) this.fault = asFault(reason);
    } finally {
      this.busy = false;
    }
    return this.tried;
  }

  /**
   * Uses the settings, after trying them; resolves to whether they are in use. What only a person can fix is shown
   * first.
   */
  async use(): Promise<boolean> {
    const local = this.texts.server.trim() === '';
    if (!local && !this.warned && this.tried?.kind !== 'ready') {
      const tried = await this.try();
      if (tried?.kind !== 'ready' && !(tried?.kind === 'stopped' && tried.may_pass)) return false;
    }
    this.busy = true;
    try {
      const used = await core().connectionUse(this.texts, this.password);
      this.tell(local, used.password_not_kept);
      return true;
    } catch (reason) {
      this.fault = asFault(reason);
      return false;
    } finally {
      this.busy = false;
    }
  }

  private tell(local: boolean, passwordNotKept: string | null): void {
    if (passwordNotKept !== null) toasts.complain(`${m.connection_password_not_kept()} ${passwordNotKept}`);
    else if (local) toasts.tell(m.connection_used_local());
    else toasts.tell(this.tried?.kind === 'ready' ? m.connection_used() : m.connection_used_away());
  }
}
