import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compressionCurve } from '../../../scripts/generate/compression-curve';
import { configDocs } from '../../../scripts/generate/config-docs';
import { editorSchema } from '../../../scripts/generate/editor-schema';
import type { GeneratedFile } from '../../../scripts/generate/generated-file';
import { simdKernels } from '../../../scripts/generate/simd-kernels';
import { strictSchema } from '../../../scripts/generate/strict-schema';
import { trustTable } from '../../../scripts/generate/trust-table';

function committed({ path }: GeneratedFile): string {
  return readFileSync(path, 'utf8');
}

describe('files that npm run generate writes', () => {
  it.each([strictSchema, configDocs, editorSchema, trustTable])(
    '$path is what its sources say',
    async (file) => {
      expect(await file.make()).toBe(committed(file));
    },
  );

  it('kernels compiled from other sources are told by the hash they begin with', async () => {
    const text = committed(simdKernels);
    expect(await simdKernels.isCurrent!(text)).toBe(true);
    const other = text.replace(/Sources: ./, (found) => `${found.slice(0, -1)}-`);
    expect(other).not.toBe(text);
    expect(await simdKernels.isCurrent!(other)).toBe(false);
  });

  it('a compression curve of another selection is told by one point of each format', async () => {
    const text = committed(compressionCurve);
    expect(await compressionCurve.isCurrent!(text)).toBe(true);
    const curves: { curves: Record<string, { bytes: number; nonZero: number }[]> } =
      JSON.parse(text);
    for (const point of curves.curves['int4']!) point.nonZero += 0.0001;
    expect(await compressionCurve.isCurrent!(JSON.stringify(curves))).toBe(false);
  });
});
