/** Turns the core's forecast of a config into what the dashboard expects; loaded only when a dashboard is open. */
import { basename } from 'node:path';
import { describeCompression } from '../../core/report/describe-compression';
import type { PlannedModel } from '../../core/models/check-config';
import { forecast } from '../../core/plan/forecast';
import type { ModelConfig, ResolvedConfig } from '../../core/config/config';
import { workOf } from '../../core/tasks/work';
import { UserError } from '../../core/util/errors';
import { loadConfigAndKnown } from '../models/load-known';
import type { ModelIndex } from '../services';
import type { Expectation } from './expectation';
import { defined, ifDefined } from '../../core/util/defined';

/** Throws UserError where the config cannot be read or its network is impossible. `recorded` is a run's own config. */
export async function readExpectation(
  configFile: string,
  workspace: string,
  recorded: ResolvedConfig | undefined,
  models: Pick<ModelIndex, 'gather'>,
): Promise<Expectation> {
  if (recorded === undefined) {
    const { config, model } = await loadConfigAndKnown(configFile, workspace, models);
    return expectationOf(config, model);
  }
  const fact = await models.gather(recorded.model, workspace);
  if ('problem' in fact) throw new UserError(fact.problem.message);
  return expectationOf(recorded, fact.model);
}

export function expectationOf(config: ResolvedConfig, model: PlannedModel): Expectation {
  const { layers, flash, ram } = forecast(config, model);
  const { blobBudget, overhead, denseBytes, packedBytes, leastBlob } = flash;
  const dense = packedBytes + overhead;
  const compression = blobBudget === undefined ? undefined : describeCompression(flash);
  return {
    architecture: architectureOf(config.model),
    work: workOf(config.model),
    layers: layers
      .filter(({ parameters }) => parameters > 0)
      .map(({ name, kind, weightShape, parameters, format, formatOpen, tiles }) => ({
        name,
        kind,
        shape: [...weightShape],
        parameters,
        ...(format === undefined || formatOpen ? {} : { format }),
        tiles,
      })),
    denseBytes,
    flash: {
      weights: blobBudget === undefined ? dense : Math.min(dense, Math.max(leastBlob, blobBudget)),
      biases: flash.biases,
      tables: flash.tables,
      code: flash.code.bytes,
      codeSource: flash.code.source,
    },
    ram: {
      activations: ram.activations,
      scratch: ram.scratch,
      decode: ram.decode,
      peakLayer: ram.peakLayer,
    },
    budget: {
      ...defined({
        flash: flash.budget,
        ram: ram.budget,
        weights: ifDefined(blobBudget, (bytes) => Math.max(0, bytes)),
      }),
    },
    ...defined({ compression }),
  };
}

/** `resnet9 w16`, or how many layers were listed. */
export function architectureOf({ architecture, width, layers, file }: ModelConfig): string {
  if (file !== undefined) return basename(file);
  if (architecture === undefined) return `${layers?.length ?? 0} layers`;
  return width === undefined ? architecture : `${architecture} w${width}`;
}
