/** Kernels that reach beyond their input: what of them can never be used is not part of the network, and that is said. */
import { pair } from '../ops/layer-keys';
import { isOfSequence } from '../ops/sequence';
import type { Padding } from '../ops/shape';
import { formatShape } from '../report/format';
import type { Advice, TextEdit } from './advice';
import { say, type Context } from './context';
import { setKey } from './edits';

/** Padding given side by side becomes less with the kernel. */
function paddingEdits(text: string, entry: number, { padding }: { padding: Padding }): TextEdit[] {
  if (typeof padding === 'string') return [];
  return setKey(text, ['model', 'layers', entry, 'padding'], padding);
}

export function kernelAdvice(context: Context): Advice[] {
  const { config, forecast, text } = context;
  return forecast.graph.layers.flatMap((layer, i) =>
    'kernel' in layer
      ? forecast.layers[i]!.entries.flatMap((entry) => {
          const described = config.model.layers?.[entry];
          const written = described && 'kernel' in described ? described.kernel : undefined;
          if (written === undefined) return [];
          const along = isOfSequence(described!);
          const [rows, columns] =
            along && typeof written === 'number' ? [1, written] : pair(written);
          const [used, across] = layer.kernel;
          if (rows === used && columns === across) return [];
          const [height, width] = layer.inputShape;
          const path = ['model', 'layers', entry, 'kernel'];
          const value = along ? across : [used, across];
          const title = `Set kernel to ${along ? across : `[${used}, ${across}]`}`;
          return [
            say(context, {
              code: 'kernel-cropped',
              severity: 'info',
              message:
                `of this ${formatShape([rows, columns])} kernel only ${formatShape([used, across])} can ever meet an input of ` +
                `${height}×${width}; the rest is left out of the network`,
              path,
              fixes: () => [
                {
                  kind: 'edit',
                  title,
                  edits: [...setKey(text, path, value), ...paddingEdits(text, entry, layer)],
                },
              ],
            }),
          ];
        })
      : [],
  );
}
