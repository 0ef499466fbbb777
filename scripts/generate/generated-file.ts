export type Purpose = 'make' | 'check';

/** One file that `npm run generate` writes. */
export interface GeneratedFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  /** Its whole text, lines ending in \n. */
  make(): Promise<string>;
  /**
   * Where making it takes too long for every check: whether the committed text is current as far as a second or two can
   * tell. The file's own comment says what that leaves out.
   */
  isCurrent?(committed: string): Promise<boolean>;
  /** Why this machine cannot make it, or check it, e.g. a tool that is missing. */
  obstacle?(purpose: Purpose): Promise<string | undefined>;
}
