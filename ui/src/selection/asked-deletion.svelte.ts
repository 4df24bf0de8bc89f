/** The deletion of chosen records about which a person is asked, and how far it has come after that. */
class AskedDeletion {
  /** How many records it is about; null while nobody is asked. */
  records = $state<number | null>(null);
  /** How many were dealt with; null before it has begun. */
  done = $state<number | null>(null);
  private go: () => Promise<void> = () => Promise.resolve();

  /** Asks; `go` is called if the person agrees. */
  about(records: number, go: () => Promise<void>): void {
    this.records = records;
    this.done = null;
    this.go = go;
  }

  async agree(): Promise<void> {
    this.done = 0;
    await this.go();
    this.records = null;
  }

  close(): void {
    if (this.done === null) this.records = null;
  }
}

export const askedDeletion = new AskedDeletion();
