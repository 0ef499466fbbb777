/**
 * What small files that unpack to gigabytes cost those who meet them: the memory and the time of `east run` on a config
 * that names one, and of `east init`, which looks at it as the editor's wizard does.
 *
 *   npm run build && npx tsx bench/bombs.ts
 *
 * Writes bench/results/bombs.json and the table of docs/measurements.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const MIB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'east-bombs-'));
const meter = join(folder, 'meter.cjs');
const usage = join(folder, 'usage');

interface Bomb {
  readonly name: string;
  readonly format: string;
  readonly file: string;
  readonly unpacked: number;
  readonly make: () => Uint8Array;
  readonly keys?: object;
}

interface Cost {
  readonly peakMB: number;
  readonly ms: number;
  readonly exitCode: number | null;
  readonly message: string;
}

const GIGABYTE = 2 ** 30;
const SHAPE = [28, 28, 1] as const;
const PIXELS = 28 * 28;

/** Zeros by the gigabyte: gzip's streams may be put one behind the other. */
function zeros(start: Uint8Array, bytes: number, fill = 0): Buffer {
  const piece = gzipSync(Buffer.alloc(64 * MIB, fill), { level: 9 });
  const times = Math.floor(bytes / (64 * MIB));
  return Buffer.concat([gzipSync(start), ...Array.from({ length: times }, () => piece)]);
}

function idxHeader(count: number): Buffer {
  const header = Buffer.alloc(16);
  [0x00000803, count, 28, 28].forEach((word, i) => header.writeUInt32BE(word, 4 * i));
  return header;
}

function npyHeader(count: number): Buffer {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 28, 28), }`.padEnd(
    117,
  );
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(text.length + 1, 8);
  return Buffer.concat([header, Buffer.from(`${text}\n`)]);
}

/** One entry, deflated. */
function zip(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content, { level: 9 });
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(20, 0);
  entry.writeUInt16LE(8, 4);
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(packed.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), entry, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00'),
    entry,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function png(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8;
  const data = deflateSync(Buffer.alloc((side + 1) * side), { level: 9 });
  const end = chunk('IEND', Buffer.alloc(0));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    end,
  ]);
}

const count = Math.floor((2 * GIGABYTE - 200 * MIB) / PIXELS);
const BOMBS: readonly Bomb[] = [
  {
    name: 'idx.gz, as large as its header says',
    format: 'idx',
    file: 'honest.gz',
    unpacked: 16 + count * PIXELS,
    make: () => zeros(idxHeader(count), count * PIXELS),
  },
  {
    name: 'idx.gz, larger than its header says',
    format: 'idx',
    file: 'lying.gz',
    unpacked: 2 * GIGABYTE,
    make: () => zeros(idxHeader(100), 2 * GIGABYTE),
  },
  {
    name: 'npz',
    format: 'numpy',
    file: 'bomb.npz',
    unpacked: GIGABYTE,
    make: () =>
      zip(
        'x.npy',
        Buffer.concat([
          npyHeader(Math.floor(GIGABYTE / PIXELS)),
          Buffer.alloc(Math.floor(GIGABYTE / PIXELS) * PIXELS),
        ]),
      ),
  },
  {
    name: 'csv.gz, one line',
    format: 'csv',
    file: 'line.csv.gz',
    unpacked: 2 * GIGABYTE,
    make: () => zeros(Buffer.from('a,b,label\n'), 2 * GIGABYTE, 0x31),
    keys: { label: 'label' },
  },
  {
    name: 'csv.gz, nothing but line ends',
    format: 'csv',
    file: 'empty.csv.gz',
    unpacked: 2 * GIGABYTE,
    make: () => zeros(Buffer.from('a,b,label\n1,2,x\n'), 2 * GIGABYTE, 0x0a),
    keys: { label: 'label' },
  },
  {
    name: 'PNG',
    format: 'images',
    file: 'pictures/a/bomb.png',
    unpacked: 30_000 * 30_000,
    make: () => png(30_000),
  },
];

try {
  mkdirSync(join(folder, '.vscode'));
  writeFileSync(
    meter,
    // What resourceUsage() tells has the memory of this script in it, from which the process began.
    `const fs = require('node:fs');
    process.on('exit', () => fs.writeFileSync(process.env.EAST_USAGE,
      /VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]));`,
  );
  const results = BOMBS.map((bomb) => {
    const file = join(folder, 'data', bomb.file);
    mkdirSync(resolve(file, '..'), { recursive: true });
    const bytes = bomb.make();
    writeFileSync(file, bytes);
    if (bomb.format === 'images') {
      mkdirSync(join(folder, 'data/pictures/b'));
      writeFileSync(join(folder, 'data/pictures/b/bomb.png'), bytes);
    }
    const path = bomb.format === 'images' ? 'data/pictures' : `data/${bomb.file}`;
    const labels =
      bomb.format === 'idx' || (bomb.format === 'numpy' && !path.endsWith('.npz'))
        ? { trainLabels: path, testLabels: path }
        : {};
    const csv = bomb.format === 'csv';
    const config = {
      name: 'bomb',
      model: csv
        ? { architecture: 'mlp', width: 8, input: [1, 1, 2], classes: 2 }
        : {
            architecture: 'mlp',
            width: 8,
            input: SHAPE,
            classes: bomb.format === 'images' ? 2 : 10,
          },
      dataset: { format: bomb.format, train: path, test: path, ...labels, ...bomb.keys },
      budget: { flash: '64KiB' },
      firmware: { directory: 'firmware' },
    };
    writeFileSync(join(folder, 'bomb.east.json'), JSON.stringify(config));
    const run = east('run', 'bomb');
    const init = east(
      ...['init', 'new', '--force', '--format', bomb.format, '--train', path, '--test', path],
      ...(csv ? ['--label', 'label'] : []),
      ...(bomb.format === 'idx' ? ['--train-labels', path, '--test-labels', path] : []),
    );
    rmSync(join(folder, 'data'), { recursive: true });
    console.log(bomb.name, run, init);
    return { bomb: bomb.name, bytes: bytes.length, unpacked: bomb.unpacked, run, init };
  });
  const plain = east('--version').peakMB;
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
  };
  writeFileSync(
    join(root, 'bench/results/bombs.json'),
    `${JSON.stringify({ machine, peakMBOfVersion: plain, results }, null, 2)}\n`,
  );
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  fillMeasured(
    root,
    'bombs',
    markdownTable(
      [
        'file',
        'bytes',
        'unpacked',
        '`east run`, peak',
        'and time',
        '`east init`, peak',
        'and time',
      ],
      results.map(({ bomb, bytes, unpacked, run, init }) => [
        bomb,
        mb(bytes),
        mb(unpacked),
        ...[run, init].flatMap(({ peakMB, ms }) => [`${peakMB} MB`, `${(ms / 1000).toFixed(1)} s`]),
      ]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function east(...args: string[]): Cost {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    'node',
    ['--require', meter, join(root, 'dist/east.mjs'), ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, EAST_USAGE: usage, NO_COLOR: '1' } },
  );
  const ms = Math.round(performance.now() - start);
  const peakMB = Math.round((1024 * Number(readFileSync(usage, 'utf8'))) / 1e6);
  const message = stderr.trim().split('\n').at(-1)?.replaceAll(folder, '') ?? '';
  return { peakMB, ms, exitCode: status, message: message.slice(0, 200) };
}
