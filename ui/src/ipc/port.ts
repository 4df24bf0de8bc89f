import type {
  AlikeSettled,
  AuthorChoice,
  AuthorField,
  AuthorQuery,
  AuthorRecord,
  AuthorRef,
  AuthorRow,
  BookField,
  BookQuery,
  BookRecord,
  BookRow,
  BooksOfDeleted,
  Audited,
  CatalogueTold,
  Changed,
  Coded,
  Compared,
  ConflictTold,
  ConnectionTexts,
  ConnectionTold,
  ContributionRow,
  Decision,
  DraftKept,
  ImportProgress,
  ImportTally,
  NewBook,
  Role,
  Rows,
  SetAside,
  Status,
  Step,
  SyncState,
  Tried,
  Used,
} from './bindings';

/** The tables the core reports changes of. */
export type TableName = 'author' | 'book' | 'contribution' | 'conflict';

/** What a call is rejected with: the core's code, field and sentence. */
export class Fault extends Error implements Coded {
  readonly code: Coded['code'];
  readonly field: string | null;

  constructor({ code, field, message }: Coded) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.field = field;
  }
}

/** Whatever was thrown, as a fault; only a bug throws anything else. */
export function asFault(reason: unknown): Fault {
  if (reason instanceof Fault) return reason;
  return new Fault({
    code: 'internal',
    field: null,
    message: reason instanceof Error ? reason.message : String(reason),
  });
}

/** Stops listening. */
export type Stop = () => void;

/** Everything the window can ask of the core. A rejected call is rejected with a {@link Fault}. */
export interface Catalogue {
  booksPage(query: BookQuery, page: number, perPage: number): Promise<Rows<BookRow>>;
  booksRows(ids: string[]): Promise<BookRow[]>;
  bookIndex(query: BookQuery, id: string): Promise<number | null>;
  book(id: string): Promise<BookRecord>;
  bookCreate(book: NewBook): Promise<BookRecord>;
  bookSet(id: string, field: BookField, text: string): Promise<BookRecord>;
  bookSetAuthor(id: string, author: AuthorChoice): Promise<BookRecord>;
  bookDelete(id: string): Promise<void>;

  authorsPage(query: AuthorQuery, page: number, perPage: number): Promise<Rows<AuthorRow>>;
  authorsRows(ids: string[]): Promise<AuthorRow[]>;
  authorIndex(query: AuthorQuery, id: string): Promise<number | null>;
  author(id: string): Promise<AuthorRecord>;
  authorSuggest(text: string): Promise<AuthorRef[]>;
  authorCreate(name: string): Promise<AuthorRecord>;
  authorSet(id: string, field: AuthorField, text: string): Promise<AuthorRecord>;
  authorDelete(id: string, books: BooksOfDeleted): Promise<void>;

  contributionsBy(author: string, page: number, perPage: number): Promise<Rows<ContributionRow>>;
  contributionAdd(book: string, author: AuthorChoice, role: Role): Promise<BookRecord>;
  contributionSetRole(id: string, role: Role): Promise<BookRecord>;
  contributionMove(id: string, places: number): Promise<BookRecord>;
  contributionRemove(id: string): Promise<BookRecord>;

  /** Says that the first rows are painted, so that the window may be shown. */
  painted(): Promise<void>;
  /** Tries once more to open the file. */
  openAgain(): Promise<void>;
  status(): Promise<Status>;
  importChoose(): Promise<string | null>;
  importFile(path: string): Promise<ImportTally>;
  loadSample(): Promise<ImportTally>;
  /** What nobody has settled, the oldest first. */
  conflictsPage(page: number, perPage: number): Promise<Rows<ConflictTold>>;
  /** Settles all of these or none; resolves to how many. */
  conflictsSettle(ids: string[], decision: Decision): Promise<number>;
  conflictsAlike(): Promise<number>;
  conflictsSettleAlike(decision: Decision): Promise<AlikeSettled>;
  syncNow(): Promise<void>;
  /** The rows that the server did not take. */
  setAside(): Promise<SetAside>;
  /** Compares everything with the server, and heals what differs. */
  syncVerify(): Promise<Compared>;
  /** Adds up every edit by what became of it. */
  syncAudit(): Promise<Audited>;

  /** The settings of the server as they hold. */
  connection(): Promise<ConnectionTold>;
  /** Tries settings without using them; an empty password stands for the one that is known. */
  connectionTry(texts: ConnectionTexts, password: string): Promise<Tried>;
  /** Keeps settings and uses them. */
  connectionUse(texts: ConnectionTexts, password: string): Promise<Used>;

  /** What was typed into this catalogue's fields and is not kept in its records yet. */
  drafts(): Promise<DraftKept[]>;
  /** Writes drafts down; one without content is forgotten. */
  draftsKeep(drafts: DraftKept[]): Promise<void>;

  catalogues(): Promise<CatalogueTold[]>;
  catalogueChoose(): Promise<string | null>;
  /** Makes a new catalogue and goes to it. */
  catalogueMake(name: string): Promise<void>;
  /** Goes to the catalogue in a file. */
  catalogueOpen(file: string): Promise<void>;
  /** Takes a catalogue off the list; its file stays. */
  catalogueForget(file: string): Promise<void>;

  /** Undoes the last act or asks about it; `asked` is the number of the act that a person was asked about and agreed to. */
  undo(asked: string | null): Promise<Step>;
  redo(asked: string | null): Promise<Step>;

  onChanged(listener: (change: Changed) => void): Promise<Stop>;
  onSyncState(listener: (state: SyncState) => void): Promise<Stop>;
  onImportProgress(listener: (progress: ImportProgress) => void): Promise<Stop>;
}
