import { m } from '../paraglide/messages';
import { toasts } from '../undo/toasts.svelte';

/**
 * How the open catalogue stands, for parts that do not ask for it themselves: whether it is shared through a server,
 * because only then does it mean anything that a record waits for sync; and whether it can only be read.
 */
export const standing = $state({ shared: false, readOnly: false });

/** Whether something may be changed; if not, the person is told why. */
export function mayChange(): boolean {
  if (standing.readOnly) toasts.tell(m.read_only_told());
  return !standing.readOnly;
}
