import { tick } from 'svelte';

/** The panes that F6 cycles through, in their order on the screen. */
const PANES = ['sources', 'list', 'editor', 'foot'] as const;
export type Pane = (typeof PANES)[number];

const FOCUSABLE = 'input:not([disabled]), textarea:not([disabled]), button:not([disabled]), [tabindex="0"]';

function paneElement(pane: Pane): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-pane='${pane}']`);
}

function isSeen(element: HTMLElement): boolean {
  return element.checkVisibility?.() !== false && element.closest('[inert]') === null;
}

/** Whether a dialog or a menu is open; it has the keyboard and the focus to itself. */
export function isOverlaid(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}

/** The first focusable thing in here. */
export function firstFocusable(within: ParentNode): HTMLElement | undefined {
  return [...within.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isSeen);
}

/** Focuses a pane: the pane itself if Tab goes there, else its first field, or whatever in it is focusable. */
export function focusPane(pane: Pane): boolean {
  const element = paneElement(pane);
  if (!element || !isSeen(element)) return false;
  const field = element.querySelector<HTMLElement>('[data-field]');
  const target = element.tabIndex >= 0 ? element : (field ?? firstFocusable(element));
  target?.focus();
  return target !== undefined;
}

/** Where the focus goes when a dialog over the list is closed, in place of whatever opened it. */
export function backToList(event: Event): void {
  event.preventDefault();
  focusPane('list');
}

/** Focuses a pane as a whole, where no key changes anything. */
export function focusWhole(pane: Pane): boolean {
  const element = paneElement(pane);
  if (!element || !isSeen(element)) return false;
  element.focus();
  return document.activeElement === element;
}

/** The pane that has the focus. */
export function focusedPane(): Pane | undefined {
  const current = document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane;
  return PANES.find((pane) => pane === current);
}

/** Goes to the next pane, or to the one before. */
export function cyclePanes(by: 1 | -1): void {
  const from = PANES.findIndex((pane) => pane === focusedPane());
  for (let step = 1; step <= PANES.length; step++) {
    const next = PANES[(from + by * step + PANES.length * step) % PANES.length];
    if (next && focusPane(next)) return;
  }
}

/** Focuses the search box and selects what is in it. */
export function focusSearch(): void {
  const box = document.querySelector<HTMLInputElement>('[data-search]');
  box?.focus();
  box?.select();
}

/** The field of a record that should get the focus as soon as the editor shows that record. */
let wished: { record: string; field: string | null } | null = null;

/** The name of the editor's field that has the focus; null if none has it. */
export function focusedField(): string | null {
  if (focusedPane() !== 'editor') return null;
  return document.activeElement?.closest<HTMLElement>('[data-field]')?.dataset.field ?? null;
}

/**
 * Focuses this field of this record, or its first, once the editor shows the record. Until then the focus is on the
 * editor as a whole: otherwise a field of the record that was open before would take what is typed for the next.
 */
export async function focusField(record: string, field: string | null = null): Promise<void> {
  wished = { record, field };
  await tick();
  editorShows();
  if (wished !== null) focusWhole('editor');
}

/** The editor shows another record: the focus goes where it was wanted. */
export function editorShows(): void {
  const editor = paneElement('editor');
  if (wished === null || editor?.dataset.record !== wished.record) return;
  const fields = [...editor.querySelectorAll<HTMLElement>('input[data-field], textarea[data-field]')];
  const field = fields.find((one) => one.dataset.field === wished?.field) ?? fields[0];
  wished = null;
  field?.focus();
  if (inText(field ?? null)) (field as HTMLInputElement).select();
}

/** If a person points elsewhere, no focus is wanted any more. */
export function wishNothing(): void {
  wished = null;
}

/** Goes to the next field of the editor, or to the one before. */
export function moveInEditor(by: 1 | -1): void {
  const fields = [...(paneElement('editor')?.querySelectorAll<HTMLElement>('[data-field]') ?? [])];
  const at = fields.findIndex((field) => field === document.activeElement);
  fields[at + by]?.focus();
}

/** Input elements that hold no text. */
const NO_TEXT = ['checkbox', 'radio', 'button', 'submit', 'reset', 'file', 'range', 'color'].map(
  (type) => `[type=${type}]`,
);
const TEXT = `input:not(${NO_TEXT.join()}), textarea`;

/** Whether a key belongs to the text field that has the focus. */
export function inText(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLElement && target.matches(TEXT);
}
