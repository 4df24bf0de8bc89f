import { m } from '../paraglide/messages';
import { lastHere } from './last-here';

/** A stretch of time that a person asks about. */
export interface Period {
  id: 'today' | 'yesterday' | 'week' | 'last_here';
  label: string;
  from: Date;
  /** Up to here; null for up to now. */
  to: Date | null;
}

/** The periods that can be asked about; days are those of this computer's clock. */
export function periods(file: string, now: Date): Period[] {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const daysAgo = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const list: Period[] = [
    { id: 'today', label: m.today(), from: today, to: null },
    { id: 'yesterday', label: m.yesterday(), from: daysAgo(1), to: today },
    { id: 'week', label: m.seven_days(), from: daysAgo(6), to: null },
  ];
  const last = lastHere(file);
  if (last !== null) list.push({ id: 'last_here', label: m.since_last_here(), from: new Date(last), to: null });
  return list;
}
