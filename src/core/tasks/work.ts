/** What a run of a config does with its network, in the words of editor, dashboard and advice. */

/** What a run does: a network in a file is not always trained. */
export const WORKS = ['train', 'quantise', 'encode'] as const;
export type Work = (typeof WORKS)[number];

/** What it is called while it goes on, and what starts it. */
export const WORK_WORDS: Readonly<
  Record<Work, { readonly doing: string; readonly start: string; readonly ready: string }>
> = {
  train: { doing: 'training', start: 'Run training', ready: 'Ready to train' },
  quantise: { doing: 'quantising', start: 'Run quantisation', ready: 'Ready to be quantised' },
  encode: { doing: 'encoding', start: 'Run encoding', ready: 'Ready to be encoded' },
};

/** @param model of a config, as far as it is known */
export function workOf(model: { readonly file?: string; readonly use?: string } | undefined): Work {
  if (model?.file === undefined || model.use === 'fit') return 'train';
  return model.use === 'quantize' ? 'quantise' : 'encode';
}
