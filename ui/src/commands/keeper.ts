/**
 * Makes sure that the focus is always somewhere definite.
 *
 * The focused element may vanish: a button with its toast, a field with its record. Then the focus is on nothing, keys
 * reach whatever happens to listen, and a screen reader says nothing. So the focus goes back to the pane that it was
 * in.
 */

import { firstFocusable, focusedPane, focusPane, focusWhole, isOverlaid, wishNothing, type Pane } from './focus';

function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Begins to keep the focus; returns the function that ends it. */
export function keepFocus(target: Window): () => void {
  let last: Pane = 'list';
  let looking: ReturnType<typeof setTimeout> | undefined;

  function remember(): void {
    last = focusedPane() ?? last;
  }

  function look(): void {
    looking = undefined;
    // An open dialog or menu keeps the focus itself, and gives it back.
    if (!isNowhere() || isOverlaid()) return;
    // In the editor the focus was mostly on a field; on a different field than the person chose, typing would change
    // something by mistake.
    const kept = last === 'editor' ? focusWhole('editor') : focusPane(last);
    if (!kept && !focusPane('list') && !focusWhole('editor')) firstFocusable(document)?.focus();
  }

  function lookSoon(): void {
    if (isNowhere()) looking ??= setTimeout(look);
  }

  const vanishing = new MutationObserver(lookSoon);
  const what = { childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'inert', 'disabled'] };
  vanishing.observe(target.document.body, what);
  target.addEventListener('focusin', remember);
  target.addEventListener('focusout', lookAfter);
  target.addEventListener('pointerdown', wishNothing, true);

  /** Whatever takes the focus next has it only after this event. */
  function lookAfter(): void {
    looking ??= setTimeout(look);
  }

  lookSoon();
  return () => {
    vanishing.disconnect();
    clearTimeout(looking);
    target.removeEventListener('focusin', remember);
    target.removeEventListener('focusout', lookAfter);
    target.removeEventListener('pointerdown', wishNothing, true);
  };
}
