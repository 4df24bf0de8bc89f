// A person at the window, of whom it is counted what they do besides typing: the clicks and the chords of a journey.

export class Hands {
  acts = 0;

  constructor(window) {
    this.window = window;
  }

  /** A key or a chord. */
  async chord(...keys) {
    this.acts++;
    await this.window.keys(...keys);
  }

  async click(element) {
    this.acts++;
    await element.click();
  }
}
