/** Keras's layers that change the size of a plane: pools, padding, cropping, upsampling. */
import type { Shape } from '../../ops/shape';
import type { Node, Value } from './call';
import { checkDimensions, outputOf, planeOf, shapeFrom } from './call';

export function pool(node: Node, type: 'averagePool2d' | 'maxPool2d', dimensions: 1 | 2): Value {
  const { settings } = node;
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const size = settings.pair('pool_size', dimensions, 2);
  const stride = settings.has('strides') ? settings.pair('strides', dimensions) : size;
  const padding = settings.text('padding', 'valid').toLowerCase();
  if (padding !== 'same' && padding !== 'valid') {
    node.fail(`has padding "${padding}"; same and valid are supported`);
  }
  const layer = node.making.builder.add({
    config: { type, pool: size, stride, padding },
    wanted: node.layer.name,
    inputs: [node.plane().layer],
    where: node.where,
  });
  return outputOf(node, layer, dimensions);
}

export function globalPool(node: Node, type: 'globalAveragePool' | 'globalMaxPool'): Value {
  node.checkChannelsLast();
  const { input, channels, settings } = node;
  const places = input.shape.slice(0, -1).map(() => 1);
  const shape = settings.flag('keepdims', false) ? [...places, channels] : [channels];
  return node.add({ type }, shape, { inputs: [node.plane()] });
}

/** [top, bottom, left, right] of what a config says of all sides, of pairs of them, or of each. */
function sides(node: Node, key: string, dimensions: 1 | 2): [number, number, number, number] {
  const numbers = node.settings.numbers(key);
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 0)) node.fail(`has a ${key} below 0`);
  const [a = 0, b = a, c = b, d = c] = numbers;
  if (dimensions === 1) return [0, 0, a, b];
  if (numbers.length === 1) return [a, a, a, a];
  return numbers.length === 2 ? [a, a, b, b] : [a, b, c, d];
}

export function zeroPadding(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const { layer, shape } = node.plane();
  const padding = sides(node, 'padding', dimensions);
  const [height, width, channels] = planeOf(shape);
  const [top, bottom, left, right] = padding;
  const plane: Shape = [height + top + bottom, width + left + right, channels];
  return { layer, shape: shapeFrom(plane, dimensions), padding };
}

export function cropping(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const [top, bottom, left, right] = sides(node, 'cropping', dimensions);
  const [height, width, channels] = planeOf(node.input.shape);
  const plane: Shape = [height - top - bottom, width - left - right, channels];
  if (plane.some((n) => n < 1)) node.fail('leaves nothing of its input');
  return node.add(
    { type: 'slice', begin: [top, left, 0], extent: [...plane] },
    shapeFrom(plane, dimensions),
    { inputs: [node.plane()] },
  );
}

export function upSampling(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const factor = node.settings.pair('size', dimensions, 2);
  const interpolation = node.settings.text('interpolation', 'nearest');
  if (interpolation !== 'nearest' && interpolation !== 'bilinear') {
    node.fail(`has the interpolation "${interpolation}"; nearest and bilinear are supported`);
  }
  const [height, width, channels] = planeOf(node.input.shape);
  const plane: Shape = [height * factor[0], width * factor[1], channels];
  return node.add(
    { type: 'resize', to: [plane[0], plane[1]], method: interpolation, align: 'centers' },
    shapeFrom(plane, dimensions),
    { inputs: [node.plane()] },
  );
}
