/** The layers as a table for other programs: exact numbers, not the rounded ones that are shown. */
import type { LayerRow } from '../src/protocol/dashboard';

export function layersCsv(layers: readonly LayerRow[]): string {
  const rows = layers.map((layer) =>
    [
      layer.name,
      layer.kind,
      layer.shape.join('x'),
      layer.parameters,
      layer.sparsity,
      layer.ratio,
      layer.blobBytes,
      layer.share,
      layer.tiles,
      layer.rawTiles,
      layer.format,
      layer.savings?.levels,
      layer.savings?.zeros,
      layer.savings?.coding,
      layer.noise?.output,
      layer.noise?.own,
    ]
      .map((value) => value ?? '')
      .join(','),
  );
  const names =
    'layer,kind,shape,weights,sparsity,ratio,bytes,share,tiles,rawTiles,format,savedByLevels,savedByPruning,savedByEncoding,signalToNoise,signalToNoiseAlone';
  return `${[names, ...rows].join('\n')}\n`;
}
