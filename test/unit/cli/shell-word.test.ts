import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../../src/cli/shell-word';

describe('a path in a command to be copied', () => {
  it('is left as it is where it can be', () => {
    for (const path of ['meter.east.json', '../a/b-c_2.east.json', 'größe.east.json']) {
      expect(shellWord(path, 'linux')).toBe(path);
    }
    expect(shellWord('boards\\meter.east.json', 'win32')).toBe('boards\\meter.east.json');
    expect(shellWord('meter (copy)\\m.east.json', 'win32')).toBe('"meter (copy)\\m.east.json"');
  });

  it.skipIf(process.platform === 'win32')('is one word to the shell, and no option', () => {
    for (const path of [
      'meter (copy)/m',
      'a[1]/m',
      '{x,y}/m',
      "it's",
      '$HOME',
      '*',
      '#1',
      'a b',
      '~',
      '!x',
      'a;b',
    ]) {
      const said = execFileSync('sh', ['-c', `printf %s ${shellWord(path, 'linux')}`]);
      expect(said.toString()).toBe(path);
    }
    expect(shellWord('-m (1).east.json', 'linux')).toBe("'./-m (1).east.json'");
    expect(shellWord('-m.east.json', 'linux')).toBe('./-m.east.json');
  });
});
