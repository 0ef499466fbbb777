/**
 * A graphics processor through Dawn, Chromium's implementation of WebGPU, and what can go wrong with it while it works:
 * everything there is asynchronous, errors included.
 */
import { UserError } from '../../util/errors';

/** As much of WebGPU's types as is used here; the packages that define them are not part of this one. */
export interface GpuAdapter {
  readonly limits: object;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  requestDevice(descriptor: { requiredLimits: Record<string, number> }): Promise<GpuDevice>;
}

export interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  pushErrorScope(filter: ErrorFilter): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

export interface Gpu {
  requestAdapter(options: { powerPreference: string }): Promise<GpuAdapter | null>;
}

const ERROR_FILTERS = ['validation', 'out-of-memory', 'internal'] as const;
type ErrorFilter = (typeof ERROR_FILTERS)[number];

/** Those that TensorFlow.js's programs profit from; others stay at WebGPU's defaults. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** How long a refused command waits to learn that its device was lost, which is then the cause. */
const LOSS_MS = 1000;

export interface OpenDevice {
  readonly device: GpuDevice;
  readonly info: GpuAdapter['info'];
  /** For people, e.g. `NVIDIA GeForce RTX 4060`. */
  readonly name: string;
  /** Whether it is the processor that computes, in place of a graphics processor. */
  readonly software: boolean;
}

/** The fastest adapter that the system's drivers offer; undefined where they offer none. */
export async function openDevice(gpu: Gpu): Promise<OpenDevice | undefined> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const limits = new Map<string, unknown>(LIMITS.map((n) => [n, Reflect.get(adapter.limits, n)]));
  const requiredLimits: Record<string, number> = {};
  for (const [name, value] of limits) if (typeof value === 'number') requiredLimits[name] = value;
  const { info } = adapter;
  const device = await adapter.requestDevice({ requiredLimits });
  const names = [info.device, info.description, `${info.vendor} ${info.architecture}`];
  return {
    device,
    info,
    name: names.find((name) => name.trim() !== '')?.trim() ?? 'of unknown name',
    software: isSoftware(info),
  };
}

/** Drivers are free not to say it, so the names of those that are known count, too. */
export function isSoftware({
  isFallbackAdapter,
  vendor,
  architecture,
  device,
  description,
}: GpuAdapter['info']): boolean {
  if (isFallbackAdapter === true) return true;
  const names = [vendor, architecture, device, description].join(' ');
  return /swiftshader|llvmpipe|lavapipe|software|basic render|\bwarp\b/i.test(names);
}

/** Runs commands on a device, one batch after the other, and rejects where any of them failed. */
export class GuardedDevice {
  #loss: UserError | undefined;
  readonly #lost: Promise<UserError>;

  constructor(private readonly device: GpuDevice) {
    this.#lost = device.lost.then(({ reason, message }) => {
      const detail = message.split('\n')[0]?.trim() ?? '';
      this.#loss = new UserError(
        `The graphics device was lost (${reason === '' ? 'unknown' : reason}${detail === '' ? '' : `: ${detail}`}). ` +
          'Its driver may have been reset or updated, or the machine was asleep. Go on with "east resume" or EAST: Resume.',
      );
      return this.#loss;
    });
  }

  /** `begin` issues commands and returns what is to be awaited. */
  async run<T>(begin: () => Promise<T>): Promise<T> {
    if (this.#loss) throw this.#loss;
    for (const filter of ERROR_FILTERS) this.device.pushErrorScope(filter);
    let failure: { readonly error: unknown } | undefined;
    let result: Promise<T>;
    try {
      result = begin();
      result.catch(() => undefined);
    } catch (error) {
      failure = { error };
      result = new Promise(() => undefined);
    }
    // Innermost first; commands of begin() are all issued by now.
    const scopes = [...ERROR_FILTERS].reverse().map(async (filter) => {
      const error = await this.device.popErrorScope();
      return error && describe(filter, error.message);
    });
    const checked = Promise.all(scopes).then((errors) => errors.find((error) => error !== null));
    checked.catch(() => undefined);
    try {
      if (failure) throw (await this.#orLost(checked)) ?? failure.error;
      const [value, error] = await this.#orLost(Promise.all([result, checked]));
      if (error) throw error;
      return value;
    } catch (error) {
      throw await this.#cause(error, checked);
    }
  }

  /** Rejects when the device is lost: what was asked of it may then never be answered. */
  #orLost<T>(work: Promise<T>): Promise<T> {
    const lost = this.#lost.then((loss): never => {
      throw loss;
    });
    return Promise.race([work, lost]);
  }

  /** A refused read says little; the loss or the error behind it is known a moment later. */
  async #cause(error: unknown, checked: Promise<UserError | null | undefined>): Promise<unknown> {
    if (error instanceof UserError) return error;
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), LOSS_MS);
    });
    const behind = checked.catch(() => undefined).then((found) => found ?? this.#lost);
    try {
      return (await Promise.race([behind, moment])) ?? error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function describe(filter: ErrorFilter, message: string): UserError {
  const detail = message.split('\n')[0] ?? '';
  return new UserError(
    filter === 'out-of-memory' || /exceeds the max.* size limit/.test(detail)
      ? `The graphics device has too little memory for this network and batch (${detail}). Lower training.batchSize, or choose the engine "wasm".`
      : `The graphics device refused a command (${detail}). Its driver may be out of date; choose the engine "wasm" to train without it.`,
  );
}
