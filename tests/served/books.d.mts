/** This many books as a table of comma-separated values, the same on every run. */
export function table(count: number): string;
