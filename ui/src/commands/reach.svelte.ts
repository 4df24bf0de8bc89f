/**
 * What a command can reach inside the parts of the window that are drawn now. A part lends its own handler while it is
 * shown.
 */

type Hand<Args extends unknown[]> = (...args: Args) => void;

class Reach<Args extends unknown[]> {
  private hand: Hand<Args> | null = null;

  /** Takes the part's own way of doing it, until the returned function is called. */
  lend(hand: Hand<Args>): () => void {
    this.hand = hand;
    return () => {
      if (this.hand === hand) this.hand = null;
    };
  }

  /** Does it, if there is a part that can. */
  go(...args: Args): void {
    this.hand?.(...args);
  }
}

/** Goes to the next record and stays in the editor. */
export const nextRecord = new Reach<[]>();

/** Orders the list by its column at this position, counted from 0. */
export const sortByColumn = new Reach<[position: number]>();

/** Chooses everything that the list shows. */
export const chooseAll = new Reach<[]>();

/** Whether the palette is shown. */
export const palette = $state({ open: false });

/** Whether the sheet with the shortcuts is shown. */
export const shortcutSheet = $state({ open: false });

/** Whether the connection screen is shown. */
export const connectionScreen = $state({ open: false });

/** Whether the name of a new catalogue is being asked for. */
export const newCatalogue = $state({ open: false });

/** Whether the sheet is shown that says how the catalogue stands with the server. */
export const syncSheet = $state({ open: false });
