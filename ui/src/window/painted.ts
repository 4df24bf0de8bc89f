import { tick } from 'svelte';

import { core } from '../ipc';

let said = false;

/** Says once that something worth seeing is drawn; then the window is shown. */
export async function painted(): Promise<void> {
  if (said) return;
  said = true;
  await tick();
  await core().painted();
}
