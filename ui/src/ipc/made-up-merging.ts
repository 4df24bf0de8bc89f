import type {
  ActTold,
  AgreedGroup,
  Compare,
  CompareRow,
  Groups,
  GroupsMerged,
  MergeChoices,
  MergeProposal,
  RecordKind,
  RecordsMerged,
  Selected,
} from './bindings';
import type { MadeUpAuthor, MadeUpBook, WHOLE } from './made-up';
import { listsOf } from './made-up-belongings';
import { fieldsOf } from './made-up-fields';
import { folded, refuse } from './made-up-rules';
import { MadeUpSearch } from './made-up-search';
import type { TableName } from './port';

/** Records of the made-up catalogue that look the same: those of one title, or one name, without looking any closer. */
export abstract class MadeUpMerging extends MadeUpSearch {
  /** What somebody has said is not the same. */
  private apart = new Set<string>();

  protected abstract answer<T>(call: string, give: () => T): Promise<T>;
  protected abstract act<T>(
    call: string,
    told: Omit<ActTold, 'records' | keyof typeof WHOLE>,
    tables: TableName[],
    change: () => T,
  ): Promise<T>;
  protected abstract idsOf(kind: RecordKind, selected: Selected): string[];

  private recordOf(kind: RecordKind, id: string): MadeUpBook | MadeUpAuthor {
    const record = kind === 'book' ? this.made.books.get(id) : this.made.authors.get(id);
    return record ?? refuse('not_found', null, 'It is gone.');
  }

  private calledOf(kind: RecordKind, id: string): string {
    const record = this.recordOf(kind, id);
    return 'title' in record ? record.title : record.name;
  }

  private groupsOf(kind: RecordKind): string[][] {
    const groups = new Map<string, string[]>();
    for (const id of (kind === 'book' ? this.made.books : this.made.authors).keys()) {
      const key = folded(this.calledOf(kind, id));
      groups.set(key, [...(groups.get(key) ?? []), id]);
    }
    return [...groups.values()].filter((group) => group.length > 1 && !this.apart.has(group.join()));
  }

  private together(kind: RecordKind, ids: string[], { stays, fields }: MergeChoices): Compare {
    const records = ids.map((id) => fieldsOf(kind, this.recordOf(kind, id)));
    const fullness = records.map((record) => record.filter(({ value }) => value !== '').length);
    const first = stays === null ? fullness.indexOf(Math.max(...fullness)) : ids.indexOf(stays);
    const rows = (records[0] ?? []).flatMap(({ name }, at): CompareRow[] => {
      const said = records.map((record) => record[at]?.value ?? '');
      if (said.every((value) => value === said[0])) return [];
      const chosen = fields.find(({ field }) => field === name);
      const fullest = said[first] === '' ? said.findIndex((value) => value !== '') : first;
      const stands = chosen === undefined ? fullest : ids.indexOf(chosen.from);
      return [{ name, texts: said.map((value) => (value === '' ? [] : [value])), stands, choice: true }];
    });
    const lists = ids.map((id) => listsOf(this.made, kind, id));
    for (const [at, { name }] of (lists[0] ?? []).entries()) {
      const texts = lists.map((one) => one[at]?.items.map(({ text }) => text) ?? []);
      if (texts.some((one) => one.join() !== texts[0]?.join())) rows.push({ name, texts, stands: null, choice: false });
    }
    const sides = ids.map((id) => {
      const record = this.recordOf(kind, id);
      const beside = 'title' in record ? (this.made.authors.get(record.author_id ?? '')?.name ?? null) : null;
      const books = [...this.made.books.values()].filter((book) => book.author_id === id).length;
      return { id, name: this.calledOf(kind, id), beside, books: kind === 'book' ? null : books };
    });
    return { records: sides, stays: first, rows, broken: null, seen: JSON.stringify([records, lists]) };
  }

  private merge(kind: RecordKind, ids: string[], choices: MergeChoices): string {
    const { records, rows, stays } = this.together(kind, ids, choices);
    const into = records[stays]?.id ?? '';
    const gone = ids.filter((id) => id !== into);
    const values = rows.flatMap(({ name, stands }) => {
      const from = records[stands ?? -1]?.id;
      if (from === undefined) return [];
      return [[name, new Map<string, unknown>(Object.entries(this.recordOf(kind, from))).get(name)] as const];
    });
    const all = kind === 'book' ? this.made.books : this.made.authors;
    const merged = { ...this.recordOf(kind, into), ...Object.fromEntries(values) };
    for (const id of gone) all.delete(id);
    (all as Map<string, MadeUpBook | MadeUpAuthor>).set(into, merged);
    for (const [id, book] of this.made.books) {
      if (gone.includes(book.author_id ?? '')) this.made.books.set(id, { ...book, author_id: into });
    }
    return into;
  }

  duplicatesGroups = (kind: RecordKind): Promise<Groups> =>
    this.answer('duplicatesGroups', () => {
      const groups = this.groupsOf(kind);
      return { groups, total: groups.length };
    });

  duplicatesProposals = (kind: RecordKind, groups: string[][]): Promise<MergeProposal[]> =>
    this.answer('duplicatesProposals', () =>
      groups.map((group) => {
        const compare = this.together(kind, group, { stays: null, fields: [] });
        const giving = compare.rows.filter(({ choice, texts, stands }) => {
          const said = texts[stands ?? 0]?.join();
          return choice && texts.some((one) => one.length > 0 && one.join() !== said);
        });
        return { compare, giving_way: giving.map(({ name }) => name) };
      }),
    );

  duplicatesApart = (kind: RecordKind, records: string[]): Promise<string> => {
    const name = this.calledOf(kind, records[0] ?? '');
    return this.act('duplicatesApart', { act: 'kept_apart', kind, id: records[0] ?? null, name }, ['conflict'], () => {
      this.apart.add(records.join());
      return name;
    });
  };

  mergeChosen = (kind: RecordKind, selected: Selected): Promise<string[]> =>
    this.answer('mergeChosen', () => this.idsOf(kind, selected));

  mergeCompared = (kind: RecordKind, records: string[], choices: MergeChoices): Promise<Compare> =>
    this.answer('mergeCompared', () => this.together(kind, records, choices));

  mergeRecords = (kind: RecordKind, records: string[], choices: MergeChoices, seen: string): Promise<RecordsMerged> => {
    const now = this.together(kind, records, choices);
    const into = now.records[now.stays];
    const name = into?.name ?? '';
    return this.act('mergeRecords', { act: 'merged', kind, id: into?.id ?? null, name }, ['book', 'author'], () => {
      if (now.seen !== seen) refuse('invalid', 'records', 'Somebody has changed them since you looked.');
      const id = this.merge(kind, records, choices);
      const gone = records.find((one) => one !== id) ?? '';
      return { into: id, name: this.calledOf(kind, id), records: records.length, gone };
    });
  };

  mergeAll = (kind: RecordKind, groups: AgreedGroup[]): Promise<GroupsMerged> =>
    this.act('mergeAll', { act: 'merged', kind: null, id: null, name: '' }, ['book', 'author'], () => {
      let records = 0;
      for (const group of groups) {
        this.merge(kind, group.records, { stays: null, fields: [] });
        records += group.records.length;
      }
      return { merged: groups.length, records, left_alone: 0 };
    });
}
