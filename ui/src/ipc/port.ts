import type {
  ActivityTold,
  AgreedGroup,
  AlikeSettled,
  Audited,
  AuthorChoice,
  AuthorRecord,
  AuthorRef,
  BackupFailed,
  BackupTold,
  BookRecord,
  BooksOfDeleted,
  BulkApplied,
  BulkChange,
  BulkField,
  BulkPreview,
  BulkRow,
  CalledTold,
  CatalogueTold,
  Changed,
  Chip,
  ChosenFile,
  CommandError,
  Compare,
  Compared,
  ConflictTold,
  ConnectionTexts,
  ConnectionTold,
  ContributionRow,
  Decision,
  DeletedBy,
  Did,
  DoneTold,
  DraftKept,
  ExportTally,
  ExportTold,
  FacetTold,
  FoundRecord,
  GoOnWith,
  Groups,
  GroupsMerged,
  ImportProgress,
  ImportTally,
  Invitation,
  ListColumn,
  ListQuery,
  ListRow,
  ManyChanged,
  MomentTold,
  MergeChoices,
  MergeProposal,
  ManyExported,
  MovedTold,
  NewBook,
  OneTold,
  QualityTold,
  Quarantine,
  RecordKind,
  RecordList,
  RecordsMerged,
  Role,
  Rows,
  SavedTold,
  Selected,
  SelectionDeleted,
  SelectionTold,
  ServerTold,
  Status,
  Step,
  SyncState,
  TrashedTold,
  TrashRestored,
  Tried,
  TypedTold,
  Used,
  ValueKept,
  ViewNote,
} from './bindings';

/**
 * The tables whose changes the core reports, as far as the window names them; `list` stands for any other, because
 * lists of records are stored there.
 */
export type TableName = 'author' | 'book' | 'contribution' | 'conflict' | 'list';

/** What a call is rejected with: the core's code, field and sentence. */
export class Fault extends Error implements CommandError {
  readonly code: CommandError['code'];
  readonly field: string | null;

  constructor({ code, field, message }: CommandError) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.field = field;
  }
}

/** Turns whatever was thrown into a fault; only a bug throws anything else. */
export function asFault(reason: unknown): Fault {
  if (reason instanceof Fault) return reason;
  return new Fault({
    code: 'internal',
    field: null,
    message: reason instanceof Error ? reason.message : String(reason),
  });
}

/** Whether a question was not answered because the core has heard a newer one in its place. */
export function isSuperseded(reason: unknown): boolean {
  return reason instanceof Fault && reason.code === 'superseded';
}

/** Stops listening. */
export type Stop = () => void;

/** Everything the window can ask of the core. A rejected call is rejected with a {@link Fault}. */
export interface Catalogue {
  /** The columns that a list can have. */
  listColumns(kind: RecordKind): Promise<ListColumn[]>;
  listPage(
    kind: RecordKind,
    query: ListQuery,
    columns: string[],
    page: number,
    perPage: number,
  ): Promise<Rows<ListRow>>;
  listRows(kind: RecordKind, columns: string[], ids: string[]): Promise<ListRow[]>;
  listIndex(kind: RecordKind, query: ListQuery, id: string): Promise<number | null>;
  /** Takes apart what was typed into a search box; when `finished`, the token at its end is, too. */
  searchTyped(kind: RecordKind, text: string, finished: boolean): Promise<TypedTold>;
  /** Filters as they are shown. */
  searchChips(kind: RecordKind, filters: string[]): Promise<Chip[]>;
  /** How the token at the end of what was typed may go on. */
  searchValues(kind: RecordKind, query: ListQuery): Promise<FacetTold | null>;
  /** How often values occur in a list. */
  listFacets(kind: RecordKind, query: ListQuery, most: number): Promise<FacetTold[]>;
  /** The lists of records that want mending. */
  listQuality(kind: RecordKind): Promise<QualityTold[]>;

  /** How many records are chosen, and which of some are among them. */
  selectionTold(kind: RecordKind, selected: Selected, among: string[]): Promise<SelectionTold>;
  /** Deletes chosen records as one act; of many, a person who has not agreed is to be asked first. */
  selectionDelete(kind: RecordKind, selected: Selected, agreed: boolean): Promise<SelectionDeleted>;

  /** All that can be changed in many records at once. */
  bulkFields(kind: RecordKind): Promise<BulkField[]>;
  /** What a change would do; a newer question ends an older one. */
  bulkPreview(kind: RecordKind, selected: Selected, change: BulkChange): Promise<BulkPreview>;
  bulkPage(number: number, page: number, perPage: number): Promise<BulkRow[]>;
  /** Does what the preview of this number has shown, except to some records. */
  bulkApply(number: number, except: string[]): Promise<BulkApplied>;

  /** The groups of records that look the same. */
  duplicatesGroups(kind: RecordKind): Promise<Groups>;
  /** What would become of groups if nobody chose anything. */
  duplicatesProposals(kind: RecordKind, groups: string[][]): Promise<MergeProposal[]>;
  /** Says of records that they are not the same; resolves to what the first is called. */
  duplicatesApart(kind: RecordKind, records: string[]): Promise<string>;
  /** The chosen records, if there is room for them side by side. */
  mergeChosen(kind: RecordKind, selected: Selected): Promise<string[]>;
  /** Records side by side, and what they would become. */
  mergeCompared(kind: RecordKind, records: string[], choices: MergeChoices): Promise<Compare>;
  /** Makes one record of several as it was seen. */
  mergeRecords(kind: RecordKind, records: string[], choices: MergeChoices, seen: string): Promise<RecordsMerged>;
  /** Makes one record of each of these groups as proposed. */
  mergeAll(kind: RecordKind, groups: AgreedGroup[]): Promise<GroupsMerged>;
  /** What an export of chosen records would have in it, or of all there is, and the ways to write it. */
  exportTold(kind: RecordKind, selected: Selected | null): Promise<ExportTold>;
  /** Lets a person say where an export goes; `name` is what the file may be called. */
  exportChoose(format: string, name: string): Promise<ChosenFile | null>;
  /** Writes an export, whole or not at all. */
  exportWrite(
    kind: RecordKind,
    selected: Selected | null,
    format: string,
    forSpreadsheet: boolean,
    token: number,
  ): Promise<ExportTally>;
  /** Leaves off the export that is under way; it is rejected as superseded. */
  exportLeaveOff(): Promise<void>;
  /** One page of chosen records in an order of its own. */
  printRows(
    kind: RecordKind,
    selected: Selected,
    sort: string,
    columns: string[],
    page: number,
    perPage: number,
  ): Promise<Rows<ListRow>>;
  /** Opens the system's dialog, in which the page is printed. */
  printDialog(): Promise<void>;
  /** The first records of each kind that what was typed finds. */
  paletteRecords(text: string): Promise<FoundRecord[]>;

  book(id: string): Promise<BookRecord>;
  bookCreate(book: NewBook): Promise<BookRecord>;
  bookSet(id: string, field: string, text: string): Promise<BookRecord>;
  bookSetAuthor(id: string, author: AuthorChoice): Promise<BookRecord>;
  bookDelete(id: string): Promise<void>;

  author(id: string): Promise<AuthorRecord>;
  /** Who may be meant; `typedInto` names the box, in which a newer question ends an older one. */
  authorSuggest(typedInto: string, text: string): Promise<AuthorRef[]>;
  authorCreate(name: string): Promise<AuthorRecord>;
  authorSet(id: string, field: string, text: string): Promise<AuthorRecord>;
  authorDelete(id: string, books: BooksOfDeleted): Promise<void>;

  contributionsBy(author: string, page: number, perPage: number): Promise<Rows<ContributionRow>>;
  contributionAdd(book: string, author: AuthorChoice, role: Role): Promise<BookRecord>;
  contributionSetRole(id: string, role: Role): Promise<BookRecord>;
  contributionMove(id: string, positions: number): Promise<BookRecord>;
  contributionRemove(id: string): Promise<BookRecord>;

  /** Adds what was typed to a list of a record; resolves to its lists as they are then. */
  belongingAdd(kind: RecordKind, id: string, list: string, text: string): Promise<RecordList[]>;
  belongingRemove(kind: RecordKind, id: string, list: string, row: string): Promise<RecordList[]>;

  /** Says that the first rows are painted, so that the window may be shown. */
  painted(): Promise<void>;
  /** Says that what was being typed is written down, so that the program may end. */
  mayLeave(): Promise<void>;
  /** Remembers how the window looks and where a person is in it; resolves when that is on the disk. */
  viewNotesKeep(notes: ViewNote[]): Promise<void>;
  /** Tries once more to open the file. */
  openAgain(): Promise<void>;
  status(): Promise<Status>;
  /** Lets a person choose a file. No call takes a path: a chosen file is named by its token. */
  importChoose(): Promise<ChosenFile | null>;
  importFile(token: number): Promise<ImportTally>;
  loadSample(): Promise<ImportTally>;
  /** What nobody has settled, oldest first. */
  conflictsPage(page: number, perPage: number): Promise<Rows<ConflictTold>>;
  /** Settles all of these or none; resolves to how many. */
  conflictsSettle(ids: string[], decision: Decision): Promise<number>;
  conflictsAlike(): Promise<number>;
  conflictsSettleAlike(decision: Decision): Promise<AlikeSettled>;
  syncNow(): Promise<void>;
  /** The rows that are quarantined. */
  quarantine(): Promise<Quarantine>;
  /** Compares everything with the server, and heals what differs. */
  syncVerify(): Promise<Compared>;
  /** Adds up every edit by what became of it. */
  syncAudit(): Promise<Audited>;

  /** The settings of the server that are in effect. */
  connection(): Promise<ConnectionTold>;
  /** What a line that was sent to a person says. */
  connectionRead(line: string): Promise<Invitation>;
  /** Tries settings without using them; an empty password stands for the known one. */
  connectionTry(texts: ConnectionTexts, password: string): Promise<Tried>;
  /** Stores settings and uses them. */
  connectionUse(texts: ConnectionTexts, password: string): Promise<Used>;
  /** Lets a person choose the file with the certificates to trust. */
  certificatesChoose(): Promise<string | null>;

  /** What became of the open file, if it is not where it was. */
  catalogueMoved(): Promise<MovedTold | null>;
  /** Goes on with one of the two. */
  catalogueGoOn(which: GoOnWith): Promise<void>;

  /** What was typed into this catalogue's fields and is not saved in its records yet. */
  drafts(): Promise<DraftKept[]>;
  /**
   * Writes drafts down; one without content is forgotten. Resolves to the slots of those that are too long to be kept.
   */
  draftsKeep(drafts: DraftKept[]): Promise<string[]>;

  catalogues(): Promise<CatalogueTold[]>;
  catalogueChoose(): Promise<ChosenFile | null>;
  /** Makes a new catalogue and moves to it. */
  catalogueMake(name: string): Promise<void>;
  /** Moves to a catalogue that was chosen or is known. */
  catalogueOpen(token: number): Promise<void>;
  /** Takes a catalogue off the list; its file stays. */
  catalogueForget(token: number): Promise<void>;

  /** The newest backup of a file that is damaged. */
  rescueBackup(): Promise<BackupTold | null>;
  /** What the server has of a catalogue whose file is damaged. */
  rescueServer(): Promise<ServerTold | null>;
  /** Goes back to the newest backup; resolves to the name under which the damaged file is kept. */
  rescueRestore(): Promise<string | null>;
  /** Begins a new file, which is filled from the server; resolves to the name under which the damaged one is kept. */
  rescueFetch(): Promise<string | null>;
  /** Puts the file aside and begins an empty one; resolves to the name under which the old one is kept. */
  rescueBegin(): Promise<string | null>;
  /** Writes what can still be read beside the damaged file. */
  rescueSave(): Promise<SavedTold>;

  /** Undoes the last act or asks about it; `asked` is the number of the act that a person was asked about and agreed to. */
  undo(asked: string | null): Promise<Step>;
  /** Undoes the act that a person was just told of, whatever has been done since. */
  undoTold(act: Did, id: string | null): Promise<Step>;
  redo(asked: string | null): Promise<Step>;

  /** The acts before one of them, latest first; null begins with the latest of all. */
  actsPage(before: string | null, perPage: number): Promise<DoneTold[]>;
  /** Undoes one act out of the middle, or nothing of it if something is in the way. */
  actUndo(number: string): Promise<OneTold>;
  actRedo(number: string): Promise<OneTold>;
  trashPage(page: number, perPage: number): Promise<Rows<TrashedTold>>;
  trashCount(): Promise<number>;
  /** Who deleted these records elsewhere, according to the server. */
  trashBy(ids: string[]): Promise<DeletedBy[]>;
  /** Restores these records, or all. */
  trashRestore(ids: string[] | null): Promise<TrashRestored>;
  trashEmpty(): Promise<number>;
  /** What was done to a record, latest first; `elsewhere` asks the server as well. */
  recordTimeline(kind: RecordKind, id: string, elsewhere: boolean): Promise<MomentTold[]>;
  /** Gives a record back what its fields said once; resolves to how many have another value now. */
  recordPutBack(kind: RecordKind, id: string, values: ValueKept[]): Promise<number>;
  activityHere(since: string): Promise<ActivityTold[]>;
  /** What others did; `ask` asks the server, otherwise the records that have come from it have to do. */
  activityElsewhere(since: string, ask: boolean): Promise<ActivityTold[]>;
  /** What the person and this computer are called. */
  called(): Promise<CalledTold>;
  calledSet(person: string, device: string): Promise<CalledTold>;

  onChanged(listener: (change: Changed) => void): Promise<Stop>;
  /** How far a change of many records has come. */
  onManyChanged(listener: (come: ManyChanged) => void): Promise<Stop>;
  /** How far an export has come. */
  onManyExported(listener: (come: ManyExported) => void): Promise<Stop>;
  onSyncState(listener: (state: SyncState) => void): Promise<Stop>;
  /** The program is about to end, and waits for {@link mayLeave}. */
  onAboutToLeave(listener: () => void): Promise<Stop>;
  onBackupFailed(listener: (failed: BackupFailed) => void): Promise<Stop>;
  onImportProgress(listener: (progress: ImportProgress) => void): Promise<Stop>;
}
