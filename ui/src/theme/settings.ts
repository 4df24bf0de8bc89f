/** How the window looks, as a table: the menu of the view and the palette offer it. */
import { m } from '../paraglide/messages';
import { language, LANGUAGES } from './language.svelte';
import { ROW_SIZES, TEXT_SIZES, THEMES, view, type RowSize, type TextSize, type Theme } from './view.svelte';

export interface Setting {
  id: string;
  title: () => string;
  value: () => string;
  options: () => readonly { value: string; word: string }[];
  choose: (value: string) => void;
}

const themeWords: Record<Theme, () => string> = { system: m.theme_system, light: m.theme_light, dark: m.theme_dark };
const rowWords: Record<RowSize, () => string> = {
  compact: m.rows_compact,
  regular: m.rows_regular,
  roomy: m.rows_roomy,
};

/** Every setting, in the order in which they are offered. */
export const SETTINGS: readonly Setting[] = [
  {
    id: 'theme',
    title: m.theme,
    value: () => view.theme,
    options: () => THEMES.map((value) => ({ value, word: themeWords[value]() })),
    choose: (value) => (view.theme = value as Theme),
  },
  {
    id: 'rows',
    title: m.rows,
    value: () => view.rows,
    options: () => ROW_SIZES.map((value) => ({ value, word: rowWords[value]() })),
    choose: (value) => (view.rows = value as RowSize),
  },
  {
    id: 'text',
    title: m.text_size,
    value: () => view.text,
    options: () => TEXT_SIZES.map((value) => ({ value, word: `${value} %` })),
    choose: (value) => (view.text = value as TextSize),
  },
  {
    id: 'language',
    title: m.language_of_window,
    value: () => language.current,
    options: () => LANGUAGES,
    choose: (value) => language.set(value),
  },
];
