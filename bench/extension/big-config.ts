/** A config of about 2,000 lines, as somebody who writes every layer out would have it. */
const LAYERS = 220;

export function bigConfig(): string {
  const layers = Array.from({ length: LAYERS }, (_, i) => ({
    type: 'conv2d',
    name: `conv${i}`,
    filters: 8,
    kernel: 3,
    padding: 'same',
    batchNorm: true,
    activation: 'relu',
  }));
  const config = {
    name: 'big',
    model: {
      input: [32, 32, 3],
      classes: 10,
      layers: [...layers, { type: 'globalAveragePool' }, { type: 'dense', units: 10 }],
    },
    dataset: { format: 'cifar10', train: 'data/train.bin', test: 'data/test.bin' },
    budget: { flash: '4999KiB' },
    firmware: { directory: 'firmware/east' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
