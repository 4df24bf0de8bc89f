import { tick } from 'svelte';

/** The panes that F6 goes round, in their order on the screen. */
const PANES = ['sources', 'list', 'editor', 'foot'] as const;
export type Pane = (typeof PANES)[number];

const FOCUSABLE = 'input:not([disabled]), textarea:not([disabled]), button:not([disabled]), [tabindex="0"]';

function paneElement(pane: Pane): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-pane='${pane}']`);
}

/** Puts the focus into a pane: on itself when it takes focus, else on the first thing in it that does. */
export function focusPane(pane: Pane): boolean {
  const element = paneElement(pane);
  if (!element || element.checkVisibility?.() === false) return false;
  const target = element.tabIndex >= 0 ? element : element.querySelector<HTMLElement>(FOCUSABLE);
  target?.focus();
  return target !== null;
}

/** Goes to the next pane, or to the one before. */
export function cyclePanes(by: 1 | -1): void {
  const current = document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane;
  const from = PANES.findIndex((pane) => pane === current);
  for (let step = 1; step <= PANES.length; step++) {
    const next = PANES[(from + by * step + PANES.length * step) % PANES.length];
    if (next && focusPane(next)) return;
  }
}

/** Puts the focus into the search box and chooses what is in it. */
export function focusSearch(): void {
  const box = document.querySelector<HTMLInputElement>('[data-search]');
  box?.focus();
  box?.select();
}

/** Puts the focus into the first field of the editor, once it is drawn. */
export async function focusFirstField(): Promise<void> {
  await tick();
  const field = paneElement('editor')?.querySelector<HTMLInputElement>('input[data-field], textarea[data-field]');
  field?.focus();
  field?.select();
}

/** Goes to the next field of the editor, or to the one before. */
export function moveInEditor(by: 1 | -1): void {
  const fields = [...(paneElement('editor')?.querySelectorAll<HTMLElement>('[data-field]') ?? [])];
  const at = fields.findIndex((field) => field === document.activeElement);
  fields[at + by]?.focus();
}

/** Whether a key belongs to the text field that has the focus. */
export function inText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]');
}

/** Whether that text field holds typing that was not kept yet, so that its own undo comes first. */
export function inUnkeptText(target: EventTarget | null): boolean {
  return inText(target) && (target as HTMLElement).dataset.unkept !== undefined;
}
