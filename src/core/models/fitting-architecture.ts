/** Which of the named architectures an input suggests. */
import type { Architecture, ModelConfig } from '../config/config';
import { ARCHITECTURES } from '../config/template-choices';
import type { Shape } from '../ops/shape';
import { ModelError } from '../graph/model-error';
import { loadModel } from './models';

export function fittingArchitecture([height, width, channels]: Shape): Architecture {
  if (height === 1 && width === 1) return 'mlp';
  if (height === 1) return 'cnn1d';
  if (height >= 64 && width >= 64) return 'mobilenet-v1';
  return channels === 1 && height <= 32 && width <= 32 ? 'lenet5' : 'resnet8';
}

/** The most fitting one that can be built; not every one can for small inputs. */
export function buildableArchitecture(input: Shape, classes: number): Architecture | undefined {
  return [fittingArchitecture(input), 'resnet8' as const, ...ARCHITECTURES].find((architecture) =>
    canBeBuilt({ architecture, input, classes }),
  );
}

/** All of them, the most fitting first. */
export function architecturesByFit(input: Shape): readonly Architecture[] {
  const best = fittingArchitecture(input);
  return [best, ...ARCHITECTURES.filter((architecture) => architecture !== best)];
}

function canBeBuilt(config: ModelConfig): boolean {
  try {
    loadModel(config);
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
