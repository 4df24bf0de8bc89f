import type {
  Audited,
  CatalogueTold,
  Compared,
  ConnectionTexts,
  ConnectionTold,
  DraftKept,
  Tried,
  Used,
} from './bindings';
import { refuse } from './made-up-rules';

/** A server, and catalogues beside the made-up one, that answer as they are told to. */
export class MadeUpServer {
  /** The settings as they hold. */
  settings: ConnectionTold = {
    values: {
      server: '',
      port: '',
      database: '',
      schema: '',
      user: '',
      protection: '',
      certificates: '',
      sign_in: '',
    },
    fixed: [],
    settings_file: '/home/ada/.config/colophon/settings.toml',
  };
  /** What a try comes to. */
  tried: Tried = { kind: 'ready', revision: 8412, server_version: '15.14' };
  /** What became of the password. */
  used: Used = { password_not_kept: null };
  /** The settings and passwords that were used. */
  readonly connected: { texts: ConnectionTexts; password: string }[] = [];
  /** What a comparison finds. */
  compared: Compared = {
    revision: 8412,
    at: '2026-11-23T12:03:00.000Z',
    same: 12431,
    waiting: 0,
    hidden: 0,
    healed_total: 0,
    healed: [],
  };
  /** What adding up the edits finds. */
  audited: Audited = {
    edits: 5120,
    at: '2026-11-23T12:03:00.000Z',
    fates: [
      { fate: 'applied', edits: 5100 },
      { fate: 'parked', edits: 20 },
    ],
    unaccounted_total: 0,
    unaccounted: [],
    asked_server: false,
  };
  /** The catalogues that are known. */
  known: CatalogueTold[] = [
    { name: 'catalogue', file: '/home/ada/catalogue.sqlite', schema: null, is_open: true, can_be_forgotten: false },
  ];

  /** What was typed and is not kept, by catalogue. */
  private readonly written = new Map<string, Map<string, string>>();

  drafts = (): Promise<DraftKept[]> =>
    Promise.resolve([...this.ofOpen()].map(([slot, content]) => ({ slot, content })));
  draftsKeep = (drafts: DraftKept[]): Promise<void> => {
    for (const { slot, content } of drafts) {
      if (content === null) this.ofOpen().delete(slot);
      else this.ofOpen().set(slot, content);
    }
    return Promise.resolve();
  };

  private ofOpen(): Map<string, string> {
    const file = this.known.find((one) => one.is_open)?.file ?? '';
    const known = this.written.get(file) ?? new Map<string, string>();
    this.written.set(file, known);
    return known;
  }

  connection = (): Promise<ConnectionTold> => Promise.resolve(this.settings);
  connectionTry = (_texts: ConnectionTexts, _password: string): Promise<Tried> => Promise.resolve(this.tried);
  connectionUse = (texts: ConnectionTexts, password: string): Promise<Used> => {
    this.settings = { ...this.settings, values: texts };
    this.connected.push({ texts, password });
    return Promise.resolve(this.used);
  };

  syncVerify = (): Promise<Compared> => Promise.resolve(this.compared);
  syncAudit = (): Promise<Audited> => Promise.resolve(this.audited);

  catalogues = (): Promise<CatalogueTold[]> => Promise.resolve(this.known);
  catalogueChoose = (): Promise<string | null> => Promise.resolve('/home/ada/east.sqlite');

  catalogueMake = async (name: string): Promise<void> => {
    const file = `/home/ada/${name}.sqlite`;
    if (this.known.some((one) => one.file === file))
      refuse('duplicate', 'name', 'There is a catalogue of this name already.');
    this.show({ name, file, schema: null, is_open: true, can_be_forgotten: true });
  };

  catalogueOpen = async (file: string): Promise<void> => {
    const name = file.replace(/^.*\//, '').replace(/\.sqlite$/, '');
    const known = this.known.find((one) => one.file === file);
    this.show(known ?? { name, file, schema: null, is_open: true, can_be_forgotten: true });
  };
  catalogueForget = (file: string): Promise<void> => {
    this.known = this.known.filter((one) => one.file !== file);
    return Promise.resolve();
  };

  private show(shown: CatalogueTold): void {
    const others = this.known.filter((one) => one.file !== shown.file);
    this.known = [...others.map((one) => ({ ...one, is_open: false })), { ...shown, is_open: true }];
  }
}
