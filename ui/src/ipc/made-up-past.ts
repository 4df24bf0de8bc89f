import type {
  ActivityTold,
  CalledTold,
  DeletedBy,
  DoneTold,
  MomentTold,
  OneTold,
  RecordKind,
  TrashedTold,
  TrashRestored,
  ValueKept,
} from './bindings';
import { MadeUpOut } from './made-up-out';
import { pageOf } from './made-up-lists';

/** What was done in the made-up catalogue: a test says what the lists hold, and hears what is done with them. */
export abstract class MadeUpPast extends MadeUpOut {
  /** What is in the trash, the latest first. */
  trashed: TrashedTold[] = [];
  /** Who deleted what elsewhere. */
  deletedBy: DeletedBy[] = [];
  /** The acts, the latest first. */
  acts: DoneTold[] = [];
  /** What comes of undoing or redoing one of them; by default it is done. */
  one: OneTold | null = null;
  /** The history of any record, the latest first. */
  moments: MomentTold[] = [];
  /** What was put back last. */
  putBack: ValueKept[] = [];
  /** What was done here and elsewhere. */
  activities: { here: ActivityTold[]; elsewhere: ActivityTold[] } = { here: [], elsewhere: [] };
  /** The names that were given. */
  named: CalledTold = { person: '', device: 'reading-room', shown: 'reading-room', fixed: false };

  actsPage = (before: string | null, perPage: number): Promise<DoneTold[]> =>
    this.answer('actsPage', () => {
      const from = before === null ? 0 : this.acts.findIndex(({ number }) => number === before) + 1;
      return this.acts.slice(from, from + perPage);
    });
  actUndo = (number: string) => this.takenBack(number, true);
  actRedo = (number: string) => this.takenBack(number, false);

  private readonly takenBack = (number: string, undone: boolean): Promise<OneTold> =>
    this.answer(`${undone ? 'actUndo' : 'actRedo'} ${number}`, () => {
      if (this.one !== null) return this.one;
      const act = this.acts.find((one) => one.number === number);
      this.acts = this.acts.map((one) => (one.number === number ? { ...one, undone } : one));
      return act ? { kind: 'done', act: act.act } : { kind: 'in_the_way', obstacles: [] };
    });

  trashPage = (page: number, perPage: number) => this.answer('trashPage', () => pageOf(this.trashed, page, perPage));
  trashCount = () => this.answer('trashCount', () => this.trashed.length);
  trashBy = (ids: string[]) => this.answer('trashBy', () => this.deletedBy.filter(({ id }) => ids.includes(id)));
  trashRestore = (ids: string[] | null): Promise<TrashRestored> => {
    const back = this.trashed.filter(({ id }) => ids === null || ids.includes(id));
    const [first] = back;
    const told = { act: 'brought_back' as const, kind: first?.kind ?? 'book', id: first?.id ?? null, name: '' };
    return this.act('trashRestore', told, ['book', 'author'], () => {
      this.trashed = this.trashed.filter((gone) => !back.includes(gone));
      const open = first ? { kind: first.kind, id: first.id } : null;
      return { records: back.length, first: open, name: first?.name ?? '', left_out: 0 };
    });
  };
  trashEmpty = () =>
    this.answer('trashEmpty', () => {
      const { length } = this.trashed;
      this.trashed = [];
      return length;
    });

  recordTimeline = (_kind: RecordKind, _id: string, _elsewhere: boolean) =>
    this.answer('recordTimeline', () => this.moments);
  recordPutBack = (_kind: RecordKind, _id: string, values: ValueKept[]) =>
    this.answer('recordPutBack', () => {
      this.putBack = values;
      return values.length;
    });

  activityHere = (_since: string) => this.answer('activityHere', () => this.activities.here);
  activityElsewhere = (_since: string, _ask: boolean) =>
    this.answer('activityElsewhere', () => this.activities.elsewhere);

  called = () => this.answer('called', () => this.named);
  calledSet = (person: string, device: string) =>
    this.answer('calledSet', () => {
      this.named = { person, device, shown: person ? `${person} (${device})` : device, fixed: false };
      return this.named;
    });
}
