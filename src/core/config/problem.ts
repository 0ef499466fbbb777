/** What is wrong with a config, in the form an editor underlines and a terminal prints. */
import { UserError, formatUserError } from '../util/errors';

export type KeyPath = readonly (string | number)[];

/** A stretch of text on one line. Line and column are 1-based, offset is 0-based, all in UTF-16 units. */
export interface Location {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export interface Problem extends Location {
  /** Complete by itself: names the key, what was found and what was expected. */
  readonly message: string;
  /** Path of the key, for example ['model', 'layers', 2, 'kernel']; empty for the whole file. */
  readonly path: KeyPath;
  /** A warning does not keep the config from being used. */
  readonly severity: 'error' | 'warning';
}

/** No key is nearly as long; anybody may write one. */
const LONGEST_KEY = 100;

/** `model.layers[2].kernel`. */
export function formatKey(path: KeyPath): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = part.length > LONGEST_KEY ? `${part.slice(0, LONGEST_KEY)}…` : part;
      return i === 0 ? key : `.${key}`;
    })
    .join('');
}

/** `file:line:column: message`. */
export function formatProblem(problem: Problem, file: string): string {
  const { line, column, message } = problem;
  const warning = problem.severity === 'warning' ? 'warning: ' : '';
  return formatUserError(new UserError(warning + message, { file, line, column }));
}

/** A config that cannot be used. With one problem it stands at its position; with several the message lists them. */
export class ConfigError extends UserError {
  readonly problems: readonly Problem[];

  /** @param problems at least one */
  constructor(file: string, problems: readonly Problem[]) {
    const [first] = problems;
    if (problems.length === 1 && first) {
      super(first.message, { file, line: first.line, column: first.column });
    } else {
      const lines = problems.map((problem) => `  ${formatProblem(problem, file)}`);
      super([`${problems.length} problems in the config`, ...lines].join('\n'), { file });
    }
    this.problems = problems;
  }
}
