import type {
  Audited,
  BackupTold,
  CatalogueTold,
  ChosenFile,
  Compared,
  ConnectionTexts,
  ConnectionTold,
  DraftKept,
  GoOnWith,
  Invitation,
  MovedTold,
  ServerTold,
  Tried,
  Used,
  ViewNote,
} from './bindings';
import type { Stop } from './port';
import { refuse } from './made-up-rules';

/** The most letters of a draft that are kept. */
const DRAFT_MAX = 10_000;

/** A server, and catalogues besides the made-up one, that answer as they are told to. */
export class MadeUpServer {
  /** The settings in effect. */
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
    decided: [],
    settings_file: '/home/ada/.config/colophon/settings.toml',
  };
  /** What a line says that somebody was sent; null if it cannot be read. */
  invitation: Invitation | null = null;
  /** The result of a try. */
  tried: Tried = { kind: 'ready', revision: 8412, server_version: '15.14' };
  /** What happened to the password. */
  used: Used = { password_not_kept: null };
  /** The settings and passwords that were used. */
  readonly connected: { texts: ConnectionTexts; password: string }[] = [];
  /** The result of a comparison. */
  compared: Compared = {
    revision: 8412,
    at: '2026-11-23T12:03:00.000Z',
    same: 12431,
    waiting: 0,
    hidden: 0,
    healed_total: 0,
    healed: [],
  };
  /** The result of adding up the edits. */
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
    {
      name: 'catalogue',
      file: '/home/ada/catalogue.sqlite',
      token: 0,
      schema: null,
      is_open: true,
      can_be_forgotten: false,
    },
  ];

  /** Catalogues that were chosen or made. */
  private readonly given: CatalogueTold[] = [];
  /** What was typed and is not saved, by catalogue. */
  private readonly written = new Map<string, Map<string, string>>();

  drafts = (): Promise<DraftKept[]> =>
    Promise.resolve([...this.ofOpen()].map(([slot, content]) => ({ slot, content })));
  draftsKeep = (drafts: DraftKept[]): Promise<string[]> => {
    const fits = ({ content }: DraftKept) => (content?.length ?? 0) <= DRAFT_MAX;
    for (const { slot, content } of drafts.filter(fits)) {
      if (content === null) this.ofOpen().delete(slot);
      else this.ofOpen().set(slot, content);
    }
    return Promise.resolve(drafts.filter((draft) => !fits(draft)).map(({ slot }) => slot));
  };

  private ofOpen(): Map<string, string> {
    const file = this.known.find((one) => one.is_open)?.file ?? '';
    const known = this.written.get(file) ?? new Map<string, string>();
    this.written.set(file, known);
    return known;
  }

  connection = (): Promise<ConnectionTold> => Promise.resolve(this.settings);
  connectionRead = async (_line: string): Promise<Invitation> =>
    Promise.resolve(this.invitation ?? refuse('invalid', 'server', 'This is no address.'));
  connectionTry = (_texts: ConnectionTexts, _password: string): Promise<Tried> => Promise.resolve(this.tried);
  connectionUse = (texts: ConnectionTexts, password: string): Promise<Used> => {
    this.settings = { ...this.settings, values: texts };
    this.connected.push({ texts, password });
    return Promise.resolve(this.used);
  };

  /** What the window has asked to be remembered, in order. */
  readonly remembered: ViewNote[] = [];
  viewNotesKeep = (notes: ViewNote[]): Promise<void> => Promise.resolve(void this.remembered.push(...notes));

  mayLeave = (): Promise<void> => Promise.resolve();
  onAboutToLeave = (): Promise<Stop> => Promise.resolve(() => undefined);

  certificatesChoose = (): Promise<string | null> => Promise.resolve('/home/ada/root.pem');

  syncVerify = (): Promise<Compared> => Promise.resolve(this.compared);
  syncAudit = (): Promise<Audited> => Promise.resolve(this.audited);

  catalogues = (): Promise<CatalogueTold[]> => Promise.resolve(this.known);
  catalogueChoose = (): Promise<ChosenFile | null> => {
    return Promise.resolve({ token: this.give('/home/ada/east.sqlite').token, name: 'east.sqlite' });
  };

  catalogueMake = async (name: string): Promise<void> => {
    const file = `/home/ada/${name}.sqlite`;
    if (this.known.some((one) => one.file === file))
      refuse('duplicate', 'name', 'There is a catalogue of this name already.');
    this.show(this.give(file));
  };

  catalogueOpen = async (token: number): Promise<void> => {
    const known = this.given.find((one) => one.token === token) ?? this.known.find((one) => one.token === token);
    if (known) this.show(known);
  };
  catalogueForget = (token: number): Promise<void> => {
    this.known = this.known.filter((one) => one.token !== token);
    return Promise.resolve();
  };

  /** The catalogue in a file, as the core reports it once it was given. */
  private give(file: string): CatalogueTold {
    const name = file.replace(/^.*\//, '').replace(/\.sqlite$/, '');
    const token = 100 + this.given.length;
    const told = { name, file, token, schema: null, is_open: true, can_be_forgotten: true };
    this.given.push(told);
    return told;
  }

  /** The open file, and whether it can only be read. */
  get file(): string {
    return this.known.find((one) => one.is_open)?.file ?? '';
  }
  readOnly = false;
  /** What became of it. */
  moved: MovedTold | null = null;
  /** Which file was chosen to go on with. */
  wentOnWith: GoOnWith | null = null;

  catalogueMoved = (): Promise<MovedTold | null> => Promise.resolve(this.moved);
  catalogueGoOn = (which: GoOnWith): Promise<void> => {
    this.wentOnWith = which;
    this.moved = null;
    return Promise.resolve();
  };

  private show(shown: CatalogueTold): void {
    const others = this.known.filter((one) => one.file !== shown.file);
    this.known = [...others.map((one) => ({ ...one, is_open: false })), { ...shown, is_open: true }];
  }

  /** What there is to go back to when the file is damaged. */
  backup: BackupTold | null = { at: '2026-11-26T09:41:05.000Z', books: 298, authors: 120 };
  rescueBackup = () => Promise.resolve(this.backup);
  rescueServer = (): Promise<ServerTold | null> => Promise.resolve(null);
  rescueRestore = () => Promise.resolve('/home/ada/colophon-replaced.sqlite');
  rescueFetch = () => Promise.resolve('/home/ada/colophon-replaced.sqlite');
  rescueBegin = () => Promise.resolve('/home/ada/colophon-replaced.sqlite');
  rescueSave = () =>
    Promise.resolve({
      file: '/home/ada/colophon-saved.json',
      books: 296,
      authors: 120,
      lost: 2,
      list: '/home/ada/colophon-missing.txt',
      has_gaps: false,
      waiting: 0,
      deletions: 0,
      besides_unread: false,
    });
  /** Backups of made-up catalogues never fail. */
  onBackupFailed = () => Promise.resolve(() => undefined);
}
