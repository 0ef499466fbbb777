/** What a model file holds, and what its network would take here, before any config names it. */
import { isAbsolute } from 'node:path';
import { isWeighted } from '../graph/graph';
import { NO_WEIGHTS } from '../models/check-config';
import type { FileFacts, LoadedModel } from '../models/model';
import { inspectModelFile, loadModelFile } from '../models/model-files';
import { forecast, type Forecast } from '../plan/forecast';
import { UserError } from '../util/errors';

export interface InspectedModel {
  readonly facts: FileFacts;
  /** What the network takes with its weights dense; absent where it cannot be computed here. */
  readonly built?: { readonly model: LoadedModel; readonly forecast: Forecast };
  /** Why it cannot, with what to change. */
  readonly problem?: string;
}

/** @param file absolute. Throws UserError, with the file, where it cannot be read, is damaged, or is of no known kind. */
export async function inspectModel(file: string): Promise<InspectedModel> {
  if (!isAbsolute(file)) throw new Error('The path of a model file is absolute.');
  try {
    const model = await loadModelFile(file);
    const facts = model.file ?? (await inspectModelFile(file));
    if (!model.graph.layers.some(isWeighted))
      return { facts, problem: `The network ${NO_WEIGHTS}.` };
    return { facts, built: { model, forecast: forecast(DENSE, model) } };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { facts: await inspectModelFile(file), problem: error.message };
  }
}

const DENSE = { budget: {}, east: { method: 'dense' } } as const;
