/** The choices behind a new config as a person types them, for `east init` and the editor's wizard alike. */
import type { Architecture, DatasetConfig } from './config';

export const CONFIG_SUFFIX = '.east.json';

export const ARCHITECTURES: readonly Architecture[] = [
  'resnet9',
  'resnet8',
  'ds-cnn',
  'ds-cnn-streaming',
  'mobilenet-v1',
  'lenet5',
  'cnn1d',
  'tcn',
  'mlp',
  'autoencoder',
];

export const FORMATS: readonly DatasetConfig['format'][] = [
  'cifar10',
  'images',
  'idx',
  'numpy',
  'csv',
  'wav',
];

/** What is offered where the user has not said otherwise; texts, as they would be typed. */
export const PRESETS = {
  architecture: 'resnet8',
  input: '32x32x3',
  classes: '10',
  format: 'images',
  train: 'data/train',
  test: 'data/test',
  flash: '64KiB',
  ram: '64KiB',
  firmwareDirectory: 'firmware/east',
} as const;

/** `meter` and `meter.east.json` both mean the latter. */
export function withConfigSuffix(name: string): string {
  return name.endsWith(CONFIG_SUFFIX) ? name : `${name}${CONFIG_SUFFIX}`;
}

/** Undefined where the text is no whole number of at most nine digits. */
export function parseWholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `32x32x3`, `32×32×3` or `32, 32, 3` as height, width, channels. */
export function parseShape(text: string): readonly [number, number, number] | undefined {
  const match = /^(\d{1,5})[x×,](\d{1,5})[x×,](\d{1,5})$/i.exec(text.replaceAll(' ', ''));
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}
