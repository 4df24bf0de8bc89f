import { fieldWord } from '../imports/fields';
import type { Difference, Download, Fate, Reconciled, SyncState, Why } from '../ipc';
import { m } from '../paraglide/messages';
import { counted, figure } from '../words';

/** How the catalogue stands with the server, in one line. */
export function syncWords(sync: SyncState): string {
  const waiting = counted(sync.pending);
  if (sync.kind === 'failed') return m.sync_failed();
  if (sync.kind === 'offline') return sync.pending === 0 ? m.sync_offline() : m.sync_offline_pending(waiting);
  if (sync.quarantined > 0 || sync.not_kept > 0) return careWords(sync);
  switch (sync.kind) {
    case 'unconfigured':
      return m.sync_unconfigured();
    case 'working':
      return sync.download === null ? m.sync_working(waiting) : receiving(sync.download);
    case 'needs_care':
    case 'in_step':
      return sync.pending === 0 ? m.sync_in_step() : m.sync_pending(waiting);
  }
}

/** How many records are quarantined, on either side. */
function careWords({ quarantined, not_kept }: SyncState): string {
  const count = quarantined + not_kept;
  return m.sync_quarantined({ count, shown: figure(count) });
}

/** What that means: what is safe, and what happens next. */
export function syncMeaning(sync: SyncState): string {
  switch (sync.kind) {
    case 'unconfigured':
      return m.sync_unconfigured_hint();
    case 'offline':
      return m.sync_offline_hint();
    case 'failed':
      return m.sync_failed_hint();
    case 'working':
      return sync.download === null ? m.sync_working_hint() : m.sync_receiving_hint();
    case 'needs_care':
      return m.sync_needs_care_hint();
    case 'in_step':
      return sync.pending === 0 ? m.sync_in_step_hint() : m.sync_pending_hint();
  }
}

/** What is wrong with the server, where only a person can fix it; undefined if only the core has words for it. */
export function problemWords(code: string | null): string {
  const words: Record<string, (() => string) | undefined> = {
    wrong_password: m.tried_wrong_password,
    no_password: m.tried_no_password,
    login_refused: m.tried_login_refused,
    no_database: m.tried_no_database,
    no_schema: m.problem_no_schema,
    not_allowed: m.tried_not_allowed,
    server_older: m.tried_older,
    server_newer: m.tried_newer,
    tls: m.tried_encryption,
    encoding: m.problem_encoding,
  };
  return words[code ?? '']?.() ?? '';
}

/** What was done when this file and the server had to be reconciled. */
export function reconciledWords(reconciled: Reconciled): string {
  const { gone } = reconciled;
  if (reconciled.cause === 'deletions_forgotten') return m.reconciled_forgotten(counted(gone));
  const { forgotten } = reconciled;
  const restored = m.reconciled_restored(counted(forgotten));
  return gone === 0 ? restored : `${restored} ${m.reconciled_gone(counted(gone))}`;
}

function receiving({ rows, total }: Download): string {
  return m.sync_receiving({ rows: figure(rows), total: figure(total) });
}

/** About how much longer a download takes: seconds as they pass, minutes from two on. */
export function timeLeft(seconds: number): string {
  if (seconds < 120) return m.seconds_left(counted(seconds));
  return m.minutes_left({ shown: figure(Math.round(seconds / 60)) });
}

/** Why a row is quarantined. What the server itself has said is kept apart from it. */
export function whyWords(why: Why): string {
  switch (why.kind) {
    case 'refused':
      return why.constraint === null ? m.why_refused() : m.why_refused_rule({ rule: why.constraint });
    case 'no_room':
      return m.why_no_room();
    case 'changed':
      return m.why_changed();
    case 'value_held':
      return m.why_value_held({ field: fieldWord(why.field) });
    case 'missing_parent':
      return m.why_missing_parent({ field: fieldWord(why.field) });
    case 'still_needed':
      return m.why_still_needed();
    case 'hidden':
      return m.why_hidden();
    case 'withheld':
      return m.why_withheld();
    case 'not_kept':
      return m.why_not_kept();
  }
}

/** How a record differed on both sides. */
export function differenceWord(how: Difference): string {
  const words: Record<Difference, () => string> = {
    content: m.differed_content,
    missing_here: m.differed_missing_here,
    missing_there: m.differed_missing_there,
    there_and_deleted: m.differed_there_and_deleted,
  };
  return words[how]();
}

/** What became of an edit. */
export function fateWord(fate: Fate): string {
  const words: Record<Fate, () => string> = {
    applied: m.fate_applied,
    pending: m.fate_pending,
    quarantined: m.fate_quarantined,
    superseded: m.fate_superseded,
    merged: m.fate_merged,
    parked: m.fate_parked,
    deleted: m.fate_deleted,
    replaced: m.fate_replaced,
    forgotten: m.fate_forgotten,
  };
  return words[fate]();
}
