// Sets the theme and the text size before anything is drawn, so that a dark window never flashes white.
// It runs before the modules and therefore stands alone; src/theme/view.svelte.ts writes what is read here.
try {
  const settings = JSON.parse(globalThis.colophonViewState?.everywhere.view ?? '{}');
  const root = document.documentElement;
  if (settings.theme === 'light' || settings.theme === 'dark') root.dataset.theme = settings.theme;
  if (settings.text) root.dataset.text = settings.text;
  if (settings.rows) root.dataset.rows = settings.rows;
} catch {
  // Unreadable settings mean the defaults.
}
