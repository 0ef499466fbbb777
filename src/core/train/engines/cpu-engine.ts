/** Plain JavaScript: hundreds of times slower than the others, and the reference their results are checked against. */
import * as tf from '@tensorflow/tfjs-core';
import { version_cpu } from '@tensorflow/tfjs-backend-cpu';
import type { Engine } from './engine';
import { registerGradients } from '../kernels/gradients';

export async function openCpuEngine(): Promise<Engine> {
  await tf.setBackend('cpu');
  registerGradients(tf);
  return { name: 'cpu', build: `JavaScript ${version_cpu}, 1 thread (slow)`, tf };
}
