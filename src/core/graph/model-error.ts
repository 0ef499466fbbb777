import { UserError } from '../util/errors';

/**
 * A network that cannot be built. Knows which key of the config's `model` is to blame, so that whoever has the
 * config's text can turn it into a line and column (`locateKey(text, ['model', ...error.path])`).
 */
export class ModelError extends UserError {
  /** Path below `model`, for example ['layers', 2, 'kernel']. */
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[]) {
    super(message);
    this.path = path;
  }
}
