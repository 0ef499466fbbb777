import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../../src/core/run/event-log';
import type { RunEvent } from '../../../src/core/run/events';
import { LogTail } from '../../../src/core/run/log-tail';
import { scratchFolders, stepEvent } from './fixtures';

const scratch = scratchFolders();
const time = '2026-01-01T00:00:00.000Z';
const at = (step: number): RunEvent => ({ type: 'checkpoint', time, step });
const step = (n: number): RunEvent => stepEvent(n, time);
const line = (event: RunEvent): string => `${JSON.stringify(event)}\n`;
const news = (...events: RunEvent[]) => ({
  events,
  restarted: false,
  skimmed: false,
  unreadable: 0,
});

describe('log tail', () => {
  it('tells each event once, as it is appended', async () => {
    const file = join(scratch(), 'events.jsonl');
    const [log, tail] = [new EventLog(file), new LogTail(file)];
    expect(await tail.read()).toEqual(news());
    log.append(at(1));
    log.append(at(2));
    expect(await tail.read()).toEqual(news(at(1), at(2)));
    expect(await tail.read()).toEqual(news());
    log.append(at(3));
    expect(await tail.read()).toEqual(news(at(3)));
    log.close();
  });

  it('tells a line when it is whole, at whichever byte it was torn', async () => {
    const event: RunEvent = { type: 'failed', time, step: 2, message: 'Größe 日本 🙂' };
    const bytes = Buffer.from(line(event));
    const file = join(scratch(), 'events.jsonl');
    for (let cut = 0; cut < bytes.length; cut++) {
      rmSync(file, { force: true });
      const tail = new LogTail(file);
      writeFileSync(file, Buffer.concat([Buffer.from(line(at(1))), bytes.subarray(0, cut)]));
      expect(await tail.read()).toEqual(news(at(1)));
      appendFileSync(file, bytes.subarray(cut));
      expect(await tail.read()).toEqual(news(event));
    }
  });

  it('follows the repair of a torn line by the next writer', async () => {
    const file = join(scratch(), 'events.jsonl');
    const tail = new LogTail(file);
    writeFileSync(file, `${line(at(1))}{"type":"checkpoint","time":"2026-01`);
    expect(await tail.read()).toEqual(news(at(1)));
    const log = new EventLog(file);
    log.append(at(2));
    log.close();
    expect(await tail.read()).toEqual(news(at(2)));
  });

  it('begins anew when the file is another, shorter or gone', async () => {
    const folder = scratch();
    const file = join(folder, 'events.jsonl');
    const tail = new LogTail(file);
    writeFileSync(file, line(at(1)) + line(at(2)));
    await tail.read();
    truncateSync(file, line(at(1)).length);
    expect(await tail.read()).toEqual({ ...news(at(1)), restarted: true });
    writeFileSync(join(folder, 'other'), line(at(7)) + line(at(8)));
    renameSync(join(folder, 'other'), file);
    expect(await tail.read()).toEqual({ ...news(at(7), at(8)), restarted: true });
    rmSync(file);
    expect(await tail.read()).toEqual({ ...news(), restarted: true });
    expect(await tail.read()).toEqual(news());
    writeFileSync(file, line(at(9)));
    expect(await tail.read()).toEqual(news(at(9)));
  });

  it('leaves out lines that cannot be read, and says how many', async () => {
    for (const garbage of ['{}', '\0\0\0', '[1]', '{"type":"checkpoint"', '\u2028', '']) {
      const file = join(scratch(), 'events.jsonl');
      const tail = new LogTail(file);
      writeFileSync(file, `${line(at(1))}${garbage}\n${garbage}\n${line(at(3))}`);
      expect(await tail.read(), garbage).toEqual({ ...news(at(1), at(3)), unreadable: 2 });
      appendFileSync(file, line(at(4)));
      expect(await tail.read()).toEqual(news(at(4)));
    }
  });

  it('gives up on a line without an end', async () => {
    const file = join(scratch(), 'events.jsonl');
    writeFileSync(file, Buffer.alloc(3 * 1024 * 1024, 'x'));
    expect(await new LogTail(file).read()).toEqual({ ...news(), unreadable: 1 });
  });

  it('reads ten thousand lines across its chunks, and then only what is new', async () => {
    const file = join(scratch(), 'events.jsonl');
    const events = Array.from({ length: 10_000 }, (_, i) => at(i));
    writeFileSync(file, events.map(line).join(''));
    const tail = new LogTail(file);
    expect((await tail.read()).events).toEqual(events);
    // Had it read the beginning again, it would stumble here.
    appendFileSync(file, line(at(10_000)));
    const { events: more } = await tail.read();
    expect(more).toEqual([at(10_000)]);
    expect(tail.offset).toBe([...events, at(10_000)].map(line).join('').length);
  });

  it('leaves out steps when it skims, but never the last before anything else', async () => {
    const file = join(scratch(), 'events.jsonl');
    const log = new EventLog(file);
    for (const event of [step(1), step(2), at(2), step(3), step(4), step(5)]) log.append(event);
    log.close();
    expect(log.skim()).toEqual([step(2), at(2), step(5)]);
    const tail = new LogTail(file);
    const skimmed = await tail.read({ skim: true });
    expect(skimmed).toEqual({
      ...news(step(2), at(2), step(5)),
      skimmed: true,
    });
    expect(await tail.read({ skim: true })).toEqual(news());
    appendFileSync(file, 'nonsense\n');
    expect(await tail.read({ skim: true })).toEqual({ ...news(), unreadable: 1 });
    expect(log.skim()).toEqual([step(2), at(2), step(5)]);
    expect(log.summarise()?.unreadable).toEqual({ lines: 1, first: 7 });
  });
});
