import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../../../src/core/run/model-file';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { encodedModel } from './encoded-model-fixture';
import { resolvedConfig, scratchFolders } from './fixtures';

const scratch = scratchFolders();

describe('model file', () => {
  it('reads back what was written, through the run folder', () => {
    const workspace = scratch();
    const run = new RunStore(workspace).create(resolvedConfig(workspace), '{}');
    expect(run.loadModel()).toBeUndefined();
    run.saveModel(encodedModel());
    expect(run.loadModel()).toEqual(encodedModel());
    writeFileSync(join(run.path, 'model.east'), 'x');
    expect(() => run.loadModel()).toThrow(UserError);
  });

  it('refuses other containers and incomplete ones', () => {
    expect(() => decodeModel({ meta: { step: 1 }, arrays: {} }, 'f')).toThrow(
      /not an encoded model/,
    );
    const { meta, arrays } = encodeModel(encodedModel());
    for (const name of Object.keys(arrays)) {
      const rest = Object.fromEntries(Object.entries(arrays).filter(([key]) => key !== name));
      expect(() => decodeModel({ meta, arrays: rest }, 'f')).toThrow(`${name} is missing`);
    }
  });
});
