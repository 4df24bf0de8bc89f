import { getLocale, setLocale, type Locale } from '../paraglide/runtime';

/** The languages the window speaks, each under its own name. */
export const LANGUAGES: readonly { value: Locale; word: string }[] = [
  { value: 'en', word: 'English' },
  { value: 'de', word: 'Deutsch' },
];

class Language {
  /** The language of the window. The window is redrawn when it changes. */
  current = $state<Locale>(getLocale());

  set(value: string): void {
    const chosen = LANGUAGES.find((language) => language.value === value);
    if (!chosen) return;
    void setLocale(chosen.value, { reload: false });
    this.current = chosen.value;
  }
}

export const language = new Language();
