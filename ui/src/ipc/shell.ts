import { commands, events, type CommandError } from './bindings';
import { Fault, type Catalogue } from './port';

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: CommandError };

/** Turns an answer into a value, or throws the fault that it carries. */
async function value<T>(answer: Promise<Answer<T>>): Promise<T> {
  const told = await answer;
  if (told.status === 'error') throw new Fault(told.error);
  return told.data;
}

/** The core behind the real window. */
export const shell: Catalogue = {
  listColumns: (kind) => value(commands.listColumns(kind)),
  listPage: (kind, query, columns, page, perPage) => value(commands.listPage(kind, query, columns, page, perPage)),
  listRows: (kind, columns, ids) => value(commands.listRows(kind, columns, ids)),
  listIndex: (kind, query, id) => value(commands.listIndex(kind, query, id)),
  searchTyped: (kind, text, finished) => value(commands.searchTyped(kind, text, finished)),
  searchChips: (kind, filters) => value(commands.searchChips(kind, filters)),
  searchValues: (kind, query) => value(commands.searchValues(kind, query)),
  listFacets: (kind, query, most) => value(commands.listFacets(kind, query, most)),
  listQuality: (kind) => value(commands.listQuality(kind)),

  selectionTold: (kind, selected, among) => value(commands.selectionTold(kind, selected, among)),
  selectionDelete: (kind, selected, agreed) => value(commands.selectionDelete(kind, selected, agreed)),

  bulkFields: (kind) => value(commands.bulkFields(kind)),
  bulkPreview: (kind, selected, change) => value(commands.bulkPreview(kind, selected, change)),
  bulkPage: (number, page, perPage) => value(commands.bulkPage(number, page, perPage)),
  bulkApply: (number, except) => value(commands.bulkApply(number, except)),

  duplicatesGroups: (kind) => value(commands.duplicatesGroups(kind)),
  duplicatesProposals: (kind, groups) => value(commands.duplicatesProposals(kind, groups)),
  duplicatesApart: (kind, records) => value(commands.duplicatesApart(kind, records)),
  mergeChosen: (kind, selected) => value(commands.mergeChosen(kind, selected)),
  mergeCompared: (kind, records, choices) => value(commands.mergeCompared(kind, records, choices)),
  mergeRecords: (kind, records, choices, seen) => value(commands.mergeRecords(kind, records, choices, seen)),
  mergeAll: (kind, groups) => value(commands.mergeAll(kind, groups)),
  exportTold: (kind, selected) => value(commands.exportTold(kind, selected)),
  exportChoose: (format, name) => value(commands.exportChoose(format, name)),
  exportWrite: (kind, selected, format, forSpreadsheet, token) =>
    value(commands.exportWrite(kind, selected, format, forSpreadsheet, token)),
  exportLeaveOff: async () => void (await value(commands.exportLeaveOff())),
  printRows: (kind, selected, sort, columns, page, perPage) =>
    value(commands.printRows(kind, selected, sort, columns, page, perPage)),
  printDialog: async () => void (await value(commands.printDialog())),
  paletteRecords: (text) => value(commands.paletteRecords(text)),

  book: (id) => value(commands.book(id)),
  bookCreate: (book) => value(commands.bookCreate(book)),
  bookSet: (id, field, text) => value(commands.bookSet(id, field, text)),
  bookSetAuthor: (id, author) => value(commands.bookSetAuthor(id, author)),
  bookDelete: async (id) => void (await value(commands.bookDelete(id))),

  author: (id) => value(commands.author(id)),
  authorSuggest: (typedInto, text) => value(commands.authorSuggest(typedInto, text)),
  authorCreate: (name) => value(commands.authorCreate(name)),
  authorSet: (id, field, text) => value(commands.authorSet(id, field, text)),
  authorDelete: async (id, books) => void (await value(commands.authorDelete(id, books))),

  contributionsBy: (author, page, perPage) => value(commands.contributionsBy(author, page, perPage)),
  contributionAdd: (book, author, role) => value(commands.contributionAdd(book, author, role)),
  contributionSetRole: (id, role) => value(commands.contributionSetRole(id, role)),
  contributionMove: (id, positions) => value(commands.contributionMove(id, positions)),
  contributionRemove: (id) => value(commands.contributionRemove(id)),

  belongingAdd: (kind, id, list, text) => value(commands.belongingAdd(kind, id, list, text)),
  belongingRemove: (kind, id, list, row) => value(commands.belongingRemove(kind, id, list, row)),

  painted: async () => void (await value(commands.painted())),
  mayLeave: async () => void (await value(commands.mayLeave())),
  openAgain: async () => void (await value(commands.openAgain())),
  status: () => value(commands.status()),
  importChoose: () => value(commands.importChoose()),
  importFile: (token) => value(commands.importFile(token)),
  loadSample: () => value(commands.loadSample()),
  conflictsPage: (page, perPage) => value(commands.conflictsPage(page, perPage)),
  conflictsSettle: (ids, decision) => value(commands.conflictsSettle(ids, decision)),
  conflictsAlike: () => value(commands.conflictsAlike()),
  conflictsSettleAlike: (decision) => value(commands.conflictsSettleAlike(decision)),
  syncNow: async () => void (await value(commands.syncNow())),
  quarantine: () => value(commands.quarantine()),
  syncVerify: () => value(commands.syncVerify()),
  syncAudit: () => value(commands.syncAudit()),

  connection: () => value(commands.connection()),
  connectionRead: (line) => value(commands.connectionRead(line)),
  connectionTry: (texts, password) => value(commands.connectionTry(texts, password)),
  connectionUse: (texts, password) => value(commands.connectionUse(texts, password)),
  certificatesChoose: () => value(commands.certificatesChoose()),

  catalogueMoved: () => value(commands.catalogueMoved()),
  catalogueGoOn: async (which) => void (await value(commands.catalogueGoOn(which))),

  viewNotesKeep: async (notes) => void (await value(commands.viewNotesKeep(notes))),
  drafts: () => value(commands.drafts()),
  draftsKeep: (drafts) => value(commands.draftsKeep(drafts)),

  catalogues: () => value(commands.catalogues()),
  catalogueChoose: () => value(commands.catalogueChoose()),
  catalogueMake: async (name) => void (await value(commands.catalogueMake(name))),
  catalogueOpen: async (token) => void (await value(commands.catalogueOpen(token))),
  catalogueForget: async (token) => void (await value(commands.catalogueForget(token))),

  rescueBackup: () => value(commands.rescueBackup()),
  rescueServer: () => value(commands.rescueServer()),
  rescueRestore: () => value(commands.rescueRestore()),
  rescueFetch: () => value(commands.rescueFetch()),
  rescueBegin: () => value(commands.rescueBegin()),
  rescueSave: () => value(commands.rescueSave()),

  undo: (asked) => value(commands.undoAct(asked)),
  undoTold: (act, id) => value(commands.undoTold(act, id)),
  redo: (asked) => value(commands.redoAct(asked)),

  actsPage: (before, perPage) => value(commands.actsPage(before, perPage)),
  actUndo: (number) => value(commands.actUndo(number)),
  actRedo: (number) => value(commands.actRedo(number)),
  trashPage: (page, perPage) => value(commands.trashPage(page, perPage)),
  trashCount: () => value(commands.trashCount()),
  trashBy: (ids) => value(commands.trashBy(ids)),
  trashRestore: (ids) => value(commands.trashRestore(ids)),
  trashEmpty: () => value(commands.trashEmpty()),
  recordTimeline: (kind, id, elsewhere) => value(commands.recordTimeline(kind, id, elsewhere)),
  recordPutBack: (kind, id, values) => value(commands.recordPutBack(kind, id, values)),
  activityHere: (since) => value(commands.activityHere(since)),
  activityElsewhere: (since, ask) => value(commands.activityElsewhere(since, ask)),
  called: () => value(commands.called()),
  calledSet: (person, device) => value(commands.calledSet(person, device)),

  onChanged: (listener) => events.changed.listen((event) => listener(event.payload)),
  onManyChanged: (listener) => events.manyChanged.listen((event) => listener(event.payload)),
  onManyExported: (listener) => events.manyExported.listen((event) => listener(event.payload)),
  onSyncState: (listener) => events.syncState.listen((event) => listener(event.payload)),
  onAboutToLeave: (listener) => events.aboutToLeave.listen(() => listener()),
  onBackupFailed: (listener) => events.backupFailed.listen((event) => listener(event.payload)),
  onImportProgress: (listener) => events.importProgress.listen((event) => listener(event.payload)),
};
