/** What both installations are asked for, and what they answer. */
export interface InstallOptions {
  /** Install though it is there. */
  readonly force: boolean;
  readonly onNote: (note: string) => void;
  readonly abort?: AbortSignal;
}

export interface Installed<Check> {
  readonly folder: string;
  /** undefined where it was there already. */
  readonly check: Check | undefined;
}
