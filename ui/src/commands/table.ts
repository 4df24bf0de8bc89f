import { standing } from '../foot/standing.svelte';
import { m } from '../paraglide/messages';
import { openHistory } from '../past/history.svelte';
import { place } from '../place.svelte';
import { selections } from '../selection/selections.svelte';
import { view } from '../theme/view.svelte';
import { toasts } from '../undo/toasts.svelte';
import { redo, undo } from '../undo/undo';
import {
  deleteChosen,
  editMany,
  exportRecords,
  goToList,
  importFile,
  leaveEditor,
  make,
  mergeChosen,
  openEditor,
  printRecords,
  syncNow,
} from './acts';
import { cyclePanes, focusSearch, moveInEditor } from './focus';
import {
  chooseAll,
  connectionScreen,
  newCatalogue,
  nextRecord,
  palette,
  shortcutSheet,
  sortByColumn,
  syncSheet,
} from './reach.svelte';

/**
 * Where a key means the command: everywhere; where no text is being typed; or on the focused row of the list, which
 * then handles it itself. Undo in a text field is handled separately, in `typing.ts`.
 */
type Where = 'everywhere' | 'outside_text' | 'list';

/**
 * One thing that a person can do. The table feeds the shortcuts, the sheet that lists them, the palette and the menu of
 * a row.
 */
export interface Command {
  id: string;
  /** Keys as tinykeys reads them; the first is the one that is shown. */
  keys: readonly string[];
  label: () => string;
  section: 'records' | 'moving' | 'window';
  where: Where;
  /** Does it; absent where only the list can, as where the focus is the point of it. */
  run?: () => unknown;
  /** Whether it can be done now; always, if omitted. */
  can?: () => boolean;
  /** Whether it is about where the person is just then, so that it has no place in the palette. */
  isHere?: true;
  /** Its place in the menu of a row: among what is done with records, or with the choice. */
  inRowMenu?: 'records' | 'choice';
}

/** Whether records can be changed. */
const writable = (): boolean => !standing.readOnly;
/** Whether a record is open. */
const onRecord = (): boolean => place.record !== null && !place.making;
const inList = (): boolean => place.beside === null;

const SORTS = [1, 2, 3, 4, 5] as const;

/** Every command. */
export const commands: readonly Command[] = [
  {
    id: 'new',
    keys: ['$mod+KeyN'],
    label: m.cmd_new,
    section: 'records',
    where: 'everywhere',
    run: () => make(),
    can: writable,
  },
  {
    id: 'open',
    keys: ['Enter'],
    label: m.cmd_open,
    section: 'records',
    where: 'list',
    run: () => openEditor(),
    can: onRecord,
    inRowMenu: 'records',
  },
  {
    id: 'bulk',
    keys: ['$mod+KeyE'],
    label: m.cmd_bulk,
    section: 'records',
    where: 'everywhere',
    run: editMany,
    can: () => writable() && inList(),
    inRowMenu: 'records',
  },
  {
    id: 'merge',
    keys: ['$mod+KeyM'],
    label: m.cmd_merge,
    section: 'records',
    where: 'everywhere',
    run: mergeChosen,
    can: () => writable() && inList(),
  },
  {
    id: 'export',
    keys: ['$mod+Shift+KeyE'],
    label: m.cmd_export,
    section: 'records',
    where: 'everywhere',
    run: exportRecords,
    can: inList,
    inRowMenu: 'records',
  },
  {
    id: 'print',
    keys: ['$mod+KeyP'],
    label: m.cmd_print,
    section: 'records',
    where: 'everywhere',
    run: printRecords,
    can: inList,
    inRowMenu: 'records',
  },
  {
    id: 'delete',
    keys: ['Delete'],
    label: m.cmd_delete,
    section: 'records',
    where: 'list',
    run: () => deleteChosen(),
    can: () => writable() && (onRecord() || selections[place.source].count > 0),
    inRowMenu: 'records',
  },
  { id: 'choose', keys: ['Space'], label: m.cmd_select, section: 'records', where: 'list' },
  { id: 'choose_more', keys: ['Shift+ArrowDown'], label: m.cmd_select_more, section: 'records', where: 'list' },
  {
    id: 'choose_all',
    keys: ['$mod+KeyA'],
    label: m.cmd_select_all,
    section: 'records',
    where: 'list',
    run: () => chooseAll.go(),
    can: inList,
    inRowMenu: 'choice',
  },
  {
    id: 'choose_none',
    keys: ['Escape'],
    label: m.cmd_select_none,
    section: 'records',
    where: 'list',
    run: () => selections[place.source].clear(),
    can: () => selections[place.source].count > 0,
    inRowMenu: 'choice',
  },
  { id: 'undo', keys: ['$mod+KeyZ'], label: m.undo, section: 'records', where: 'everywhere', run: undo },
  {
    id: 'redo',
    keys: ['$mod+Shift+KeyZ', '$mod+KeyY'],
    label: m.redo,
    section: 'records',
    where: 'everywhere',
    run: redo,
  },
  {
    id: 'save',
    keys: ['$mod+KeyS'],
    label: m.cmd_save,
    section: 'records',
    where: 'everywhere',
    isHere: true,
    run: () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      toasts.tell(m.already_saved());
    },
  },
  {
    id: 'import',
    keys: ['$mod+KeyO'],
    label: m.import_file,
    section: 'records',
    where: 'everywhere',
    run: importFile,
    can: writable,
  },
  {
    id: 'palette',
    keys: ['$mod+KeyK'],
    label: m.cmd_palette,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => (palette.open = true),
  },
  {
    id: 'search',
    keys: ['$mod+KeyF', '/'],
    label: m.cmd_search,
    section: 'moving',
    where: 'outside_text',
    run: focusSearch,
  },
  {
    id: 'next',
    keys: ['$mod+Enter'],
    label: m.cmd_next,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => nextRecord.go(),
  },
  {
    id: 'field_up',
    keys: ['Alt+ArrowUp'],
    label: m.cmd_field_up,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => moveInEditor(-1),
  },
  {
    id: 'field_down',
    keys: ['Alt+ArrowDown'],
    label: m.cmd_field_down,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => moveInEditor(1),
  },
  {
    id: 'back',
    keys: ['Escape'],
    label: m.cmd_back,
    section: 'moving',
    where: 'outside_text',
    isHere: true,
    run: back,
  },
  {
    id: 'pane',
    keys: ['F6'],
    label: m.cmd_pane,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => cyclePanes(1),
  },
  {
    id: 'pane_back',
    keys: ['Shift+F6'],
    label: m.cmd_pane_back,
    section: 'moving',
    where: 'everywhere',
    isHere: true,
    run: () => cyclePanes(-1),
  },
  {
    id: 'books',
    keys: ['$mod+Digit1'],
    label: m.books,
    section: 'moving',
    where: 'everywhere',
    run: () => goToList('book'),
  },
  {
    id: 'authors',
    keys: ['$mod+Digit2'],
    label: m.authors,
    section: 'moving',
    where: 'everywhere',
    run: () => goToList('author'),
  },
  {
    id: 'conflicts',
    keys: ['$mod+Digit3'],
    label: m.conflicts,
    section: 'moving',
    where: 'everywhere',
    run: () => place.showConflicts(),
  },
  {
    id: 'trash',
    keys: ['$mod+Digit4'],
    label: m.trash,
    section: 'moving',
    where: 'everywhere',
    run: () => place.show('trash'),
  },
  {
    id: 'acts',
    keys: ['$mod+Digit5'],
    label: m.acts,
    section: 'moving',
    where: 'everywhere',
    run: () => place.show('acts'),
  },
  {
    id: 'activity',
    keys: ['$mod+Digit6'],
    label: m.activity,
    section: 'moving',
    where: 'everywhere',
    run: () => place.show('activity'),
  },
  {
    id: 'history',
    keys: ['$mod+KeyH'],
    label: m.record_history,
    section: 'records',
    where: 'everywhere',
    run: openHistory,
  },
  ...SORTS.map((column): Command => ({
    id: `sort_${column}`,
    keys: [`Alt+Digit${column}`],
    label: () => m.cmd_sort({ column }),
    section: 'window',
    where: 'everywhere',
    run: () => sortByColumn.go(column - 1),
    can: inList,
  })),
  {
    id: 'edit',
    keys: ['F2'],
    label: m.cmd_edit,
    section: 'records',
    where: 'outside_text',
    isHere: true,
    run: () => openEditor(),
  },
  {
    id: 'facets',
    keys: [],
    label: m.facets,
    section: 'window',
    where: 'everywhere',
    run: () => (view.facets = !view.facets),
    can: inList,
  },
  {
    id: 'new_catalogue',
    keys: [],
    label: m.catalogue_new,
    section: 'window',
    where: 'everywhere',
    run: () => (newCatalogue.open = true),
  },
  { id: 'sync', keys: ['F5'], label: m.cmd_sync, section: 'window', where: 'everywhere', run: syncNow },
  {
    id: 'sync_details',
    keys: ['Shift+F5'],
    label: m.sync_details,
    section: 'window',
    where: 'everywhere',
    run: () => (syncSheet.open = true),
  },
  {
    id: 'connection',
    keys: ['$mod+,'],
    label: m.connection,
    section: 'window',
    where: 'everywhere',
    run: () => (connectionScreen.open = true),
  },
  {
    id: 'keys',
    keys: ['Shift+?', '?', 'F1'],
    label: m.shortcuts,
    section: 'window',
    where: 'outside_text',
    run: () => (shortcutSheet.open = true),
  },
];

function back(): void {
  if (place.beside !== null) return goToList(place.source);
  if (place.inEditor || place.making) leaveEditor();
}
