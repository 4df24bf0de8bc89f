/**
 * The undo of a text field, for as long as its typing is not saved.
 *
 * WebKit on Linux binds no key to its own undo, and keeps one history for the whole page: the undo of one field would
 * change another. So each field has its own history here, built from the events that every way of typing causes.
 */

import { inText } from './focus';

type Box = HTMLInputElement | HTMLTextAreaElement;

/** What a field held, and where the caret was. */
interface State {
  value: string;
  caret: number;
}

interface Typing {
  /**
   * What the field holds as far as typing has brought it; any other value was put there by the program, and no undo
   * goes back beyond that.
   */
  seen: State;
  past: State[];
  future: State[];
  /** Whether the next letter still belongs to the word that the last step takes back. */
  inWord: boolean;
}

/** How many steps back a field knows. */
const STEPS_MAX = 200;

const typings = new WeakMap<Box, Typing>();

function state(box: Box): State {
  return { value: box.value, caret: box.selectionStart ?? box.value.length };
}

/** The history of a field, started over if the program has changed its value. */
function typingOf(box: Box): Typing {
  const known = typings.get(box);
  if (known?.seen.value === box.value) return known;
  const begun = { seen: state(box), past: [], future: [], inWord: false };
  typings.set(box, begun);
  return begun;
}

/** Whether a key for undo, or for redo, has typing to go back to in this field. */
function hasTyping(box: Box, way: 'past' | 'future'): boolean {
  return typingOf(box)[way].length > 0;
}

/** Forgets the typing of a field: it is saved, and from now on taking it back is an act on the record. */
export function typingKept(box: Box | undefined): void {
  if (box) typings.delete(box);
}

function before(event: Event): void {
  if (inText(event.target)) typingOf(event.target);
}

function after(event: Event): void {
  if (!inText(event.target) || !(event instanceof InputEvent)) return;
  const box = event.target;
  const typing = typings.get(box);
  if (!typing || typing.seen.value === box.value) return;
  const letter = event.inputType === 'insertText' && /^\S$/u.test(event.data ?? '');
  const grown = box.value.length === typing.seen.value.length + (event.data?.length ?? 0);
  if (!(typing.inWord && letter && grown)) typing.past.push(typing.seen);
  if (typing.past.length > STEPS_MAX) typing.past.shift();
  typing.future = [];
  typing.inWord = letter;
  typing.seen = state(box);
}

/** Goes one step back, or forward again; listeners on the field are notified as if a person had typed. */
function step(box: Box, way: 'past' | 'future'): void {
  const typing = typingOf(box);
  const to = typing[way].pop();
  if (!to) return;
  typing[way === 'past' ? 'future' : 'past'].push(typing.seen);
  typing.seen = to;
  typing.inWord = false;
  box.value = to.value;
  box.setSelectionRange(to.caret, to.caret);
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

function wayOf(event: KeyboardEvent): 'past' | 'future' | null {
  if (event.altKey || !(event.ctrlKey || event.metaKey)) return null;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'future' : 'past';
  return key === 'y' && !event.shiftKey ? 'future' : null;
}

function keydown(event: KeyboardEvent): void {
  const way = wayOf(event);
  if (way === null || !inText(event.target)) return;
  const box = event.target;
  // An editor's field whose typing is saved leaves the key to the acts on records; no other field ever does.
  if (!hasTyping(box, way) && inEditor(box)) return;
  event.preventDefault();
  event.stopPropagation();
  step(box, way);
}

function inEditor(box: Box): boolean {
  return box.dataset.field !== undefined && box.dataset.unkept === undefined;
}

/**
 * Binds the keys of undo and redo in every text field, including those in dialogs; returns the function that unbinds
 * them.
 */
export function bindTyping(target: Window): () => void {
  // Before any other listener: a field may consume the event itself.
  target.addEventListener('beforeinput', before, true);
  target.addEventListener('input', after, true);
  target.addEventListener('keydown', keydown, true);
  return () => {
    target.removeEventListener('beforeinput', before, true);
    target.removeEventListener('input', after, true);
    target.removeEventListener('keydown', keydown, true);
  };
}
