import type { Role } from '../ipc';
import { m } from '../paraglide/messages';

/** What somebody can have done for a book, in the order of the menu. */
export const ROLES: readonly Role[] = ['author', 'translator', 'editor', 'illustrator'];

/** A role in words. */
export function roleWord(role: Role): string {
  const words: Record<Role, () => string> = {
    author: m.role_author,
    translator: m.role_translator,
    editor: m.role_editor,
    illustrator: m.role_illustrator,
  };
  return words[role]();
}
