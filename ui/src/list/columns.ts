/** One column of a list. */
export interface Column<Row, Sort extends string> {
  /** Its name, unique in the list. */
  id: string;
  /** Its head, in the language of the window. */
  label: () => string;
  /** Its width as a grid track. */
  track: string;
  /** From which width of the list on it is shown, in rem. */
  from: number;
  /** What the list is ordered by when its head is clicked. */
  sort?: Sort;
  /** What its cell says. */
  text: (row: Row) => string;
  /** What its cell says after that, more quietly. */
  aside?: (row: Row) => string;
  /** Figures are set in equal widths. */
  figures?: boolean;
  /** Set against the end of the cell. */
  atEnd?: boolean;
}

/** The columns that a list of this width has room for. */
export function columnsFor<Row, Sort extends string>(
  columns: readonly Column<Row, Sort>[],
  width: number,
): Column<Row, Sort>[] {
  return columns.filter((column) => column.from <= width);
}
