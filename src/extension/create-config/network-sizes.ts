/** What the network that is being described takes: the forecast behind suggestions and checks. */
import type { ModelUse } from '../../core/config/config';
import { asUsed } from '../../core/models/as-used';
import type { PlannedModel } from '../../core/models/check-config';
import { loadModel } from '../../core/models/models';
import type { ForecastConfig } from '../../core/plan/flash';
import { forecast, type Forecast } from '../../core/plan/forecast';
import { formatBytes, formatCount } from '../../core/report/format';
import { UserError } from '../../core/util/errors';
import type { Answers, ImportAnswers, Imported, OfNetwork, ReadModel } from './answers';

export type DescribedNetwork = Pick<Answers, OfNetwork>;

/** Of one in a file it is asked first what there is room for, and then what it is used for. */
export type ImportedNetwork = Pick<ImportAnswers, 'imported'> & Partial<Pick<ImportAnswers, 'use'>>;

export type Network = DescribedNetwork | ImportedNetwork;

/** How a network is used that keeps all of its weights. */
export function keptAs({ model: { network } }: Imported): ModelUse {
  return network.int8 ? 'as-is' : 'quantize';
}

/** Whether no weight is pruned, so that the flash is what it is. */
export function keepsAll(network: Network): boolean {
  return 'imported' in network && network.use !== undefined && network.use !== 'fit';
}

/** Whether it is still open what a network in a file is used for. */
export function isUndecided(network: Network): network is ImportedNetwork {
  return 'imported' in network && network.use === undefined;
}

/** The forecast, or why the network cannot be built. */
export function sizesOf(
  network: Network,
  budget: ForecastConfig['budget'] = {},
): Forecast | string {
  const method = keepsAll(network) ? 'dense' : 'east';
  try {
    return forecast({ budget, east: { method } }, modelOf(network));
  } catch (problem) {
    if (problem instanceof UserError) return problem.message;
    throw problem;
  }
}

function modelOf(network: Network): PlannedModel {
  if ('imported' in network) return planned(network.imported.model, network.use);
  const { input, classes, architecture, width } = network;
  return loadModel({ architecture, width, input: [...input], classes });
}

function planned({ network: { graph } }: ReadModel, use?: ModelUse): PlannedModel {
  return { graph: asUsed(use, graph), entries: new Map() };
}

export function sizeText({ flash }: Forecast): string {
  return `${formatCount(flash.denseBytes)} parameters · ${formatBytes(flash.denseBytes)} as dense int8`;
}

/** A tenth of a KiB up, so that what is shown is enough. */
export function roundUp(bytes: number): number {
  const unit = 1024 / 10;
  return bytes < 1024 ? bytes : Math.ceil(Math.ceil(bytes / unit) * unit);
}
