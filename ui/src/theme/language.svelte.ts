import { defineCustomClientStrategy, getLocale, type Locale } from '../paraglide/runtime';
import { viewNotes } from '../view-notes';

const NOTE = 'language';

/** The languages the window speaks, each under its own name. */
export const LANGUAGES: readonly { value: Locale; word: string }[] = [
  { value: 'en', word: 'English' },
  { value: 'de', word: 'Deutsch' },
];

function known(value: unknown): Locale | undefined {
  return LANGUAGES.find((language) => language.value === value)?.value;
}

// The first of the strategies in vite.config.ts; without a choice the language of the system follows. What the strategies
// have found is set, too, and that is nobody's choice: only `Language.set` keeps one.
defineCustomClientStrategy('custom-remembered', {
  getLocale: () => known(viewNotes.read(NOTE)),
  setLocale: () => undefined,
});

class Language {
  /** The language of the window. The window is redrawn when it changes. */
  current = $state<Locale>(getLocale());

  set(value: string): void {
    const chosen = known(value);
    if (!chosen) return;
    viewNotes.keep(NOTE, chosen);
    this.current = chosen;
  }
}

export const language = new Language();
