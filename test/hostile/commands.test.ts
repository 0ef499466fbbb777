/**
 * The built `east` on a hostile workspace: every command says what is wrong with one message and an exit code of its
 * own, none hangs or takes gigabytes, and nothing outside is touched.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA, makeHostileWorkspace, snapshot, type HostileWorkspace } from './workspace';

const program = join(import.meta.dirname, '../../dist/east.mjs');
/** For what hangs, not for what is slow. */
const HANGS_MS = 600_000;
const MOST_BYTES = 500e6;

interface Result {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
  /** The most it ever had in memory, as the kernel counts it. */
  readonly peakBytes: number;
}

let parent: string;
let hostile: HostileWorkspace;
let before: readonly string[];

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'east-h-'));
  hostile = await makeHostileWorkspace(parent);
  writeFileSync(
    join(parent, 'peak.cjs'),
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.EAST_PEAK,
      String(process.resourceUsage().maxRSS)));`,
  );
  before = snapshot(hostile.outside);
});

afterAll(() => {
  hostile.close();
  rmSync(parent, { recursive: true, force: true });
});

async function east(...args: string[]): Promise<Result> {
  const peak = join(parent, 'peak');
  const child = spawn(process.execPath, ['--require', join(parent, 'peak.cjs'), program, ...args], {
    cwd: hostile.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, EAST_PEAK: peak, NO_COLOR: '1' },
    timeout: HANGS_MS,
    killSignal: 'SIGKILL',
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return {
    code,
    out: out.join(''),
    err: err.join(''),
    peakBytes: Number(readFileSync(peak, 'utf8')) * 1024,
  };
}

/** No bug of EAST, no stack, no hang, and as much memory as such a command takes. */
function expectCalm({ code, out, err, peakBytes }: Result, what: string): void {
  const said = `${what}\n${out}\n${err}`;
  expect([0, 1, 2], said).toContain(code);
  expect(err, said).not.toMatch(/bug of EAST|^\s+at /m);
  expect(peakBytes, said).toBeLessThan(MOST_BYTES);
}

describe.runIf(process.platform === 'linux')('east in a hostile workspace', () => {
  it('lists all runs, each with one line', async () => {
    const result = await east('status');
    expectCalm(result, 'status');
    expect(result.code).toBe(0);
    const lines = result.out.trim().split('\n');
    for (const { id, what, message } of hostile.runs) {
      const own = lines.filter((line) => line.startsWith(id));
      expect(own, what).toHaveLength(1);
      if (message === undefined) expect(own[0], what).not.toContain('damaged');
      else expect(own[0], what).toMatch(message);
    }
    expect(lines.filter((line) => line.startsWith(hostile.good))).toHaveLength(1);
    expectCalm(await east('status', '--json'), 'status --json');
  });

  it('works on the sound run beside them', async () => {
    const report = await east('report', 'meter');
    expectCalm(report, 'report');
    expect(report.code).toBe(0);
    const generate = await east('generate', 'meter');
    expectCalm(generate, 'generate');
    expect(generate.code, generate.err).toBe(0);
    const check = await east('check', 'meter');
    expectCalm(check, 'check');
    expect(check.out).toContain('by the word of the manifest');
  });

  it('takes sizes from the sources, whatever their manifest says', async () => {
    const manifest = join(hostile.folder, 'firmware/east/manifest.json');
    const text = readFileSync(manifest, 'utf8');
    const forged = text
      .replace(/"flashBytes": "\d+"/, '"flashBytes": "1000"')
      .replace(/"weightBytes": "\d+"/, '"weightBytes": "900"')
      .replace(/"ramBytes": "\d+"/, '"ramBytes": "8"');
    const before = await east('check', 'meter');
    writeFileSync(manifest, forged);
    const check = await east('check', 'meter');
    writeFileSync(manifest, text);
    expectCalm(check, 'check');
    expect(check.code).toBe(1);
    expect(check.out).toContain('manifest.json');
    const line = (out: string, name: string): string | undefined =>
      out.split('\n').find((each) => each.includes(`${name}: `));
    for (const name of ['RAM', 'weights']) {
      expect(line(check.out, name), name).toBe(line(before.out, name));
      expect(line(check.out, name), name).toBeDefined();
    }
  });

  it('generates nothing by the report of another model', async () => {
    const report = join(hostile.folder, '.east/runs', hostile.good, 'report.json');
    const text = readFileSync(report, 'utf8');
    const forged: { flash: { weights: number; total: number } } = JSON.parse(text);
    forged.flash.weights -= 1000;
    forged.flash.total -= 1000;
    writeFileSync(report, JSON.stringify(forged));
    const result = await east('generate', hostile.good);
    writeFileSync(report, text);
    expectCalm(result, 'generate');
    expect(result.code).toBe(1);
    expect(result.err).toContain("not of this run's model");
  });

  it('reports, generates, verifies and resumes none of the others into anything outside', async () => {
    for (const { id, what, message } of hostile.runs) {
      // What a damaged run is refused with is the same for all that name it.
      const commands = message === undefined ? ['report', 'generate', 'resume'] : ['resume'];
      for (const command of commands) {
        const result = await east(command, id);
        expectCalm(result, `${command}: ${what}`);
        if (message === undefined) continue;
        expect(result.code, `${command}: ${what}`).toBe(1);
        // One message, however long the thing that is wrong.
        expect(result.err.trim().split('\n').length, `${command}: ${what}`).toBeLessThan(4);
        expect(result.err.length, `${command}: ${what}`).toBeLessThan(3000);
      }
      expect(snapshot(hostile.outside), what).toEqual(before);
    }
  });

  it.each<string[]>([
    ...DATA.flatMap((name) => [
      ['run', name],
      ['check', name],
    ]),
    ['run', 'meter'],
    ['verify', 'meter'],
    ['check', 'zero'],
    ['check', `${'n'.repeat(240)}.east.json`],
    ['run', 'a\nb'],
    ['status', 'zero'],
    ['report', '.east'],
    ['check', '.east/worker.json'],
  ])('%s %j says what is wrong', async (...args) => {
    expectCalm(await east(...args), args.join(' '));
    expect(snapshot(hostile.outside)).toEqual(before);
  });
});
