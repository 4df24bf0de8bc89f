import type { SyncState } from '../ipc';
import { m } from '../paraglide/messages';
import { figure } from '../words';

/** The state of sync in one line, and what stands behind it. */
export interface SyncWords {
  line: string;
  detail: string;
}

/** Says how the catalogue stands with the server. */
export function syncWords(sync: SyncState): SyncWords {
  const waiting = { count: sync.pending, shown: figure(sync.pending) };
  const choice = sync.conflicts + sync.quarantined;
  const detail = sync.message ?? m.sync_now_hint();
  if (sync.kind === 'failed') return { line: sync.message ?? m.sync_failed(), detail: m.sync_safe(waiting) };
  if (choice > 0) return { line: m.sync_choice({ count: choice, shown: figure(choice) }), detail };
  switch (sync.kind) {
    case 'unconfigured':
      return { line: m.sync_unconfigured(), detail: m.sync_unconfigured_hint() };
    case 'offline':
      return { line: sync.pending === 0 ? m.sync_offline() : m.sync_offline_pending(waiting), detail };
    case 'working':
      return { line: m.sync_working(waiting), detail };
    case 'in_step':
      return { line: sync.pending === 0 ? m.sync_in_step() : m.sync_pending(waiting), detail };
  }
}
