/** How the SIMD kernels that take one image at a time are called for a batch of them. */
import type { backend_util } from '@tensorflow/tfjs-core';

/**
 * Visits every image with its byte offsets in tensors shaped as the operation's input and output, and with the shapes
 * in the order in which depthwise and pooling kernels take them (gradient-kernels.as.ts).
 */
export function forEachImage(
  info: backend_util.Conv2DInfo,
  visit: (inputOffset: number, outputOffset: number, geometry: readonly number[]) => void,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const geometry = [
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
  const inputBytes = 4 * inHeight * inWidth * inChannels;
  const outputBytes = 4 * outHeight * outWidth * outChannels;
  for (let n = 0; n < info.batchSize; n++) visit(n * inputBytes, n * outputBytes, geometry);
}

/** Those kernels work on four channels at once, one output channel per input channel, no dilation. */
export function suitsSimd(info: backend_util.Conv2DInfo): boolean {
  const { inChannels, outChannels, dilationHeight, dilationWidth } = info;
  return inChannels === outChannels && inChannels % 4 === 0 && dilationHeight * dilationWidth === 1;
}
