/** The one door to the core. Components get the catalogue from here and never call the shell themselves. */

import type { Catalogue } from './port';
import { shell } from './shell';

export type * from './bindings';
export { asFault, Fault, isSuperseded, type Catalogue, type Stop, type TableName } from './port';

let current: Catalogue = shell;

/** The core that answers. */
export function core(): Catalogue {
  return current;
}

/** Puts another core behind the window: that of a component test. */
export function answerFrom(catalogue: Catalogue): void {
  current = catalogue;
}
