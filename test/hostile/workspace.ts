/**
 * Writes a hostile workspace: the meter's config, and runs of it in each of which one thing is what somebody who sends
 * others a folder would put there. What lies outside must be the same afterwards.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadConfig } from '../../src/core/config/load-config';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';
import { elements } from '../../src/core/ops/shape';
import { outputSize } from '../../src/core/graph/graph';
import { createRandom } from '../../src/core/util/random';

const root = join(import.meta.dirname, '../..');
const recorded = join(root, 'test/fixtures/dashboard/meter-run');

/** What `east status` and the editor's tree say of a run: that it is damaged, or what it is after all. */
export interface HostileRun {
  readonly id: string;
  readonly what: string;
  /** In the message, where the run cannot be read. undefined: it is listed like any other. */
  readonly message?: RegExp;
}

export interface HostileWorkspace {
  readonly folder: string;
  readonly config: string;
  /** A sound finished run, beside which the others must not matter. */
  readonly good: string;
  readonly runs: readonly HostileRun[];
  /** Files that nothing may change, in a folder beside. */
  readonly outside: string;
  close(): void;
}

interface Trick {
  readonly what: string;
  readonly put: (run: string, outside: string) => void;
  readonly message?: RegExp;
}

/** Replaces a file of the run. */
const replace = (run: string, name: string, put: (file: string) => void): void => {
  const file = join(run, name);
  rmSync(file, { recursive: true, force: true });
  put(file);
};
const link = (target: string) => (file: string) => symlinkSync(target, file);
const pipe = (file: string): void => void execFileSync('mkfifo', [file]);
const folder = (file: string): void => void mkdirSync(file);
/** Takes no room on the disk. */
const sparse = (bytes: number) => (file: string) => {
  writeFileSync(file, '');
  truncateSync(file, bytes);
};

const CONFIG = 'config.resolved.json';
const forge =
  (change: (config: Record<string, unknown>, outside: string) => object) =>
  (run: string, outside: string): void => {
    const config: Record<string, unknown> = JSON.parse(readFileSync(join(run, CONFIG), 'utf8'));
    writeFileSync(join(run, CONFIG), JSON.stringify({ ...config, ...change(config, outside) }));
  };
const firmware = (directory: string) =>
  forge(({ firmware: old }) => ({ firmware: { ...(old as object), directory } }));

const LINK = /symbolic link/;
const TRICKS: readonly Trick[] = [
  ...[CONFIG, 'events.jsonl'].flatMap((name): Trick[] => [
    {
      what: `${name} is a link to a device`,
      put: (run) => replace(run, name, link('/dev/zero')),
      message: LINK,
    },
    {
      what: `${name} is a link to a file outside`,
      put: (run, outside) => replace(run, name, link(join(outside, name))),
      message: LINK,
    },
    { what: `${name} is a named pipe`, put: (run) => replace(run, name, pipe), message: /pipe/ },
    { what: `${name} is a folder`, put: (run) => replace(run, name, folder), message: /folder/ },
    {
      what: `${name} is of terabytes`,
      put: (run) => replace(run, name, sparse(2 ** 40)),
      message: /so it is not read/,
    },
  ]),
  ...['exit.json', 'report.json', 'model.east', 'examples.east', 'code-size.json'].flatMap(
    (name): Trick[] => [
      {
        what: `${name} is a link to a device`,
        put: (run) => replace(run, name, link('/dev/zero')),
      },
      { what: `${name} is a named pipe`, put: (run) => replace(run, name, pipe) },
      { what: `${name} is of terabytes`, put: (run) => replace(run, name, sparse(2 ** 40)) },
    ],
  ),
  {
    what: 'checkpoints is a link to a folder outside',
    put: (run, outside) => replace(run, 'checkpoints', link(outside)),
  },
  {
    what: 'the run itself is a link to a folder outside',
    put: (run, outside) => {
      rmSync(join(outside, 'run'), { recursive: true, force: true });
      renameSync(run, join(outside, 'run'));
      symlinkSync(join(outside, 'run'), run);
    },
    message: LINK,
  },
  {
    what: 'sources outside',
    put: (run, outside) => firmware(join(outside, 'firmware'))(run, outside),
    message: /firmware\.directory.*leads out/,
  },
  {
    what: 'sources in .git',
    put: (run) => forgeInside(run, '.git/hooks'),
    message: /into \.git/,
  },
  { what: 'a path for a name', put: forge(() => ({ name: '../../x' })), message: /name: expected/ },
  {
    what: 'C for a name',
    put: forge(() => ({ name: 'x\n#include "/etc/passwd"\nint y' })),
    message: /name: expected/,
  },
  { what: 'data from outside', put: forge(dataFrom('/dev/zero')), message: /leads out/ },
  {
    what: 'a network of billions',
    put: forge(() => ({
      model: { layers: [{ type: 'dense', units: 1e9 }], input: [9, 9, 9], classes: 9 },
    })),
    message: /units/,
  },
  {
    what: 'a config a hundred thousand lists deep',
    put: (run) => writeFileSync(join(run, CONFIG), '['.repeat(1e5) + ']'.repeat(1e5)),
    message: /damaged/,
  },
  {
    what: 'zeros in the log',
    put: (run) => appendFileSync(join(run, 'events.jsonl'), `${'\0'.repeat(500)}\n{}\n`),
  },
  {
    what: 'a line without end',
    put: (run) => appendFileSync(join(run, 'events.jsonl'), 'x'.repeat(3e6)),
  },
  {
    what: 'a log of numbers that are none',
    put: (run) =>
      appendFileSync(
        join(run, 'events.jsonl'),
        '{"type":"prune","step":1,"time":"","layers":null}\n',
      ),
  },
  { what: 'a report of another kind', put: (run) => writeFileSync(join(run, 'report.json'), '[]') },
  {
    what: 'a model of gigabytes, its checksum right',
    put: (run) => writeFileSync(join(run, 'model.east'), giantContainer()),
  },
];

function forgeInside(run: string, directory: string): void {
  const workspace = join(run, '../../..');
  mkdirSync(join(workspace, directory), { recursive: true });
  firmware(join(workspace, directory))(run, '');
}

function dataFrom(train: string) {
  return ({ dataset }: Record<string, unknown>) => ({ dataset: { ...(dataset as object), train } });
}

function giantContainer(): Uint8Array {
  const arrays = Array.from({ length: 1000 }, (_, i) => ({
    name: `a${i}`,
    type: 'f64',
    length: 2 ** 27,
    offset: 0,
  }));
  const header = Buffer.from(JSON.stringify({ meta: {}, arrays }));
  const bytes = Buffer.alloc(Math.ceil((48 + header.length) / 8) * 8);
  bytes.write('EASTBOX1', 'latin1');
  bytes.writeUInt32LE(header.length, 8);
  header.copy(bytes, 48);
  createHash('sha256')
    .update(bytes.subarray(8, 16))
    .update(bytes.subarray(48))
    .digest()
    .copy(bytes, 16);
  return bytes;
}

/** @param parent an empty folder, which gets `workspace` and `outside` */
export async function makeHostileWorkspace(parent: string): Promise<HostileWorkspace> {
  const workspace = join(parent, 'workspace');
  const outside = join(parent, 'outside');
  mkdirSync(join(workspace, '.vscode'), { recursive: true });
  const config = join(workspace, 'meter.east.json');
  cpSync(join(root, 'examples/meter/meter.east.json'), config);
  mkdirSync(join(workspace, 'firmware'));
  cpSync(
    join(root, 'examples/meter/firmware/mps2-an386.ld'),
    join(workspace, 'firmware/mps2-an386.ld'),
  );
  const good = goodRun(workspace, config);
  makeOutside(outside, good.path);
  const runs = TRICKS.map(({ what, put, message }, i): HostileRun => {
    // Older than the good one, so that this is what commands choose.
    const id = `meter-20200101-${String(i).padStart(6, '0')}-00`;
    const run = join(workspace, '.east/runs', id);
    cpSync(good.path, run, { recursive: true });
    put(run, outside);
    return { id, what, ...(message === undefined ? {} : { message }) };
  });
  const servers = [await socketAt(join(workspace, '.east/queue.json'))];
  const east = join(workspace, '.east');
  symlinkSync(join(outside, 'worker.log'), join(east, 'worker.log'));
  pipe(join(east, 'worker.json'));
  mkdirSync(join(east, 'locks'), { recursive: true });
  symlinkSync('/dev/zero', join(east, 'locks', 'worker.lock'));
  addData(workspace);
  addDepth(workspace);
  return {
    folder: workspace,
    config,
    good: good.id,
    runs,
    outside,
    close: () => servers.forEach((server) => server.close()),
  };
}

function goodRun(workspace: string, config: string): RunFolder {
  const resolved = loadConfig(config, { workspace });
  const folder = new RunStore(workspace).create(resolved, readFileSync(config, 'utf8'));
  for (const name of ['events.jsonl', 'model.east', 'report.json']) {
    cpSync(join(recorded, name), folder.file(name));
  }
  const { graph } = folder.loadModel()!.encoded.model;
  const random = createRandom(1);
  const codes = (length: number): Int8Array =>
    Int8Array.from({ length }, () => random.int(256) - 128);
  folder.saveExamples({
    vectors: {
      inputs: Array.from({ length: 4 }, () => codes(elements(graph.inputShape))),
      outputs: Array.from({ length: 4 }, () => codes(outputSize(graph))),
    },
    targets: new Float32Array(4),
  });
  return folder;
}

function makeOutside(outside: string, run: string): void {
  mkdirSync(join(outside, 'firmware'), { recursive: true });
  cpSync(run, join(outside, 'run'), { recursive: true });
  for (const name of ['config.resolved.json', 'events.jsonl']) {
    cpSync(join(run, name), join(outside, name));
  }
  writeFileSync(join(outside, 'worker.log'), 'nobody writes here\n');
  // What cleaning up after a kill, or after a checkpoint, would remove.
  for (const name of ['.a.ckpt.123.tmp', 'step-000000001.ckpt', 'step-000000002.ckpt', 'secret']) {
    writeFileSync(join(outside, name), name);
  }
}

function socketAt(path: string): Promise<Server> {
  return new Promise((done) => {
    const server = createServer((socket) => socket.destroy()).listen(path, () => done(server));
  });
}

/** Small files that become large (300 MB of zeros in 300 KB), devices and pipes as data, each named by a config. */
function addData(workspace: string): void {
  const data = join(workspace, 'data');
  mkdirSync(data, { recursive: true });
  const zeros = Buffer.alloc(300e6);
  // 819,200 images of 24 by 16.
  Buffer.from([0, 0, 8, 3, 0, 12, 128, 0, 0, 0, 0, 24, 0, 0, 0, 16]).copy(zeros);
  writeFileSync(join(data, 'bomb.gz'), gzipSync(zeros, { level: 1 }));
  zeros.fill('1,');
  writeFileSync(join(data, 'table.csv.gz'), gzipSync(zeros, { level: 1 }));
  pipe(join(data, 'pipe.gz'));
  symlinkSync('/dev/zero', join(data, 'device.gz'));
  const text = readFileSync(join(workspace, 'meter.east.json'), 'utf8');
  for (const name of DATA) {
    const own = text.replaceAll(/data\/\w+-\w+\.idx\.gz/g, `data/${name}.gz`);
    writeFileSync(join(workspace, `${name}.east.json`), own);
  }
}

/** Configs whose data is what they are called. */
export const DATA = ['bomb', 'pipe', 'device'] as const;

function addDepth(workspace: string): void {
  const deep = Array.from({ length: 200 }, (_, i) => `d${i}`).join('/');
  mkdirSync(join(workspace, deep), { recursive: true });
  cpSync(join(workspace, 'meter.east.json'), join(workspace, deep, 'deep.east.json'));
  writeFileSync(join(workspace, `${'n'.repeat(240)}.east.json`), '{}');
  symlinkSync('/dev/zero', join(workspace, 'zero.east.json'));
  symlinkSync('.', join(workspace, 'around'));
  writeFileSync(join(workspace, 'a\nb.east.json'), '{}');
}

/** Everything below a folder: kind, permissions, content and times, of links where they lead. */
export function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const file = join(folder, name);
      const stats = lstatSync(file);
      const content = stats.isSymbolicLink()
        ? readlinkSync(file)
        : stats.isFile()
          ? createHash('sha256').update(readFileSync(file)).digest('hex')
          : '';
      return `${name} ${stats.mode.toString(8)} ${stats.size} ${stats.mtimeMs} ${content}`;
    });
}
