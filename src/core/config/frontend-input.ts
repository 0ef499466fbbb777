/** Between the config's `frontend` and its `model.input`, which follows from it. */
import type { FrontendConfig, FrontendFile } from '../frontends/config';
import { featureShape } from '../frontends/frontends';
import { resolveFrontend } from '../frontends/resolve';
import type { Report } from './checks';
import type { Architecture, ModelConfig } from './config';
import type { KeyPath } from './problem';
import { expectation, schemaAt } from './schema';

/** Architectures that take a sequence, [1, time, channels]. */
const SEQUENCES: readonly Architecture[] = ['cnn1d', 'tcn'];

export function checkFrontend(
  frontend: FrontendFile,
  model: ModelConfig | undefined,
  report: Report,
): FrontendConfig | undefined {
  const resolved = resolveFrontend(frontend, (key, message, severity) => {
    const name = key === undefined ? 'frontend' : `frontend.${key}`;
    report(key === undefined ? ['frontend'] : ['frontend', key], `${name}: ${message}`, severity);
  });
  const input = model?.input;
  if (resolved === undefined || input === undefined) return resolved;
  const [frames, features] = featureShape(resolved);
  const fits = [
    [frames, features, 1],
    [1, frames, features],
  ].some((shape) => shape.every((size, i) => size === input[i]));
  if (!fits) {
    report(
      ['model', 'input'],
      `model.input: the front end makes ${frames} frames of ${features} features, so it is [${frames}, ${features}, 1], ` +
        `or of a sequence [${frames}, ${features}]; found [${input.join(', ')}]. Leave it out, then it follows`,
    );
  }
  return resolved;
}

/** The model with the input that its front end makes, where it names none. */
export function withFeatures(
  model: ModelConfig,
  frontend: FrontendConfig | undefined,
): ModelConfig {
  if (model.file !== undefined || model.input !== undefined || frontend === undefined) return model;
  const [frames, features] = featureShape(frontend);
  const isSequence = model.architecture !== undefined && SEQUENCES.includes(model.architecture);
  return { ...model, input: isSequence ? [1, frames, features] : [frames, features, 1] };
}

/** That nothing says the shape of the input, as the schema would say it. */
export function checkInputGiven(has: (path: KeyPath) => boolean, report: Report): void {
  const given = [['model', 'input'], ['model', 'file'], ['frontend']].some(has);
  if (given || !has(['model'])) return;
  const node = schemaAt(['model', 'input']);
  const expected = node ? `; expected ${expectation(node)}` : '';
  report(['model'], `model: "input" is missing${expected}`);
}
