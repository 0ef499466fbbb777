/**
 * A mistake the user can mend: wrong config, data, path or environment. The message says what is wrong, where, and
 * what to do; callers print it without a stack trace and exit non-zero. Anything else that is thrown is our bug.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** File the error is about, absolute or as the user wrote it. */
  readonly file: string | undefined;
  /** 1-based position in `file`, where known. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(
    message: string,
    where: { file?: string; line?: number; column?: number; cause?: unknown } = {},
  ) {
    super(message, where.cause === undefined ? undefined : { cause: where.cause });
    this.file = where.file;
    this.line = where.line;
    this.column = where.column;
  }
}

/** `file:line:column: message`, as compilers print it and editors make clickable. */
export function formatUserError(error: UserError): string {
  if (error.file === undefined) return error.message;
  const line = error.line === undefined ? '' : `:${error.line}:${error.column ?? 1}`;
  return `${error.file}${line}: ${error.message}`;
}
