import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Advice, AdviceCode, Fix } from '../../../src/core/advice/advice';
import { advise } from '../../../src/core/advice/advise';
import { applyEdits, sizeAtLeast, sizeAtMost } from '../../../src/core/advice/edits';
import type { Facts } from '../../../src/core/advice/facts';
import { factsOf, gnuMap } from '../firmware/linker/linker-text';
import type { LinkerFacts } from '../../../src/core/firmware/linker/linker-facts';
import type { MeasuredCode } from '../../../src/core/firmware/fixed-flash';
import { measureCode } from '../../../src/core/firmware/measure-code';
import { loadModel } from '../../../src/core/models/models';
import { forecast as forecastOf, type Forecast } from '../../../src/core/plan/forecast';
import { configFingerprint } from '../../../src/core/config/config-identity';
import type { ResolvedConfig } from '../../../src/core/config/config';
import { parseSize } from '../../../src/core/config/size';
import type { Report } from '../../../src/core/report/report';
import { planJob } from '../../../src/core/run/plan-job';
import { accuracies } from '../tasks/accuracies';

const WORKSPACE = '/ws';
const FILE = '/ws/models/meter.east.json';
/** The example with more room, and nothing said of decoding. */
const METER = readFileSync('examples/meter/meter.east.json', 'utf8')
  .replace('"weights": "10%"', '"weights": "25%"')
  .replace(', "decode": 0.14', '');

function resnet(budget: string, width = 16, more = ''): string {
  return `{
  // The comment stays.
  "model": { "architecture": "resnet8", "width": ${width}, "input": [32, 32, 3], "classes": 10 },
  "dataset": { "format": "cifar10", "train": "data/a_*.bin", "test": "data/b.bin" },
  "budget": ${budget}${more}
}
`;
}

const all = (text: string, facts?: Facts): readonly Advice[] =>
  advise(text, FILE, WORKSPACE, facts).advice;
const codes = (text: string, facts?: Facts): AdviceCode[] =>
  all(text, facts).map(({ code }) => code);
const find = (text: string, code: AdviceCode, facts?: Facts): Advice => {
  const found = all(text, facts).find((advice) => advice.code === code);
  if (!found) throw new Error(`no ${code} among ${codes(text, facts).join(', ')}`);
  return found;
};
const underlined = (text: string, { location }: Pick<Advice, 'location'>): string =>
  text.slice(location.offset, location.offset + location.length);
function configOf(text: string): ResolvedConfig {
  const { config } = advise(text, FILE, WORKSPACE);
  if (!config) throw new Error('the config has errors');
  return config;
}
function forecast(config: ResolvedConfig, code?: MeasuredCode): Forecast {
  return forecastOf(config, loadModel(config.model), code);
}
function apply(text: string, fix: Fix): string {
  if (fix.kind !== 'edit') throw new Error(`${fix.title} is no edit`);
  return applyEdits(text, fix.edits);
}
const editsOf = (advice: Advice): Fix[] => advice.fixes().filter(({ kind }) => kind === 'edit');

/** A report of a finished run of the meter, as far as advice looks at it. */
function reportOf(text: string, flashTotal: number): Report {
  const { layers, ram, flash } = forecast(configOf(text));
  return {
    version: 3,
    name: 'meter',
    run: 'meter-1',
    method: 'east',
    trainedWith: 'test',
    seed: 1,
    layers: layers
      .filter(({ parameters }) => parameters > 0)
      .map(({ name, kind, weightShape, parameters, tiles }) => ({
        ...{ name, kind, shape: weightShape, parameters, tiles, rawTiles: 0 },
        ...{ sparsity: 0.8, blobBytes: Math.ceil(parameters / 4), ratio: 4, share: 0.2 },
      })),
    parameters: flash.denseBytes,
    denseBytes: flash.denseBytes,
    sparsity: 0.8,
    ratio: 4,
    flash: {
      ...{ weights: 14_000, biases: flash.biases, tables: flash.tables },
      ...{ code: flash.code.bytes, codeSource: 'table', total: flashTotal },
    },
    ram: { ...ram },
    measured: accuracies({ fitted: 0.98 }),
    testExamples: 100,
    budget: {},
    withinBudget: true,
  };
}

describe('advise on the text alone', () => {
  it('has nothing against the example', () => {
    expect(all(METER).filter(({ severity }) => severity !== 'hint')).toEqual([]);
    const [peak] = all(METER);
    expect(peak).toMatchObject({ code: 'ram-peak', path: ['budget', 'ram'] });
    expect(peak!.message).toBe(
      'RAM peaks at 12.8 KiB of 16.0 KiB in layer dense1: activations 832 B, decode buffer 12.0 KiB',
    );
    expect(underlined(METER, peak!)).toBe('"16KiB"');
  });

  it('tells syntax, keys that stand twice, schema and rules apart', () => {
    expect(new Set(codes('{ "model": '))).toEqual(new Set(['syntax']));
    expect(codes('')).toEqual(['syntax']);
    const twice = METER.replace('"name"', '"engine": "cpu", "engine": "cpu", "name"');
    expect(codes(twice)).toEqual(['duplicate-key']);
    expect(codes(METER.replace('"name"', '"nme"'))).toEqual(['schema']);
    expect(codes(METER.replace('"classes": 10', '"classes": 9'))).toEqual(['config']);
    expect(codes('[]')).toEqual(['schema']);
    expect(codes('{ "version": 2 }')).toContain('schema');
  });

  it('reports what only the firmware cannot do', () => {
    const wide = METER.replace('"units": 64', '"units": 65536');
    expect(find(wide, 'config').message).toMatch(/dimension of 65536/);
  });
});

describe('a flash budget that is impossible', () => {
  const text = METER.replace('"32KiB"', '"5KiB"');

  it('says by how much and which layers weigh most', () => {
    const advice = find(text, 'budget-flash-exceeded');
    expect(advice.severity).toBe('error');
    expect(advice.message).toMatch(/^budget\.flash is too small by \d[\d,]* bytes: code, biases/);
    expect(underlined(text, advice)).toBe('"5KiB"');
    expect(advice.related.map(({ message }) => message.split(' ')[0])).toEqual([
      'dense1',
      'conv3',
      'conv2',
    ]);
    expect(underlined(text, advice.related[0]!)).toBe('"dense"');
  });

  it('is gone after each of the fixes, comments kept', () => {
    const fixes = editsOf(find(text, 'budget-flash-exceeded'));
    expect(fixes).toHaveLength(2);
    for (const fix of fixes) {
      const mended = apply(text, fix);
      expect(codes(mended)).not.toContain('budget-flash-exceeded');
      expect(mended).toContain('// A tenth of what');
      expect(Math.abs(mended.length - text.length)).toBeLessThan(10);
    }
    expect(codes(apply(text, fixes[0]!))).not.toContain('compression-unlikely');
  });

  it('is mended by the largest width that fits', () => {
    const small = resnet('{ "flash": 7000 }');
    const fix = editsOf(find(small, 'budget-flash-exceeded')).find(({ title }) =>
      title.startsWith('Set model.width'),
    );
    const mended = apply(small, fix!);
    expect(codes(mended)).not.toContain('budget-flash-exceeded');
    const width = configOf(mended).model.width!;
    const wider = mended.replace(`"width": ${width}`, `"width": ${width + 1}`);
    expect(codes(wider)).toContain('budget-flash-exceeded');
  });

  it('is mended by pruning where method dense cannot', () => {
    const dense = resnet('{ "flash": "64KiB" }', 16, ',\n  "east": { "method": "dense" }');
    const [fix, ...others] = editsOf(find(dense, 'budget-flash-exceeded'));
    expect(apply(dense, fix!)).toContain('"method": "east"');
    for (const each of [fix!, ...others]) {
      expect(codes(apply(dense, each))).not.toContain('budget-flash-exceeded');
    }
  });

  it('is found for budget.weights, too', () => {
    const weights = METER.replace('"25%"', '"100B"');
    const advice = find(weights, 'budget-flash-exceeded');
    expect(underlined(weights, advice)).toBe('"100B"');
    expect(advice.message).toMatch(/budget\.weights is too small by .*: the weights take at least/);
    for (const fix of editsOf(advice)) {
      expect(codes(apply(weights, fix))).not.toContain('budget-flash-exceeded');
    }
  });

  it('becomes one that planJob accepts, with the smallest possible', async () => {
    const cases: [string, string][] = [
      ...[4, 8, 16, 23].map((width): [string, string] => [
        resnet('{ "flash": 1 }', width),
        'flash',
      ]),
      [resnet('{ "weights": 1 }'), 'weights'],
      [resnet('{ "flash": 1, "ram": "80KiB" }', 20), 'flash'],
      [METER.replace('"32KiB"', '1'), 'flash'],
      ...['4', '"ternary"'].map((bits): [string, string] => [
        METER.replace('"32KiB"', '1').replace(
          '"budget"',
          `"quantization": { "weights": ${bits} }, "budget"`,
        ),
        'flash',
      ]),
    ];
    for (const [bad, key] of cases) {
      const config = configOf(bad);
      await expect(planJob(config)).rejects.toThrow('cannot be met');
      const known = forecast(config);
      const facts = { code: await measureCode(known.graph, known.possible, firmwareTarget()) };
      const smallest = editsOf(find(bad, 'budget-flash-exceeded', facts)).find(({ title }) =>
        title.endsWith('the smallest possible'),
      );
      const mended = configOf(apply(bad, smallest!));
      await expect(planJob(mended)).resolves.toBeDefined();
      const least = forecast(config, facts.code).flash;
      const needed = key === 'flash' ? least.least : least.leastBlob;
      const limit = { ...config.budget, [key]: key === 'flash' ? needed : { bytes: needed } };
      await expect(planJob({ ...config, budget: limit })).resolves.toBeDefined();
      const below = {
        ...config.budget,
        [key]: key === 'flash' ? needed - 1 : { bytes: needed - 1 },
      };
      await expect(planJob({ ...config, budget: below })).rejects.toThrow(`${needed} bytes`);
    }
  });
});

describe('a budget that hardly any weight survives', () => {
  const int8 = ', "quantization": { "weights": 8 }';
  const text = resnet('{ "weights": "3%" }', 16, int8);

  it('is warned of with the estimate', async () => {
    const advice = find(text, 'compression-unlikely');
    expect(advice.severity).toBe('warning');
    expect(advice.message).toMatch(
      /^The budget leaves [\d,]+ bytes for weights of 77,360 \(33\.\d\d× compression\): about 0\.\d % of them/,
    );
    expect((await planJob(configOf(text))).warnings.join()).toContain('can stay non-zero');
  });

  it('is mended by a reachable one, or another width', () => {
    const flash = resnet('{ "flash": "9KiB" }', 16, int8);
    for (const start of [text, flash]) {
      const fixes = editsOf(find(start, 'compression-unlikely'));
      expect(fixes.length).toBeGreaterThan(0);
      for (const fix of fixes)
        expect(codes(apply(start, fix))).not.toContain('compression-unlikely');
    }
    expect(editsOf(find(flash, 'compression-unlikely'))).toHaveLength(2);
  });
});

describe('a run that a lowered budget no longer takes', () => {
  const run = (total: number): Facts => ({
    lastRun: { id: 'meter-1', config: undefined, report: reportOf(METER, total) },
  });

  it('is an error until the budget or the run changes', () => {
    const facts = run(40 * 1024);
    const advice = find(METER, 'budget-flash-exceeded', facts);
    expect(advice.message).toContain(
      'is exceeded by 8,192 bytes by the last run (40.0 KiB of 32.0 KiB)',
    );
    const [train, raise] = advice.fixes();
    expect(train).toMatchObject({ kind: 'command', command: 'run' });
    const raised = apply(METER, raise!);
    expect(codes(raised, facts)).not.toContain('budget-flash-exceeded');
    expect(codes(METER, run(30 * 1024))).not.toContain('budget-flash-exceeded');
    expect(find(METER, 'budget-flash-exceeded', { ...facts, training: true }).fixes()).toHaveLength(
      1,
    );
  });

  it('is not held against another network', () => {
    const other = METER.replace('"units": 64', '"units": 32');
    expect(codes(other, run(40 * 1024))).not.toContain('budget-flash-exceeded');
  });
});

describe('a limit of decoding', () => {
  const mlp = (budget: string): string =>
    `{ "model": { "architecture": "mlp", "width": 256, "input": [1, 1, 640], "classes": 10 },
  "dataset": { "format": "csv", "label": "y", "train": "a.csv", "test": "b.csv" },
  "east": { "codec": "auto" },
  "budget": ${budget} }`;

  it('that keeps weights from the smallest codec is told, and lifted by the fix', () => {
    const usual = mlp('{ "weights": "15%" }');
    const advice = find(usual, 'decoding-limited');
    expect(advice).toMatchObject({ severity: 'info', path: ['budget', 'decode'] });
    expect(advice.message).toContain('leaves decoding 65 % of an inference');
    const [lift] = advice.fixes();
    const lifted = apply(usual, lift!);
    expect(lifted).toContain('"decode": null');
    expect(codes(lifted)).not.toContain('decoding-limited');
    expect(find(mlp('{ "weights": "15%", "decode": 0.5 }'), 'decoding-limited').severity).toBe(
      'hint',
    );
  });

  it('is not told where LZ4 alone is allowed, or nothing has to shrink', () => {
    const lz4 = mlp('{ "weights": "15%" }').replace('"auto"', '"lz4"');
    expect(codes(lz4)).not.toContain('decoding-limited');
    expect(codes(METER)).not.toContain('decoding-limited');
  });
});

describe('a network that could be another one', () => {
  const resnet8 = (width: number, more: string): string =>
    `{ "model": { "architecture": "resnet8", "width": ${width}, "input": [32, 32, 3], "classes": 10 },
  "dataset": { "format": "cifar10", "train": "a.bin", "test": "b.bin" },
  ${more} }`;

  it('hardly has to shrink: a width that the same budget squeezes is proposed, and fits', () => {
    const text = resnet8(8, '"budget": { "weights": "24KiB" }');
    const advice = find(text, 'wider-network');
    expect(advice).toMatchObject({ severity: 'info', path: ['model', 'width'] });
    const [fix] = advice.fixes();
    const wider = apply(text, fix!);
    const width = Number(/"width": (\d+)/.exec(wider)?.[1]);
    expect(width).toBeGreaterThan(12);
    expect(width).toBeLessThanOrEqual(32);
    expect(codes(wider)).not.toContain('wider-network');
    expect(codes(wider)).not.toContain('compression-unlikely');
    expect(codes(resnet8(width + 8, '"budget": { "weights": "24KiB" }'))).not.toContain(
      'wider-network',
    );
  });

  it('is not wider than RAM allows', () => {
    const text = resnet8(8, '"budget": { "weights": "24KiB", "ram": "28KiB" }');
    const roomy = find(resnet8(8, '"budget": { "weights": "24KiB" }'), 'wider-network');
    const widthOf = (message: string): number => Number(/of width (\d+)/.exec(message)?.[1]);
    const narrow = codes(text).includes('wider-network')
      ? widthOf(find(text, 'wider-network').message)
      : 8;
    expect(narrow).toBeLessThan(widthOf(roomy.message));
  });

  it('has 8 bits a weight where fewer would keep more of them', () => {
    const squeezed = (weights: string): string =>
      resnet8(16, `"quantization": { "weights": ${weights} }, "budget": { "weights": "20%" }`);
    const advice = find(squeezed('8'), 'few-bits');
    expect(advice.message).toMatch(/about \d+ % can stay non-zero.*"auto".*about \d+ %/);
    const [fix] = advice.fixes();
    expect(codes(apply(squeezed('8'), fix!))).not.toContain('few-bits');
    for (const other of ['4', '"ternary"', '"auto"']) {
      expect(codes(squeezed(other))).not.toContain('few-bits');
    }
  });
});

describe('RAM', () => {
  it.each([resnet('{ "flash": "64KiB", "ram": "10KiB" }'), METER.replace('"16KiB"', '"4KiB"')])(
    'that is too little is an error which each fix mends (%#)',
    async (text) => {
      const advice = find(text, 'budget-ram-exceeded');
      expect(advice).toMatchObject({ severity: 'error', path: ['budget', 'ram'] });
      expect(advice.related).toHaveLength(3);
      const fixes = editsOf(advice);
      expect(fixes.length).toBeGreaterThanOrEqual(2);
      for (const fix of fixes) {
        const mended = apply(text, fix);
        expect(codes(mended)).not.toContain('budget-ram-exceeded');
        await expect(planJob(configOf(mended))).resolves.toBeDefined();
      }
    },
  );

  it('that cuts the weights into tiles is worth a note, with budgets for fewer', () => {
    const text = METER.replace('"16KiB"', '"6KiB"');
    const advice = find(text, 'ram-peak');
    expect(advice.severity).toBe('info');
    expect(advice.message).toMatch(/decoded in (\d+) tiles$/);
    const tiles = forecast(configOf(text)).ram.tiles;
    const fixes = editsOf(advice);
    expect(fixes.length).toBeGreaterThan(0);
    for (const fix of fixes) {
      expect(forecast(configOf(apply(text, fix))).ram.tiles).toBeLessThan(tiles);
    }
    expect(forecast(configOf(apply(text, fixes.at(-1)!))).ram.tiles).toBe(5);
  });

  it('adds a missing budget in the style of the text', () => {
    const peak = find(resnet('{ "flash": "64KiB" }'), 'ram-peak');
    expect(peak.severity).toBe('hint');
    expect(peak.message).toMatch(/^RAM peaks at [\d.]+ KiB in layer/);
  });
});

describe('the linker', () => {
  const file = '/ws/models/firmware/mps2-an386.ld';
  const RAM_AT = 0x2000_0000;
  const memory = (flash: number, ram: number): string =>
    `MEMORY { FLASH (rx) : ORIGIN = 0, LENGTH = ${flash} RAM (rwx) : ORIGIN = ${RAM_AT}, LENGTH = ${ram} }
SECTIONS { .text : { *(.text*) *(.rodata*) } > FLASH .bss : { *(.bss*) } > RAM }`;
  const script = (flash: number, ram: number): LinkerFacts =>
    factsOf({ script: { file, text: memory(flash, ram) } });
  const withMap = (taken: number): LinkerFacts => {
    const hex = (n: number): string => `0x${n.toString(16)}`;
    const lines = [
      `.text 0x0 ${hex(taken + 100)}`,
      ` .text 0x0 ${hex(taken)} main.o`,
      ` .rodata ${hex(taken)} 0x64 meter_weights.o`,
      `.bss ${hex(RAM_AT)} 0x400`,
      ` .bss ${hex(RAM_AT)} 0x400 main.o`,
    ];
    const regions = [['FLASH', 0, 64 * 1024] as const, ['RAM', RAM_AT, 64 * 1024] as const];
    return factsOf({
      script: { file, text: memory(64 * 1024, 64 * 1024) },
      map: { file: '/ws/build/app.map', text: gnuMap(regions, lines) },
    });
  };

  it('is silent where there is room', () => {
    expect(codes(METER, { linker: script(256 * 1024, 64 * 1024) })).toEqual(['ram-peak']);
    expect(codes(METER, { linker: withMap(1024) })).toEqual(['ram-peak']);
  });

  it('has less than the budget: an error, and the fix is what is there', () => {
    const facts = { linker: script(16 * 1024, 14_000) };
    const flash = find(METER, 'linker-flash', facts);
    expect(flash.severity).toBe('error');
    expect(flash.message).toBe(
      'budget.flash of 32.0 KiB is more than region FLASH has: 16.0 KiB in models/firmware/mps2-an386.ld',
    );
    expect(codes(apply(METER, flash.fixes()[0]!), facts)).not.toContain('linker-flash');
    const ram = find(METER, 'linker-ram', facts);
    expect(codes(apply(METER, ram.fixes()[0]!), facts)).not.toContain('linker-ram');
  });

  it('leaves less than the budget once the rest of the firmware is there', () => {
    const facts = { linker: withMap(40 * 1024) };
    const advice = find(METER, 'linker-flash', facts);
    expect(advice.severity).toBe('warning');
    expect(advice.message).toBe(
      'budget.flash of 32.0 KiB is more than the rest of the firmware leaves in region FLASH: 24.0 KiB, ' +
        'since it takes 40.0 KiB of 64.0 KiB according to build/app.map',
    );
    expect(codes(apply(METER, advice.fixes()[0]!), facts)).not.toContain('linker-flash');
    const full = find(METER, 'linker-flash', { linker: withMap(63 * 1024) });
    expect(full.severity).toBe('error');
    expect(full.fixes()).toEqual([]);
  });

  it('counts without a flash budget, too', () => {
    const open = METER.replace('"flash": "32KiB", ', '');
    const facts = { linker: script(16 * 1024, 64 * 1024) };
    const advice = find(open, 'linker-flash', facts);
    expect(advice.message).toMatch(
      /^The model takes up to [\d.]+ KiB of flash, which is more than/,
    );
    const mended = apply(open, advice.fixes()[0]!);
    expect(mended).toContain('"flash": "16KiB"');
    expect(codes(mended, facts)).not.toContain('linker-flash');
  });

  it('is told of where it cannot be read', () => {
    const none: LinkerFacts = { own: { name: 'meter' }, passedOver: [], notes: [] };
    const unreadable = (value: Partial<LinkerFacts>): Facts => ({
      linker: { ...none, linkerScript: file, ...value },
    });
    const missing = find(
      METER,
      'linker-script',
      unreadable({ script: { file, problem: 'no such file' } }),
    );
    expect(missing.message).toBe('models/firmware/mps2-an386.ld: no such file');
    expect(underlined(METER, missing)).toBe('"firmware/mps2-an386.ld"');
    const odd = factsOf({ script: { file, text: 'MEMORY { X : ORIGIN = 0, LENGTH = 1 }' } });
    expect(find(METER, 'linker-script', { linker: odd }).message).toMatch(
      /no region looks like flash or ram among X; say which with firmware\.flashRegion and firmware\.ramRegion/,
    );
    const map = { file: '/ws/x.map', problem: 'no map' };
    expect(find(METER, 'map-file', unreadable({ map })).message).toBe('x.map: no map');
  });

  it('is told of regions that the config names and that are none', () => {
    const named = METER.replace('"linkerScript"', '"flashRegion": "FLAHS", "linkerScript"');
    const facts = { linker: script(256 * 1024, 64 * 1024) };
    const wrong = find(named, 'linker-region', facts);
    expect(wrong.message).toBe(
      'firmware.flashRegion: there is no memory region "FLAHS"; there are FLASH, RAM',
    );
    expect(underlined(named, wrong)).toBe('"FLAHS"');
    const mended = apply(named, wrong.fixes()[0]!);
    expect(mended).toContain('"flashRegion": "FLASH"');
    expect(codes(mended, facts)).toEqual(['ram-peak']);
  });

  it('is not held against a config that names another script by now', () => {
    const other = METER.replace('mps2-an386.ld', 'other.ld');
    expect(codes(other, { linker: script(1024, 1024) })).toEqual(['ram-peak']);
  });
});

describe('the sources', () => {
  const directory = '/ws/models/firmware/east';
  const config = configFingerprint(configOf(METER));
  const present = { directory, state: 'present', files: [], config } as const;
  const lastRun = { id: 'r', config: configOf(METER), report: reportOf(METER, 20_000) };
  const commands = (advice: Advice): string[] =>
    advice.fixes().map((fix) => (fix.kind === 'command' ? fix.command : fix.title));

  it('that are current need no word', () => {
    expect(codes(METER, { sources: present })).toEqual(['ram-peak']);
  });

  it('that are missing are trained for, or regenerated where a run is there', () => {
    const sources = { directory, state: 'missing', files: ['manifest.json'] } as const;
    const none = find(METER, 'sources-missing', { sources });
    expect(none.severity).toBe('info');
    expect(underlined(METER, none)).toBe('"firmware"');
    expect(commands(none)).toEqual(['run']);
    expect(commands(find(METER, 'sources-missing', { sources, lastRun }))).toEqual(['generate']);
    const some = { ...sources, files: ['meter_run.c'], config };
    expect(find(METER, 'sources-missing', { sources: some }).severity).toBe('warning');
  });

  it('go stale as one types, not by comments', () => {
    const facts = { sources: present, lastRun };
    expect(codes(`${METER}// more\n`, facts)).toEqual(['ram-peak']);
    const changed = METER.replace('"seed": 1', '"seed": 2');
    const advice = find(changed, 'sources-stale', facts);
    expect(commands(advice)).toEqual(['run']);
    const older = { ...present, config: 'x' };
    expect(commands(find(METER, 'sources-stale', { ...facts, sources: older }))).toEqual([
      'generate',
    ]);
    expect(commands(find(changed, 'sources-stale', { ...facts, training: true }))).toEqual([]);
  });

  it('that were edited are named', () => {
    const sources = { ...present, state: 'edited', files: ['meter_run.c'] } as const;
    const advice = find(METER, 'sources-edited', { sources, lastRun });
    expect(advice.message).toContain('meter_run.c');
    expect(commands(advice)).toEqual(['generate', 'verify']);
  });

  it('of another folder are not held against this one', () => {
    const sources = { ...present, directory: '/ws/other', config: 'x' };
    expect(codes(METER, { sources })).toEqual(['ram-peak']);
  });
});

describe('paths', () => {
  it('that name nothing are told where they stand', () => {
    const train = '/ws/models/data/train-images.idx.gz';
    const advice = find(METER, 'dataset-missing', { missing: new Map([[train, 'no such file']]) });
    expect(underlined(METER, advice)).toBe('"data/train-images.idx.gz"');
    expect(advice.message).toBe(
      `dataset.train: no such file, so this config cannot be trained here (looked for ${train})`,
    );
    const moved = METER.replace('data/train-images', 'data/other');
    expect(codes(moved, { missing: new Map([[train, 'no such file']]) })).toEqual(['ram-peak']);
  });

  it('that leave the workspace through a link are errors', () => {
    const outside = new Map([['/ws/models/firmware/east', 'is a link']]);
    expect(find(METER, 'path-outside', { outside })).toMatchObject({
      severity: 'error',
      path: ['firmware', 'directory'],
    });
  });
});

describe('sizes as people write them', () => {
  it('never promise less or more than was asked', () => {
    for (let bytes = 1; bytes < 200_000; bytes = Math.ceil(bytes * 1.01) + 1) {
      const [up, down] = [parseSize(sizeAtLeast(bytes))!, parseSize(sizeAtMost(bytes))!];
      expect(up).toBeGreaterThanOrEqual(bytes);
      expect(up - bytes).toBeLessThanOrEqual(Math.max(1024, bytes / 10));
      expect(down).toBeLessThanOrEqual(bytes);
      expect(down).toBeGreaterThan(0);
    }
    expect([sizeAtLeast(5769), sizeAtLeast(65_537), sizeAtMost(65_536)]).toEqual([
      '5.7KiB',
      '65KiB',
      '64KiB',
    ]);
  });
});

describe('a kernel that reaches beyond its input', () => {
  const motion = METER.replace('"input": [24, 16, 1]', '"input": [1, 384, 1]')
    .replaceAll('{ "type": "maxPool2d", "pool": 2 },', '')
    .replace('"kernel": 3', '"kernel": [5, 9]');

  it('is cropped, said so once for each layer, and mended where it stands', () => {
    const found = all(motion).filter(({ code }) => code === 'kernel-cropped');
    expect(found.map(({ severity }) => severity)).toEqual(['info', 'info', 'info']);
    const [first] = found;
    expect(first!.message).toBe(
      'of this 5×9 kernel only 1×9 can ever meet an input of 1×384; the rest is left out of the network',
    );
    expect(underlined(motion, first!)).toBe('"kernel"');
    const mended = apply(motion, first!.fixes()[0]!);
    expect(codes(mended).filter((code) => code === 'kernel-cropped')).toHaveLength(2);
    // The network is the same as before: nothing else changes.
    expect(forecast(configOf(mended)).flash).toEqual(forecast(configOf(motion)).flash);
  });

  it('takes padding with it that is given side by side', () => {
    const padded = motion.replace('"kernel": [5, 9]', '"kernel": [5, 9], "padding": [2, 2, 4, 4]');
    const [first] = all(padded).filter(({ code }) => code === 'kernel-cropped');
    const mended = apply(padded, first!.fixes()[0]!);
    expect(configOf(mended).model.layers![0]).toMatchObject({
      kernel: [1, 9],
      padding: [0, 0, 4, 4],
    });
    expect(forecast(configOf(mended)).flash).toEqual(forecast(configOf(padded)).flash);
  });

  it('is no matter where every tap is of use', () => {
    expect(codes(METER)).not.toContain('kernel-cropped');
  });
});
