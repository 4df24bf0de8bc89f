import { m } from '../paraglide/messages';

const MAC = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');

/** The labels of the keys, for people. */
export function keyWords(keys: string): string[] {
  const words: Record<string, string> = {
    $mod: MAC ? '⌘' : m.key_ctrl(),
    Shift: m.key_shift(),
    Alt: MAC ? '⌥' : 'Alt',
    Delete: m.key_delete(),
    Enter: m.key_enter(),
    Escape: 'Esc',
    Space: m.key_space(),
    ArrowUp: '↑',
    ArrowDown: '↓',
  };
  if (keys === 'Shift+?') return ['?'];
  return keys.split('+').map((key) => words[key] ?? key.replace(/^(Key|Digit)/, ''));
}
