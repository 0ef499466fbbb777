/** What the editor knows of model files: what the background process tells of them, and that it is asked once. */
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { advise } from '../../../src/core/advice/advise';
import { applyEdits } from '../../../src/core/advice/edits';
import { parseText } from '../../../src/core/config/parse-config';
import type { ModelFact } from '../../../src/core/models/check-config';
import { modelFileEndings } from '../../../src/core/models/file-endings';
import { gatherModel } from '../../../src/core/models/gather-model';
import { readModelFile } from '../../../src/core/models/read-model-file';
import { UserError } from '../../../src/core/util/errors';
import { gatherKnown } from '../../../src/extension/models/gather-known';
import { ModelCache, type Reader } from '../../../src/extension/models/model-cache';
import { REQUESTS } from '../../../src/protocol/worker';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();
const FIXTURES = resolve('test/fixtures/models');

/** As the answer comes from another process. */
const read: Reader = async (file) =>
  v.parse(REQUESTS['model/read'].result, JSON.parse(JSON.stringify(await readModelFile(file))));

function counting(): { readonly cache: ModelCache; readonly asked: string[] } {
  const asked: string[] = [];
  const cache = new ModelCache((file, workspace) => {
    asked.push(file);
    return read(file, workspace);
  });
  return { cache, asked };
}

function gather(
  file: string,
  folder: string,
  { cache = new ModelCache(read), others = [] as string[], use = 'fit' as const } = {},
): Promise<ModelFact> {
  return gatherKnown({ file, use }, folder, {
    read: (path) => cache.read(path, folder),
    others: () => Promise.resolve(others),
  });
}

describe('a model file that another process has read', () => {
  const files = ['tflite', 'onnx', 'keras', 'lstm'].flatMap((folder) =>
    readdirSync(join(FIXTURES, folder))
      .filter((name) => modelFileEndings().some((ending) => name.endsWith(ending)))
      .map((name) => `${folder}/${name}`),
  );

  it.each(files)('%s is the network that is trained, or has the same problem', async (name) => {
    const file = join(FIXTURES, name);
    const known = await gather(file, FIXTURES);
    const itself = await gatherModel({ file, use: 'fit' });
    if ('problem' in itself) {
      expect(known).toEqual(itself);
    } else {
      expect(known).toEqual({
        of: itself.of,
        sha256: itself.sha256,
        model: { graph: itself.model.graph, entries: new Map() },
      });
    }
  });

  it('is read once, by however many at once, and again when it has changed', async () => {
    const file = join(scratch(), 'net.tflite');
    copyFileSync(join(FIXTURES, 'tflite/cnn-int8.tflite'), file);
    const { cache, asked } = counting();
    const [one, other] = await Promise.all([cache.read(file, '/'), cache.read(file, '/')]);
    expect(one.network?.int8).toBe(true);
    expect(other).toBe(one);
    expect(cache.known(file)).toBe(one);
    expect(asked).toHaveLength(1);
    copyFileSync(join(FIXTURES, 'tflite/resnet-float32.tflite'), file);
    expect(cache.known(file)).toBeUndefined();
    expect((await cache.read(file, '/')).network?.int8).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('that is damaged is read once, too, and again when it was mended', async () => {
    const file = join(scratch(), 'net.tflite');
    writeFileSync(file, 'TFL3 no more');
    const { cache, asked } = counting();
    const first = await cache.read(file, '/');
    expect(first.problem).toBeDefined();
    expect(await cache.read(file, '/')).toBe(first);
    expect(asked).toHaveLength(1);
    copyFileSync(join(FIXTURES, 'tflite/cnn-int8.tflite'), file);
    expect((await cache.read(file, '/')).network).toBeDefined();
  });

  it('that needs another file is read again once that is there', async () => {
    const folder = scratch();
    const file = join(folder, 'external_cnn.onnx');
    copyFileSync(join(FIXTURES, 'onnx/external_cnn.onnx'), file);
    const { cache } = counting();
    expect((await cache.read(file, folder)).problem).toContain('external_cnn.onnx.data');
    copyFileSync(join(FIXTURES, 'onnx/external_cnn.onnx.data'), `${file}.data`);
    expect((await cache.read(file, folder)).network).toBeDefined();
  });
});

describe('a reading that somebody gives up', () => {
  it('goes on for those who have not, and is ended by the last', async () => {
    const file = join(scratch(), 'net.tflite');
    copyFileSync(join(FIXTURES, 'tflite/cnn-int8.tflite'), file);
    const signals: AbortSignal[] = [];
    const answers: (() => void)[] = [];
    const cache = new ModelCache((path, workspace, signal) => {
      if (signal !== undefined) signals.push(signal);
      return new Promise((done, failed) => {
        signal?.addEventListener('abort', () => failed(new Error('stopped')));
        answers.push(() => done(read(path, workspace)));
      });
    });
    const [one, other] = [new AbortController(), new AbortController()];
    const first = cache.read(file, '/', one.signal);
    const second = cache.read(file, '/', other.signal);
    one.abort(new Error('not I'));
    await expect(first).rejects.toThrow('not I');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    other.abort(new Error('nor I'));
    await expect(second).rejects.toThrow('nor I');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    // Whoever asks then begins anew, and one who gives up later than that has nothing to end.
    const third = new AbortController();
    const again = cache.read(file, '/', third.signal);
    expect(signals).toHaveLength(2);
    answers[1]?.();
    expect((await again).network?.int8).toBe(true);
    third.abort();
    expect(cache.known(file)).toBeDefined();
    expect(signals[1]?.aborted).toBe(false);
  });

  it('is not begun where nobody wants it any more', async () => {
    const { cache, asked } = counting();
    const file = join(FIXTURES, 'tflite/cnn-int8.tflite');
    await expect(cache.read(file, '/', AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(asked).toEqual([]);
  });
});

describe('what is wrong with a model file', () => {
  it('is that it leads out of the workspace', async () => {
    const [folder, outside] = [scratch(), scratch()];
    copyFileSync(join(FIXTURES, 'tflite/cnn-int8.tflite'), join(outside, 'net.tflite'));
    symlinkSync(join(outside, 'net.tflite'), join(folder, 'net.tflite'));
    const { cache, asked } = counting();
    const fact = await gather(join(folder, 'net.tflite'), folder, { cache });
    expect(fact).toMatchObject({
      problem: {
        message: expect.stringContaining('outside the workspace folder') as string,
        path: ['file'],
      },
    });
    expect(asked).toEqual([]);
  });

  it('is not known where nobody may read it, which is no error', async () => {
    const folder = scratch();
    const file = join(folder, 'net.tflite');
    copyFileSync(join(FIXTURES, 'tflite/cnn-int8.tflite'), file);
    const cache = new ModelCache(() => Promise.reject(new UserError('not trusted')));
    const fact = await gather(file, folder, { cache });
    expect(fact).toMatchObject({
      problem: { severity: 'warning', message: expect.stringContaining('not trusted') as string },
    });
  });

  it('that it is not there, for which the likeliest others are offered', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'models'));
    const others = ['zoo.onnx', 'models/net.onnx', 'nets.onnx'].map((name) => join(folder, name));
    const file = join(folder, 'configs/net.east.json');
    const text = '{ "model": { "file": "net.onnx", "use": "as-is" } }';
    const parsed = parseText(text, file, folder);
    const fact = await gatherKnown(parsed.model!, folder, {
      read: () => Promise.reject(new Error('not to be asked')),
      others: () => Promise.resolve(others),
    });
    const [first] = advise(text, file, folder, { model: fact }).advice;
    expect(first?.message).toMatch(/^net\.onnx: there is no such file/);
    const texts = first
      ?.fixes()
      .map((fix) => (fix.kind === 'edit' ? applyEdits(text, fix.edits) : fix.title));
    expect(texts?.map((each) => /"file": "(.*?)"/.exec(each)?.[1])).toEqual([
      '../models/net.onnx',
      '../nets.onnx',
      '../zoo.onnx',
    ]);
  });

  it('that it cannot be computed, for which there is a page', async () => {
    const folder = scratch();
    copyFileSync(join(FIXTURES, 'keras/lambda.keras'), join(folder, 'lambda.keras'));
    const file = join(folder, 'net.east.json');
    const text = '{ "model": { "file": "lambda.keras", "use": "as-is" } }';
    const parsed = parseText(text, file, folder);
    const fact = await gather(parsed.model!.file!, folder, { use: 'as-is' as 'fit' });
    const [first] = advise(text, file, folder, { model: fact }).advice;
    expect(first?.message).toContain('Lambda');
    expect(first?.fixes()).toMatchObject([{ kind: 'command', command: 'showModelHelp' }]);
  });
});

describe('a config whose model file has not been read yet', () => {
  it('says nothing of its network, but what it says itself is known', () => {
    const folder = scratch();
    const text = '{ "model": { "file": "net.onnx" } }';
    const { advice, written, config, forecast } = advise(text, join(folder, 'a.east.json'), folder);
    expect(advice).toEqual([]);
    expect(written?.model.file).toBe(join(folder, 'net.onnx'));
    expect([config, forecast]).toEqual([undefined, undefined]);
  });
});
