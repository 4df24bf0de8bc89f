import type { Changed } from '../ipc';

/** One place hears what the core reports as changed, and passes it on to everybody who listens. */
export class Changes {
  private readonly listeners = new Set<(change: Changed) => void>();

  /** Notifies every listener. */
  announce(change: Changed): void {
    for (const listener of [...this.listeners]) listener(change);
  }

  /** Listens until the returned function is called. */
  listen(listener: (change: Changed) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export const changes = new Changes();
