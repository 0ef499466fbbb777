/**
 * Shows that generated sources compute what was trained: compiles them with warnings as errors for the host (also
 * under sanitizers) and for a target, runs self-test and vectors on both, compares every output byte, and measures
 * what they cost on the target. What cannot run for want of a tool is reported with the line to type, never an exception.
 */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { CODE_OPTIONS, compileObjects, excerpt, runProgram, WARNINGS } from './compile';
import type { ProgramResult } from './compile';
import type { Manifest } from './manifest';
import { readManifest } from './manifest';
import type { ObjectSections } from './object-sections';
import { objectSections } from './object-sections';
import { prefixed, runtimeFile, runtimePath } from './runtime-files';
import { withTemporaryFolder } from './temporary-folder';
import type { Target } from './targets/target';
import type { Tool } from './toolchain';
import { findTool, HOST_COMPILER } from './toolchain';
import { checkVectors } from './vectors';
import type { Vectors } from './vectors';

export interface VerifyOptions {
  /** Folder that writeSources filled. */
  readonly directory: string;
  /** The config's name. */
  readonly name: string;
  readonly vectors: Vectors;
  /** Of an autoencoder: what the scores of all vectors add up to. */
  readonly scores?: number;
  /** Called with a line about what is about to happen. */
  readonly onProgress?: (message: string) => void;
  /** Ends the programs that are running; verifyFirmware then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly target: Target;
  /** More compiler options for the target, e.g. the plain C kernels (tests). */
  readonly targetOptions?: readonly string[];
}

export type CheckResult =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly message: string }
  /** `missing` says what is not installed, `install` what to type. */
  | { readonly status: 'skipped'; readonly missing: string; readonly install: string };

/** Cost of one model on a target. */
export interface TargetCost {
  /** Bytes in the compiled objects, self-test not included. */
  readonly flash: ObjectSections;
  /** Static RAM of the model's objects: the arena. */
  readonly ramBytes: number;
  readonly instructionsPerInference: number;
  /** Of the front end, which an inference does not count: of a whole example, and of one hop of a stream, if one was run. */
  readonly frontend?: { readonly instructions: number; readonly instructionsPerHop?: number };
  /** Of the LZ4 decoder; undefined when no tile is LZ4. */
  readonly instructionsPerDecodedByte: number | undefined;
  /** Of a step along the stream; undefined where the network runs along none. */
  readonly instructionsPerStep?: number;
  /** Decoded in one inference. */
  readonly decodedBytes: number;
}

export interface VerificationReport {
  readonly vectors: number;
  readonly host: CheckResult;
  /** The host run again under AddressSanitizer and UndefinedBehaviorSanitizer. */
  readonly sanitizers: CheckResult;
  /** On the target's simulator. */
  readonly onTarget: CheckResult;
  /** Undefined where that part did not get that far. */
  readonly cost: TargetCost | undefined;
  /** Nothing failed. */
  readonly passed: boolean;
  /** Nothing was skipped. */
  readonly complete: boolean;
}

const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g', '-O1'];
const SANITIZER_TOOL: Tool = {
  name: 'the AddressSanitizer library of the C compiler',
  programs: [],
  install: HOST_COMPILER.install,
};
const RUN_SECONDS = 1800;

/** Throws UserError only for what the caller can mend: no sources in the directory, vectors of the wrong size. */
export async function verifyFirmware(options: VerifyOptions): Promise<VerificationReport> {
  const { directory, name, vectors, signal, onProgress = () => undefined } = options;
  const manifest = expectManifest(directory, name);
  const sources = sourcesOf(directory, manifest);
  return withTemporaryFolder('east-verify-', async (work) => {
    checkVectors(vectors, manifest);
    writeFileSync(join(work, 'vectors.bin'), vectorFile(vectors));
    for (const file of ['platform.h', 'platform_host.c']) {
      copyFileSync(runtimePath(file), join(work, file));
    }
    const { name: core, simulator } = options.target;
    for (const file of [simulator.platform, simulator.linkerScript]) {
      copyFileSync(runtimePath(file), join(work, file));
    }
    writeFileSync(join(work, 'harness.c'), harnessText(manifest, sources.model));
    const context: Context = {
      ...options,
      sources,
      work,
      vectorCount: vectors.inputs.length,
      includes: ['-I', directory, '-I', work],
    };

    onProgress('compiling for the host, warnings are errors');
    const host = await onHost(context, CODE_OPTIONS, 'host');
    signal?.throwIfAborted();
    onProgress('running under AddressSanitizer and UndefinedBehaviorSanitizer');
    const sanitizers = host.status === 'skipped' ? host : await onHost(context, SANITIZE, 'san');
    signal?.throwIfAborted();
    onProgress(
      `compiling for the ${core} and running ${vectors.inputs.length} vectors in ${simulator.name}`,
    );
    const { result, cost } = await onSimulator(context);
    signal?.throwIfAborted();
    const results = [host, sanitizers, result];
    return {
      vectors: vectors.inputs.length,
      host,
      sanitizers,
      onTarget: result,
      cost,
      passed: results.every(({ status }) => status !== 'failed'),
      complete: results.every(({ status }) => status !== 'skipped'),
    };
  });
}

/** The harness for the sources' version of the blob, which the reader among them tells. */
function harnessText({ name, samples }: Manifest, sources: readonly string[]): string {
  const second = sources.some((file) => basename(file) === `${prefixed('east_blob_v2', name)}.c`);
  const defines = [
    ...(second ? ['#define EAST_BLOB_OF_VERSION_2\n'] : []),
    ...(samples === undefined ? [] : ['#define EAST_HAS_FRONTEND\n']),
  ];
  return prefixed(`${defines.join('')}${runtimeFile('harness.c')}`, name);
}

interface Context extends VerifyOptions {
  /** Absolute paths of the model's own .c files, and of those for development: the self-test and what it needs. */
  readonly sources: { readonly model: readonly string[]; readonly development: readonly string[] };
  readonly work: string;
  readonly vectorCount: number;
  readonly includes: readonly string[];
}

async function onHost(
  context: Context,
  options: readonly string[],
  label: string,
): Promise<CheckResult> {
  const compiler = findTool(HOST_COMPILER);
  if (compiler === undefined) return missing(HOST_COMPILER);
  const { work, sources } = context;
  const program = join(work, label);
  const files = [
    ...sources.model,
    ...sources.development,
    join(work, 'harness.c'),
    join(work, 'platform_host.c'),
  ];
  const all = [...WARNINGS, ...options, ...context.includes];
  const compiled = await compileObjects(compiler, all, files, work, context.signal);
  if ('error' in compiled) return failed(compiled.error);
  const linked = await runProgram(compiler, [...options, ...compiled.objects, '-o', program]);
  if (linked.code !== 0) {
    return /-lasan|-lubsan|libclang_rt/.test(linked.stderr)
      ? missing(SANITIZER_TOOL)
      : failed(`linking failed:\n${excerpt(linked)}`);
  }
  // Leak detection needs ptrace, which containers often forbid; the sources allocate nothing.
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
  const run = await runProgram(program, [], {
    cwd: work,
    timeoutSeconds: RUN_SECONDS,
    env,
    signal: context.signal,
  });
  return judge(context, run).result;
}

async function onSimulator(
  context: Context,
): Promise<{ result: CheckResult; cost: TargetCost | undefined }> {
  const { work, sources, name, target, targetOptions = [] } = context;
  const { simulator } = target;
  const compiler = findTool(target.compiler);
  if (compiler === undefined) return { result: missing(target.compiler), cost: undefined };
  const core = [...target.options, ...CODE_OPTIONS, ...targetOptions];
  const files = [
    ...sources.model,
    ...sources.development,
    join(work, 'harness.c'),
    join(work, simulator.platform),
  ];
  const options = [...WARNINGS, ...core, ...context.includes];
  const compiled = await compileObjects(compiler, options, files, work, context.signal);
  if ('error' in compiled) {
    // A compiler without its C library fails at the first standard header.
    const noLibrary = /(stdint|string|stddef)\.h: No such file/.test(compiled.error);
    const result = noLibrary ? missing(target.compiler) : failed(compiled.error);
    return { result, cost: undefined };
  }
  const sizeProgram = findTool(target.sizeProgram);
  if (sizeProgram === undefined) return { result: missing(target.sizeProgram), cost: undefined };
  const modelObjects = compiled.objects.slice(0, sources.model.length);
  const flash = await objectSections(sizeProgram, name, modelObjects);

  const image = join(work, 'image.elf');
  const link = [...core, ...simulator.linkOptions, '-T', join(work, simulator.linkerScript)];
  const linked = await runProgram(compiler, [...link, ...compiled.objects, '-o', image]);
  if (linked.code !== 0) {
    const noLibrary = /cannot find -lc\b|cannot find -lg\b|nano\.specs/.test(linked.stderr);
    const result = noLibrary
      ? missing(target.compiler)
      : failed(`linking for the ${target.name} failed:\n${excerpt(linked)}`);
    return { result, cost: undefined };
  }
  const program = findTool(simulator.tool);
  if (program === undefined) return { result: missing(simulator.tool), cost: undefined };
  const run = await runProgram(program, [...simulator.arguments, image], {
    cwd: work,
    timeoutSeconds: RUN_SECONDS,
    signal: context.signal,
  });
  const { result, values } = judge(context, run);
  const number = (key: string): number => values.get(key) ?? 0;
  const decodedBytes = number('decoded');
  const each = (key: string): number => Math.round(number(key) / Math.max(1, number('vectors')));
  const frontend = values.has('frontend_instructions')
    ? {
        instructions: each('frontend_instructions'),
        ...(number('hops') > 0 && {
          instructionsPerHop: Math.round(number('hop_instructions') / number('hops')),
        }),
      }
    : undefined;
  const cost: TargetCost = {
    flash,
    ramBytes: flash.ram,
    instructionsPerInference: each('instructions'),
    ...defined({ frontend }),
    instructionsPerDecodedByte:
      decodedBytes === 0 ? undefined : number('decode_instructions') / decodedBytes,
    decodedBytes,
    ...(values.has('step_instructions') && {
      instructionsPerStep: Math.round(number('step_instructions') / Math.max(1, number('steps'))),
    }),
  };
  return { result, cost: values.has('instructions') ? cost : undefined };
}

/** What the harness printed: "key value" lines. QEMU sends semihosting's output to its standard error. */
function judge(
  context: Context,
  run: ProgramResult,
): { result: CheckResult; values: Map<string, number> } {
  const values = new Map<string, number>();
  for (const line of `${run.stdout}\n${run.stderr}`.split('\n')) {
    const [, key, value] = /^(\w+) (\d+)$/.exec(line) ?? [];
    if (key !== undefined) values.set(key, Number(value));
  }
  const problem = (): string | undefined => {
    if (run.code !== 0)
      return `the program ended with ${run.code ?? 'no'} exit code:\n${excerpt(run, 20)}`;
    const selfTest = values.get('selftest');
    if (selfTest !== 0) return `the self-test returned status ${selfTest}`;
    const mismatches = values.get('mismatches');
    if (values.get('vectors') !== context.vectorCount || mismatches === undefined) {
      return `not all vectors were run:\n${excerpt(run, 20)}`;
    }
    const features = values.get('feature_mismatches') ?? 0;
    if (features > 0) {
      return (
        `the front end's features differ from those of training in ${features} of ${context.vectorCount} examples, the first is ` +
        `vector ${values.get('first_feature_mismatch')}`
      );
    }
    if ((values.get('push_mismatches') ?? 0) > 0) {
      return 'the outputs of the stream, hop by hop, differ from those of training';
    }
    if (mismatches === 0) return scoreProblem(context, values) ?? streamProblem(context, values);
    return (
      `${mismatches} of ${context.vectorCount} outputs differ from the integer executor's, the first is vector ` +
      `${values.get('first_mismatch')} (status ${values.get('mismatch_status')})`
    );
  };
  const message = problem();
  return { result: message === undefined ? { status: 'passed' } : failed(message), values };
}

function streamProblem(
  { vectors: { stream } }: Context,
  values: ReadonlyMap<string, number>,
): string | undefined {
  const steps = stream?.inputs.length ?? 0;
  // Sources for windows alone have no steps to run.
  if (steps === 0) return undefined;
  const pushed = stream?.recorded?.samples.length ?? 0;
  if (values.get('steps') !== steps || (pushed > 0 && values.get('pushed_steps') !== pushed)) {
    return 'the steps along the stream were not run';
  }
  if (values.get('step_mismatches') === 0) return undefined;
  return (
    `${values.get('step_mismatches')} of ${steps} steps along the stream differ from the integer executor's, the first is ` +
    `step ${values.get('first_wrong_step')}`
  );
}

function scoreProblem(
  { scores }: Context,
  values: ReadonlyMap<string, number>,
): string | undefined {
  const found = values.get('scores');
  if (scores === undefined || found === scores) return undefined;
  return `the scores of all vectors add up to ${found}, in training to ${scores}`;
}

function failed(message: string): CheckResult {
  return { status: 'failed', message };
}

function missing({ name, install }: Tool): CheckResult {
  return { status: 'skipped', missing: name, install };
}

function expectManifest(directory: string, name: string): Manifest {
  const manifest = readManifest(directory);
  if (manifest === undefined) {
    throw new UserError(`There are no generated sources here. Run 'east generate' first.`, {
      file: directory,
    });
  }
  if (manifest.name !== name) {
    throw new UserError(`The sources here are of model '${manifest.name}', not '${name}'.`, {
      file: directory,
    });
  }
  const gone = Object.keys(manifest.files).filter((file) => !existsSync(join(directory, file)));
  if (gone.length > 0) {
    throw new UserError(`Generated sources are missing: ${gone.join(', ')}. Run 'east generate'.`, {
      file: directory,
    });
  }
  return manifest;
}

function sourcesOf(directory: string, { name, files }: Manifest): Context['sources'] {
  const inDevelopment = ['east_selftest', 'east_window'].map((file) => `${prefixed(file, name)}.c`);
  const all = Object.keys(files).filter((file) => file.endsWith('.c'));
  const [development, model] = [true, false].map((is) =>
    all.filter((file) => inDevelopment.includes(file) === is).map((file) => join(directory, file)),
  );
  return { model: model ?? [], development: development ?? [] };
}

/** Count, then raw samples (with a front end), input and expected output of each vector; the same of a stream's steps, and of those from raw samples on, where the sources run along one. */
function vectorFile({ inputs, outputs, stream, raw }: Vectors): Buffer {
  const counted = (count: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(count);
    return bytes;
  };
  const bytes = (v: Int8Array | Int16Array): Buffer =>
    Buffer.from(v.buffer, v.byteOffset, v.byteLength);
  const answers = stream?.outputs ?? [];
  const pushed = stream?.recorded?.samples ?? [];
  const size = answers.find((answer) => answer !== undefined)?.length ?? 0;
  return Buffer.concat([
    counted(inputs.length),
    ...inputs.flatMap((input, i) => [
      ...(raw === undefined ? [] : [bytes(raw[i]!)]),
      bytes(input),
      bytes(outputs[i]!),
    ]),
    counted(stream?.inputs.length ?? 0),
    ...(stream?.inputs ?? []).flatMap((input, i) => [
      bytes(input),
      bytes(answers[i] ?? new Int8Array(size)),
    ]),
    counted(pushed.length),
    ...pushed.flatMap((samples, i) => [bytes(samples), bytes(answers[i] ?? new Int8Array(size))]),
  ]);
}
