import type { AuthorRecord } from '../ipc';

/** The author about whose books a person is asked before the author is deleted. */
class Deleting {
  author = $state.raw<AuthorRecord | null>(null);

  ask(author: AuthorRecord): void {
    this.author = author;
  }

  close(): void {
    this.author = null;
  }
}

export const deleting = new Deleting();
