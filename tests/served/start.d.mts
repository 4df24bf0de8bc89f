/** The folder of one device. */
export interface Device {
  readonly folder: string;
  readonly file: string;
  environment(): Record<string, string>;
}

/** Runs the command on the file of a device, and gives what it prints. */
export function command(device: Device, ...words: string[]): string;

/** A core that is served, and the folder with all that it keeps. */
export class ServedCore {
  readonly device: Device;
  readonly address: string;
  start(options?: { page?: string; settings?: Record<string, string>; by?: string[] }): Promise<this>;
  invoke(name: string, args?: Record<string, unknown>): Promise<unknown>;
  choose(file: string): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}
