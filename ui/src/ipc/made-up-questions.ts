import { refuse } from './made-up-rules';

/** The newest question of each list and each box: the core ends the one before it. */
export class Questions {
  private readonly newest = new Map<string, string>();

  /** Puts a question; what it gives is called before the answer, and refuses it when something newer was asked. */
  put(where: string, question: unknown): () => void {
    const asked = JSON.stringify(question);
    this.newest.set(where, asked);
    return () => {
      if (this.newest.get(where) === asked) return;
      refuse('superseded', null, 'Something else was asked before this was answered.');
    };
  }
}
