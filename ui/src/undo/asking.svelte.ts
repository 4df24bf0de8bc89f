import type { Step } from '../ipc';

/** The act that a person is asked about before it is undone or redone. */
export type Asked = Extract<Step, { kind: 'asks' }>;

class Asking {
  act = $state.raw<Asked | null>(null);
  /** Whether it would be redone rather than undone. */
  again = $state(false);
  private go: () => Promise<void> = () => Promise.resolve();

  /** Asks; `go` is called if the person agrees. */
  about(act: Asked, again: boolean, go: () => Promise<void>): void {
    this.act = act;
    this.again = again;
    this.go = go;
  }

  agree(): void {
    this.act = null;
    void this.go();
  }

  close(): void {
    this.act = null;
  }
}

export const asking = new Asking();
