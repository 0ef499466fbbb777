/**
 * What benches that train on CIFAR-10 (JPEG copy) share: the data, the config all their runs have, and a run through the
 * `east` command as a user starts it, which goes on where it was left.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { configChanges } from '../../src/core/config/config-identity';
import { loadConfig } from '../../src/core/config/load-config';
import { IMAGES, listClassFolder } from '../../src/core/dataset/class-folders';
import { readImageFolder } from '../../src/core/dataset/images';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';
import { unpackCifar10 } from './cifar10-archive';

export class Cifar10Runs {
  /** `root` of the repository, `work` a folder for data and runs, which is made, `engine` of the config. */
  constructor(
    private readonly root: string,
    readonly work: string,
    private readonly engine: string,
  ) {}

  get machine(): string {
    return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  }

  /** The pictures decoded once, in the CIFAR-10 binary format, which loads in a second. */
  async prepare(): Promise<void> {
    const { root, work } = this;
    mkdirSync(join(work, '.vscode'), { recursive: true });
    const pictures = join(work, 'pictures');
    for (const set of ['train', 'test']) {
      const target = join(work, `${set}.bin`);
      if (existsSync(target)) continue;
      unpackCifar10(root, pictures);
      console.log(`decoding the pictures of ${set}`);
      const source = listClassFolder(IMAGES, join(pictures, set), 'data', work);
      const all = Uint32Array.from(source.files, (_, i) => i);
      const { count, data, targets } = await readImageFolder(source, all, [32, 32, 3], () => {});
      const [pixels, record] = [1024, 1 + 3 * 1024];
      const bytes = new Uint8Array(count * record);
      for (let i = 0; i < count; i++) {
        bytes[i * record] = targets[i]!;
        for (let k = 0; k < 3 * pixels; k++) {
          bytes[i * record + 1 + (k % 3) * pixels + Math.floor(k / 3)] = data[i * 3 * pixels + k]!;
        }
      }
      writeFileSync(`${target}.part`, bytes);
      renameSync(`${target}.part`, target);
    }
    rmSync(pictures, { recursive: true, force: true });
    execFileSync('node', ['esbuild.mjs'], { cwd: root });
  }

  /** Of a config: all but method, formats and budget. */
  common<Schedule extends object>(name: string, model: object, seed: number, schedule: Schedule) {
    return {
      name,
      model: { ...model, input: [32, 32, 3], classes: 10 },
      dataset: {
        format: 'cifar10',
        train: 'train.bin',
        test: 'test.bin',
        validation: 0.04,
        augment: { flip: true, shift: 4 },
      },
      training: {
        ...schedule,
        batchSize: 128,
        optimizer: 'adam',
        weightDecay: 0.0005,
        seed,
        // Part of what decides the result; the native engine has threads of its own.
        shards: this.engine === 'wasm' ? 2 : 1,
      },
      engine: this.engine,
      firmware: { directory: `firmware/${name}` },
    };
  }

  /**
   * A float network to start from: the last checkpoint of the run `name`, of method dense, as the file `target` in the
   * work folder, which is made if it is not there.
   */
  pretrain(
    name: string,
    target: string,
    model: object,
    schedule: { readonly epochs: number; readonly learningRate: number },
  ): void {
    const file = join(this.work, target);
    if (existsSync(file)) return;
    const run = this.train(name, {
      ...this.common(name, model, 1, { ...schedule, pruneEpochs: 0 }),
      east: { method: 'dense' },
    });
    const checkpoint = run.checkpoints.load();
    if (!checkpoint) throw new Error('the dense run left no checkpoint');
    copyFileSync(checkpoint.file, file);
  }

  /** Trains a config to the end, from where it was left if it was begun as it is now; `command` is that of `east`. */
  train(
    name: string,
    config: object,
    command: readonly string[] = [join(this.root, 'dist/east.mjs')],
  ): RunFolder {
    const file = join(this.work, `${name}.east.json`);
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
    const found = new RunStore(this.work).latest(file);
    const changes = found && configChanges(found.loadConfig(), loadConfig(file));
    const last = changes?.length === 0 ? found : undefined;
    const state = last?.state();
    if (state === 'finished' && last) return last;
    const begun = state === 'stopped' || state === 'interrupted';
    const { status } = spawnSync('node', [...command, begun ? 'resume' : 'run', file], {
      cwd: this.work,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const run = new RunStore(this.work).latest(file);
    if (status !== 0 || run?.state() !== 'finished') {
      throw new Error(`east run ${name}.east.json ended with ${status}`);
    }
    return run;
  }
}
