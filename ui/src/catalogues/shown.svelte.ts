import { core } from '../ipc';
import { resume } from '../commands/acts';
import { drafts } from '../editor/drafts.svelte';
import { checking } from '../foot/checking.svelte';
import { place } from '../place.svelte';
import { toasts } from '../undo/toasts.svelte';

/** Which catalogue the window shows. The window is redrawn when that changes. */
class Shown {
  /** How many times the window has moved to another one. */
  count = $state(0);

  /**
   * Resumes what was begun in the catalogue with which the program was started. While it cannot be opened, there is
   * nothing to resume.
   */
  async begin(): Promise<void> {
    const file = await openFile().catch(() => '');
    if (file === '') return;
    await drafts.enter(file);
    resume();
  }

  /**
   * Goes on with the catalogue whose file was taken away, under whatever name: what is being typed is not saved yet,
   * and stays.
   */
  async stay(): Promise<void> {
    await this.begin();
    checking.forget();
    toasts.current = null;
    this.count++;
  }

  /** Moves to another catalogue by calling `go`; if that fails, the open one stays. */
  async goBy(go: () => Promise<void>): Promise<void> {
    // What is being typed is saved first, in the catalogue that it is about.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await drafts.change(go);
    await drafts.enter(await openFile());
    place.leave();
    resume();
    checking.forget();
    toasts.current = null;
    this.count++;
  }
}

async function openFile(): Promise<string> {
  const known = await core().catalogues();
  return known.find((one) => one.is_open)?.file ?? '';
}

export const shown = new Shown();
