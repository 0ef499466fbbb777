/** What layers, their keys and values are called elsewhere (Keras, PyTorch, TensorFlow's C++), and what they are called here. */

/** A name of ours in the place of one of another framework; or, where there is none, what to do. */
export type Alias = { readonly name: string } | { readonly advice: string };

const name = (its: string): Alias => ({ name: its });
const advice = (words: string): Alias => ({ advice: words });

/** By the name in small letters and digits alone. What differs from a type of ours in nothing else needs no entry. */
const TYPES: ReadonlyMap<string, Alias> = new Map([
  ...(['1d', '2d'] as const).flatMap((d): [string, Alias][] => {
    const global = d === '1d' ? '1d' : '';
    return [
      [`convolution${d}`, name(`conv${d}`)],
      [`depthwiseconvolution${d}`, name(`depthwiseConv${d}`)],
      [`dwconv${d}`, name(`depthwiseConv${d}`)],
      [`convolution${d}transpose`, name(`conv${d}Transpose`)],
      [`convtranspose${d}`, name(`conv${d}Transpose`)],
      [`deconv${d}`, name(`conv${d}Transpose`)],
      [`maxpooling${d}`, name(`maxPool${d}`)],
      [`averagepooling${d}`, name(`averagePool${d}`)],
      [`avgpool${d}`, name(`averagePool${d}`)],
      [`globalaveragepooling${d}`, name(`globalAveragePool${global}`)],
      [`globalavgpool${d}`, name(`globalAveragePool${global}`)],
      [`adaptiveavgpool${d}`, name(`globalAveragePool${global}`)],
      [`globalmaxpooling${d}`, name(`globalMaxPool${global}`)],
      [`adaptivemaxpool${d}`, name(`globalMaxPool${global}`)],
      [`spatialdropout${d}`, name('dropout')],
      [`batchnorm${d}`, name('batchNorm')],
      [`zeropadding${d}`, name('pad')],
      [`upsampling${d}`, name('resize')],
      [
        `separableconv${d}`,
        advice(`write it as a depthwiseConv${d} and a conv${d} with "kernel": 1`),
      ],
    ];
  }),
  ['conv', advice('"conv2d" is that of images, "conv1d" that of sequences')],
  ['maxpool', name('maxPool2d')],
  ['maxpooling', name('maxPool2d')],
  ['averagepool', name('averagePool2d')],
  ['avgpool', name('averagePool2d')],
  ['averagepooling', name('averagePool2d')],
  ['globalaveragepooling', name('globalAveragePool')],
  ['globalavgpool', name('globalAveragePool')],
  ['gap', name('globalAveragePool')],
  ['globalmaxpooling', name('globalMaxPool')],
  ['batchnormalization', name('batchNorm')],
  ['bn', name('batchNorm')],
  ['layernormalization', name('layerNorm')],
  ['linear', name('dense')],
  ['fc', name('dense')],
  ['fullyconnected', name('dense')],
  ['innerproduct', name('dense')],
  ['concatenate', name('concat')],
  ['concatenation', name('concat')],
  ['multiply', name('mul')],
  ['subtract', name('sub')],
  ['permute', name('transpose')],
  ['hardsilu', name('hardSwish')],
  ['logistic', name('sigmoid')],
  ['pixelshuffle', name('depthToSpace')],
  ['activation', advice('write its name as the type, or as "activation" of the layer before it')],
  ['input', advice('the shape of the input stands in "model.input"')],
  ['inputlayer', advice('the shape of the input stands in "model.input"')],
  ['normalization', advice('what is done to the input first stands in "dataset.normalize"')],
  ['rescaling', advice('what is done to the input first stands in "dataset.normalize"')],
]);

/** Keys of layers, in the same way. */
const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kernelsize', ['kernel']],
  ['kernelshape', ['kernel']],
  ['filtersize', ['kernel']],
  ['strides', ['stride']],
  ['poolsize', ['pool']],
  ['dilationrate', ['dilation']],
  ['dilations', ['dilation']],
  ['depthmultiplier', ['multiplier']],
  ['channelmultiplier', ['multiplier']],
  ['channels', ['filters']],
  ['outchannels', ['filters']],
  ['outfeatures', ['units']],
  ['neurons', ['units']],
  ['nodes', ['units']],
  ['filters', ['units']],
  ['units', ['filters']],
  ['hiddensize', ['units']],
  ['padsize', ['pads']],
  ['negativeslope', ['slope']],
  ['alpha', ['slope']],
  ['axis', ['along']],
  ['targetshape', ['size']],
  ['eps', ['epsilon']],
  ['p', ['rate']],
  ['usebatchnorm', ['batchNorm']],
  ['inbound', ['inputs']],
]);

/** Activations, in the same way. */
const ACTIVATIONS: ReadonlyMap<string, string> = new Map([
  ['linear', 'none'],
  ['identity', 'none'],
  ['hardsilu', 'hardSwish'],
  ['logistic', 'sigmoid'],
]);

export function typeAlias(written: string, types: readonly string[]): Alias | undefined {
  const same = sameLetters(written, types);
  return same === undefined ? TYPES.get(letters(written)) : name(same);
}

/** @param keys of the layer's type */
export function keyAlias(written: string, keys: readonly string[]): string | undefined {
  const known = KEYS.get(letters(written))?.find((key) => keys.includes(key));
  return sameLetters(written, keys) ?? known;
}

export function activationAlias(
  written: string,
  activations: readonly string[],
): string | undefined {
  const known = ACTIVATIONS.get(letters(written));
  return sameLetters(written, activations) ?? activations.find((each) => each === known);
}

/** The one that is spelled the same but for case, hyphens and underscores. */
export function sameLetters(written: string, among: readonly string[]): string | undefined {
  const wanted = letters(written);
  return among.find((each) => letters(each) === wanted);
}

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
