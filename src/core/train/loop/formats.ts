/** The formats of the layers' weights: chosen once, when the float network is trained. */
import type { LoopContext } from './context';
import { SEARCH_MARGIN } from './masks';
import { chooseFormats } from './pruning';
import { pruningBudget } from './setup';

/** Chooses and applies them, where the state has none yet. */
export function chooseLayerFormats({ setup, state }: LoopContext): void {
  if (state.formatsChosen) return;
  const { parameters } = state;
  const { graph, tileWeights, config, formats: possible } = setup;
  const budget = pruningBudget(setup);
  const aim = budget === undefined ? undefined : Math.floor(budget * SEARCH_MARGIN);
  const formats = chooseFormats(
    graph,
    parameters,
    possible,
    tileWeights,
    aim,
    config.east,
    setup.decoding,
  );
  for (const [name, format] of Object.entries(formats)) parameters.get(name)!.format = format;
  state.formatsChosen = true;
}
