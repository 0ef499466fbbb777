/** Files that hold a network in a way only its framework reads: which line to type there for one that can be read here. */

interface Foreign {
  readonly endings: readonly string[];
  readonly what: string;
  readonly how: string;
}

const ONNX =
  'torch.onnx.export(model.eval(), (example,), "model.onnx", dynamo=True) writes one, example a tensor as the network takes it';

const FOREIGN: readonly Foreign[] = [
  {
    endings: ['.pt2'],
    what: 'a program exported by PyTorch',
    how: `type in Python: torch.export.load("model.pt2").module(), and of that: ${ONNX}`,
  },
  {
    endings: ['.pt', '.pth', '.ckpt', '.safetensors'],
    what: 'a checkpoint of PyTorch, which holds weights or a pickled program and no network that can be read safely',
    how: `type in Python: ${ONNX}`,
  },
  {
    endings: ['.pb', 'saved_model', '/variables'],
    what: 'a SavedModel of TensorFlow',
    how: 'type: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx, or in Python: open("model.tflite", "wb").write(tf.lite.TFLiteConverter.from_saved_model("FOLDER").convert())',
  },
];

/** What a folder holds that `model.export` and tf.saved_model.save make, whatever it is called. */
export const SAVED_MODEL = 'saved_model.pb';

/** @param name of the file, in lower case. undefined for names that nothing is known of */
export function exportAdvice(name: string): string | undefined {
  const found = FOREIGN.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
  return found && `this is ${found.what}; export the network as ONNX or TFLite first: ${found.how}`;
}
