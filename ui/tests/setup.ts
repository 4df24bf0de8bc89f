import { configure } from '@testing-library/svelte';
import { beforeEach } from 'vitest';

import { deleting } from '../src/authors/deleting.svelte';
import { connectionScreen, newCatalogue, palette, syncSheet } from '../src/commands/reach.svelte';
import { checking } from '../src/foot/checking.svelte';
import { importing } from '../src/imports/importing.svelte';
import { exporting } from '../src/out/exporting.svelte';
import { printing } from '../src/out/printing.svelte';
import { everything, place } from '../src/place.svelte';
import { merging } from '../src/merging/merging.svelte';
import { bulk } from '../src/bulk/bulk.svelte';
import { askedDeletion } from '../src/selection/asked-deletion.svelte';
import { clearSelections } from '../src/selection/selections.svelte';
import { view } from '../src/theme/view.svelte';
import { toasts } from '../src/undo/toasts.svelte';
import { viewNotes } from '../src/view-notes';

// Patience for a busy machine; nothing is asserted about time.
configure({ asyncUtilTimeout: 20_000 });

/** jsdom lays nothing out; a list needs to know how high it is. */
const HEIGHT = 560;
const WIDTH = 900;

class Observer implements ResizeObserver {
  private readonly callback: ResizeObserverCallback;

  constructor(callback: ResizeObserverCallback) {
    this.callback = callback;
  }
  observe(target: Element): void {
    const row = target.querySelector(':scope > [role="row"]') !== null;
    const height = row ? 28 : HEIGHT;
    const contentRect = { width: WIDTH, height, top: 0, left: 0, right: WIDTH, bottom: height, x: 0, y: 0 };
    const entry = { target, contentRect: { ...contentRect, toJSON: () => '' } } as ResizeObserverEntry;
    queueMicrotask(() => this.callback([entry], this));
  }
  unobserve(): void {
    // Nothing is watched.
  }
  disconnect(): void {
    // Nothing is watched.
  }
}

globalThis.ResizeObserver = Observer;
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => HEIGHT });
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => WIDTH });
Object.defineProperty(HTMLElement.prototype, 'offsetParent', { configurable: true, get: () => document.body });
Element.prototype.scrollTo = function scrollTo(): void {
  // There is nothing to scroll.
};

beforeEach(() => {
  localStorage.clear();
  viewNotes.forget();
  place.source = 'book';
  place.making = false;
  place.beside = null;
  place.deleting = null;
  syncSheet.open = false;
  connectionScreen.open = false;
  newCatalogue.open = false;
  palette.open = false;
  exporting.close();
  exporting.key = '';
  printing.close();
  checking.forget();
  place.inEditor = false;
  place.open = { book: null, author: null };
  place.lists = everything();
  view.showColumns('book', null);
  view.showColumns('author', null);
  view.forgetWidths('book');
  view.forgetWidths('author');
  view.facets = false;
  toasts.current = null;
  importing.close();
  bulk.close();
  merging.close();
  bulk.find = bulk.with = bulk.text = bulk.name = '';
  bulk.pattern = bulk.ignoreCase = false;
  bulk.operation = 'replace';
  askedDeletion.close();
  clearSelections();
  deleting.close();
  document.body.removeAttribute('style');
});
