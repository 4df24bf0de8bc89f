import type { Role } from '../ipc';
import { m } from '../paraglide/messages';

/** What somebody can have done for a book, in the order of the menu. */
export const ROLES: readonly Role[] = [
  'author',
  'translator',
  'editor',
  'illustrator',
  'narrator',
  'foreword',
  'afterword',
  'photographer',
  'compiler',
  'other',
];

/** A role in words. A role that a newer version has written is shown as it is. */
export function roleWord(role: string): string {
  const words: Record<string, (() => string) | undefined> = {
    author: m.role_author,
    translator: m.role_translator,
    editor: m.role_editor,
    illustrator: m.role_illustrator,
    narrator: m.role_narrator,
    foreword: m.role_foreword,
    afterword: m.role_afterword,
    photographer: m.role_photographer,
    compiler: m.role_compiler,
    other: m.role_other,
  };
  return words[role]?.() ?? role;
}
