/** Whether the network can meet the flash and RAM budgets, at what price, and what would help. */
import { keepsWeights } from '../config/config';
import type { KeyPath } from '../config/problem';
import type { RamParts } from '../firmware/memory-plan';
import { decodingShare } from '../plan/decoding';
import { limitsOf } from '../plan/limits';
import { withFrontend } from '../plan/frontend-ram';
import { planMemory } from '../plan/memory';
import { FIXED_FLASH, ramParts } from '../plan/parts';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatPercent,
  formatRatio,
} from '../report/format';
import type { Advice, Fix } from './advice';
import { bytesShare, isHopeless } from '../plan/compression';
import { sizesOf } from '../report/report';
import { describeCompression } from '../report/describe-compression';
import { locateLayer, runFix, runOfThisNetwork, say, type Context } from './context';
import { setFix, setKey, sizeAtLeast } from './edits';
import { describeWider, fewerBits, weightsInBytes, widerNetwork } from './other-networks';
import { forecast as forecastOf, type Forecast } from '../plan/forecast';
import { loadModel } from '../models/models';
import { largestWidth } from './width';

/** Share of weights that a budget proposed as reachable lets stay non-zero: what pruned networks usually live with. */
const REACHABLE_NON_ZERO = 0.1;
const HEAVIEST = 3;
/** A budget this full leaves nothing to grow into. */
const TIGHT = 0.9;

export function budgetAdvice(context: Context): Advice[] {
  return [
    ...flashAdvice(context),
    ...ramAdvice(context),
    ...decodingAdvice(context),
    ...bitsAdvice(context),
    ...widerAdvice(context),
  ];
}

/** Eight bits a weight where fewer would keep more of them. */
function bitsAdvice(context: Context): Advice[] {
  const { config, forecast, text } = context;
  const found = fewerBits(config, forecast);
  if (found === undefined) return [];
  const path = ['quantization', 'weights'];
  return [
    say(context, {
      code: 'few-bits',
      severity: 'info',
      message:
        `of weights of 8 bits about ${formatPercent(found.kept, 0)} can stay non-zero in this budget; ` +
        `with "auto", which may take fewer bits, about ${formatPercent(found.keptByFew, 0)} (most as ${found.format})`,
      path,
      fixes: () => [setFix(text, path, 'auto', 'Let each layer have the bits that lose the least')],
    }),
  ];
}

/** A network that hardly has to shrink, where a wider one would fit, too. */
function widerAdvice(context: Context): Advice[] {
  const { config, forecast, facts, text } = context;
  const { denseBytes, blobBudget } = forecast.flash;
  if (blobBudget === undefined || denseBytes > HARDLY * blobBudget) return [];
  const wider = widerNetwork(config, forecast, facts.code);
  if (wider === undefined) return [];
  const { width } = wider;
  const path = width === undefined ? ['model', 'layers'] : ['model', 'width'];
  const ratio = formatRatio(Math.max(1, denseBytes / blobBudget));
  const weights = weightsInBytes(config, forecast.flash);
  const and = weights === undefined ? '' : ` and budget.weights to ${weights}`;
  return [
    say(context, {
      code: 'wider-network',
      severity: 'info',
      message: `the weights have to shrink ${ratio} only: ${describeWider(config, forecast.flash, wider)}`,
      path,
      fixes: () =>
        width === undefined
          ? []
          : [
              {
                kind: 'edit',
                title: `Set model.width to ${width}${and}`,
                edits: [
                  ...setKey(text, path, width),
                  ...(weights === undefined ? [] : setKey(text, ['budget', 'weights'], weights)),
                ],
              },
            ],
    }),
  ];
}

/** Up to this ratio it is said as one types; of a finished run sooner (HARDLY_SQUEEZED). */
const HARDLY = 2;

/** Where the limit keeps weights from the codec that makes them smallest. */
function decodingAdvice(context: Context): Advice[] {
  const { decoding, flash } = context.forecast;
  const { compute, most, limit, share } = decoding;
  if (share === undefined || most <= limit || flash.blobBudget === undefined) return [];
  const path = ['budget', 'decode'];
  return [
    say(context, {
      code: 'decoding-limited',
      // Who has set it knows; who has not may wonder.
      severity: context.document.has(path) ? 'hint' : 'info',
      message:
        `budget.decode leaves decoding ${formatPercent(share, 0)} of an inference, and all weights decoded by what makes them ` +
        `smallest may take ${formatPercent(decodingShare(compute, most), 0)}: some layers may be stored in more bytes, ` +
        'or pruned further, to decode faster; null lifts the limit',
      path,
      fixes: () => [
        setFix(context.text, path, null, 'Do not limit decoding: set budget.decode to null'),
      ],
    }),
  ];
}

function flashAdvice(context: Context): Advice[] {
  const { flash } = context.forecast;
  const { blobBudget, limitedBy } = flash;
  if (blobBudget === undefined || limitedBy === undefined) return [];
  const path = ['budget', limitedBy];
  if (blobBudget < flash.leastBlob) return [impossibleFlash(context, path, blobBudget)];
  const found = exceededByLastRun(context);
  if (!isHopeless(flash)) return found;
  const message = `${describeCompression(flash)}; raise ${path.join('.')} or make the network smaller`;
  return [
    ...found,
    say(context, {
      code: 'compression-unlikely',
      severity: 'warning',
      message: `${message[0]!.toUpperCase()}${message.slice(1)}`,
      path,
      related: heaviestLayers(context),
      fixes: () => [
        ...reachableFixes(context, path),
        ...widthFixes(context, (f) => fitsFlash(f) && !isHopeless(f.flash)),
      ],
    }),
  ];
}

function impossibleFlash(context: Context, path: KeyPath, blobBudget: number): Advice {
  const { forecast, config, text } = context;
  if (keepsWeights(config)) return keptWeightsTooLarge(context, path, blobBudget);
  const { flash } = forecast;
  const over = flash.leastBlob - blobBudget;
  const key = path.join('.');
  // Of a network in a file that is not trained nothing can be pruned, whatever the method.
  const { file, use } = config.model;
  const untrained = file !== undefined && use !== 'fit';
  const dense = config.east.method === 'dense';
  const weights = dense
    ? `the dense weights ${formatBytes(flash.leastBlob)}`
    : `the weights at least ${formatBytes(flash.leastBlob)}, with all of them pruned`;
  const why =
    flash.limitedBy === 'flash'
      ? `${FIXED_FLASH} take ${formatBytes(flash.fixed)} and ${weights}`
      : `${weights.replace('the dense weights', 'the dense weights take').replace('the weights', 'the weights take')}`;
  const smallest = flash.limitedBy === 'flash' ? flash.least : flash.leastBlob;
  return say(context, {
    code: 'budget-flash-exceeded',
    severity: 'error',
    message:
      `${key} is too small by ${formatCount(over)} bytes: ${why}; ` +
      `the smallest possible is ${formatCount(smallest)} bytes`,
    path,
    related: heaviestLayers(context),
    fixes: () => [
      ...(untrained
        ? [
            setFix(
              text,
              ['model', 'use'],
              'fit',
              'Train the network on until it fits: set model.use to "fit"',
            ),
          ]
        : dense
          ? [
              setFix(
                text,
                ['east', 'method'],
                'east',
                'Prune the weights: set east.method to "east"',
              ),
            ]
          : reachableFixes(context, path)),
      setSize(text, path, smallest, 'the smallest possible'),
      ...widthFixes(context, fitsFlash),
    ],
  });
}

/** A network from a file whose weights are not pruned. What encoding saves of them is known once they are encoded. */
function keptWeightsTooLarge(context: Context, path: KeyPath, blobBudget: number): Advice {
  const { forecast, text } = context;
  const { flash } = forecast;
  const over = flash.leastBlob - blobBudget;
  const needed = flash.limitedBy === 'flash' ? flash.least : flash.leastBlob;
  return say(context, {
    code: 'budget-flash-exceeded',
    severity: 'warning',
    message:
      `${path.join('.')} is too small by ${formatCount(over)} bytes: with all of its weights the network takes ` +
      `${formatCount(needed)} bytes, less only if they happen to compress; make it fit, or raise the budget`,
    path,
    related: heaviestLayers(context),
    fixes: () => [
      setFix(text, ['model', 'use'], 'fit', 'Make it fit, by training: set model.use to "fit"'),
      setSize(text, path, needed, 'what the network takes'),
    ],
  });
}

/** The budget was lowered after the weights were fitted to it. */
function exceededByLastRun(context: Context): Advice[] {
  const { config, forecast, text } = context;
  const run = runOfThisNetwork(context);
  if (run === undefined) return [];
  const { report } = run;
  const heaviest = [...report.layers].sort((a, b) => b.blobBytes - a.blobBytes).slice(0, HEAVIEST);
  const related = heaviest.map((layer) => ({
    message: `${layer.name} takes ${formatBytes(layer.blobBytes)} in that run`,
    location: locateLayer(context, layer.name),
  }));
  // RAM follows from the network: what it takes now has been planned for the budget.
  const exceeded = limitsOf(sizesOf(report), {
    flash: config.budget.flash,
    weights: config.budget.weights === undefined ? undefined : forecast.flash.blobBudget,
  }).find(({ met }) => !met);
  if (exceeded?.limit === undefined) return [];
  const { name: key, bytes, limit } = exceeded;
  const path = ['budget', key === 'weights' ? (forecast.flash.limitedBy ?? key) : key];
  return [
    say(context, {
      code: 'budget-flash-exceeded',
      severity: 'error',
      message:
        `${path.join('.')} is exceeded by ${formatCount(bytes - limit)} bytes by the last run ` +
        `(${formatAgainst(bytes, limit)}); training again fits the weights to this budget`,
      path,
      related,
      fixes: () => [
        ...runFix(context),
        ...(path[1] === key ? [setSize(text, path, bytes, 'what the last run takes')] : []),
      ],
    }),
  ];
}

function ramAdvice(context: Context): Advice[] {
  const { forecast, text } = context;
  const { ram } = forecast;
  const path = ['budget', 'ram'];
  if (ram.budget !== undefined && ram.budget < ram.least) {
    return [
      say(context, {
        code: 'budget-ram-exceeded',
        severity: 'error',
        message:
          `budget.ram is too small by ${formatCount(ram.least - ram.budget)} bytes: layer ${ram.leastLayer} needs ` +
          `${formatCount(ram.least)} bytes for its activations and the smallest part of its weights`,
        path,
        related: hungriestLayers(context),
        fixes: () => {
          const arena = planMemory(forecast.graph);
          const roomy = withFrontend(arena, context.config.frontend).total;
          return [
            ...(roomy > ram.least ? [setSize(text, path, roomy, 'decoding in few tiles')] : []),
            setSize(text, path, ram.least, 'the smallest possible'),
            ...widthFixes(context, ({ ram: r }) => r.budget === undefined || r.least <= r.budget),
          ];
        },
      }),
    ];
  }
  const whole = forecast.layers.filter(({ parameters }) => parameters > 0).length;
  const cut =
    ram.budget !== undefined &&
    ram.tiles > whole &&
    ram.tiles > tileCount(planMemory(forecast.graph).tileChannels);
  const tight = ram.budget !== undefined && ram.total > TIGHT * ram.budget;
  const limit =
    ram.budget === undefined ? formatBytes(ram.total) : formatAgainst(ram.total, ram.budget);
  return [
    say(context, {
      code: 'ram-peak',
      // Worth a line among the problems only where there is something to decide.
      severity: ram.budget !== undefined && (cut || tight) ? 'info' : 'hint',
      message:
        `RAM peaks at ${limit} in layer ${ram.peakLayer}: ${ramText(ram)}` +
        (cut ? `; to fit, all weights are decoded in ${ram.tiles} tiles` : ''),
      path,
      related: [
        {
          message: `${ram.peakLayer} needs the most RAM`,
          location: locateLayer(context, ram.peakLayer),
        },
      ],
      fixes: () => (cut ? tileFixes(context) : []),
    }),
  ];
}

/** `activations 0.8 KiB, decode buffer 12.0 KiB`. */
function ramText(ram: RamParts): string {
  return ramParts(ram)
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `${name} ${formatBytes(bytes)}`)
    .join(', ');
}

/** Budgets with which the weights are decoded in fewer parts: the next step, and one part per layer. */
function tileFixes({ forecast, text }: Context): Fix[] {
  const { graph, ram } = forecast;
  const tilesWith = (budget: number): number => tileCount(planMemory(graph, budget).tileChannels);
  const fewest = forecast.layers.filter(({ parameters }) => parameters > 0).length;
  const heaviest = Math.max(...forecast.layers.map(({ denseBytes }) => denseBytes));
  const enough = ram.total + heaviest + forecast.flash.denseBytes;
  const current = ram.budget ?? ram.total;
  const least = (tiles: number): number => {
    let [low, high] = [current, enough];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (tilesWith(middle) <= tiles) high = middle;
      else low = middle;
    }
    return high;
  };
  const targets = [...new Set([ram.tiles - 1, fewest])].filter((tiles) => tiles < ram.tiles);
  const offers = targets.map((tiles) => {
    const value = sizeAtLeast(least(tiles));
    return { value, tiles: tilesWith(least(tiles)) };
  });
  const different = offers.filter(
    ({ value }, i) => offers.findIndex((o) => o.value === value) === i,
  );
  return different.map(({ value, tiles }) =>
    setFix(
      text,
      ['budget', 'ram'],
      value,
      `Set budget.ram to ${value}, which decodes in ${tiles} tiles instead of ${ram.tiles}`,
    ),
  );
}

function tileCount(tileChannels: Readonly<Record<string, readonly number[]>>): number {
  return Object.values(tileChannels).reduce((sum, channels) => sum + channels.length, 0);
}

function heaviestLayers(context: Context): Advice['related'] {
  const { layers, flash } = context.forecast;
  return [...layers]
    .sort((a, b) => b.packedBytes - a.packedBytes)
    .slice(0, HEAVIEST)
    .filter(({ packedBytes }) => packedBytes > 0)
    .map(({ name, packedBytes }) => ({
      message: `${name} has ${formatBytes(packedBytes)} of the ${formatBytes(flash.packedBytes)} of dense weights`,
      location: locateLayer(context, name),
    }));
}

function hungriestLayers(context: Context): Advice['related'] {
  const total = ({ ram }: Forecast['layers'][number]): number =>
    ram.activations + ram.scratch + ram.decode;
  return [...context.forecast.layers]
    .sort((a, b) => total(b) - total(a))
    .slice(0, HEAVIEST)
    .map((layer) => ({
      message: `${layer.name} needs ${formatBytes(total(layer))}: ${ramText(layer.ram)}`,
      location: locateLayer(context, layer.name),
    }));
}

function setSize(text: string, path: KeyPath, bytes: number, why: string): Fix {
  const value = sizeAtLeast(bytes);
  return setFix(text, path, value, `Set ${path.join('.')} to ${value}, ${why}`);
}

/** A budget with which enough weights can stay. */
function reachableFixes({ forecast, text }: Context, path: KeyPath): Fix[] {
  const { flash } = forecast;
  const blob =
    flash.overhead + Math.ceil(bytesShare(REACHABLE_NON_ZERO, flash.format) * flash.packedBytes);
  const bytes = Math.max(blob, flash.leastBlob) + (path[1] === 'flash' ? flash.fixed : 0);
  const share = formatPercent(REACHABLE_NON_ZERO, 0);
  return [setSize(text, path, bytes, `with which about ${share} of the weights can stay non-zero`)];
}

function fitsFlash({ flash }: Forecast): boolean {
  return flash.blobBudget === undefined || flash.blobBudget >= flash.leastBlob;
}

function widthFixes(
  { config, text, facts }: Context,
  fits: (forecast: Forecast) => boolean,
): Fix[] {
  const width = largestWidth(config.model, (model) =>
    fits(forecastOf(config, loadModel(model), facts.code)),
  );
  if (width === undefined) return [];
  return [
    setFix(text, ['model', 'width'], width, `Set model.width to ${width}, the largest that fits`),
  ];
}
