import { inText } from '../commands/focus';

/**
 * Keeps the web view's own context menu away, which offers to reload the page and to go back: neither means anything
 * here, and a reload drops what is being typed. In a text field it cuts, copies and pastes, and stays. Returns the
 * function that ends it.
 */
export function keepContextMenuAway(target: Window): () => void {
  function ask(event: Event): void {
    if (!inText(event.target)) event.preventDefault();
  }

  target.addEventListener('contextmenu', ask);
  return () => target.removeEventListener('contextmenu', ask);
}
