"""Makes dilated.json of test/fixtures/models/: int8 networks that Keras converts with an open batch, so that dilated convolutions
are spelled out (SPACE_TO_BATCH_ND, a convolution, BATCH_TO_SPACE_ND) and Reshape computes its shape, and what TFLite's
reference kernels give.

    python bench/golden/tflite_dilated.py test/fixtures/models

Needs what tflite_networks.py needs. As in windows.json file, inputs and outputs are base64.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

from tflite_networks import INPUTS, base, run


def networks():
    yield "causal", (24, 3), lambda x: L.Conv1D(5, 3, padding="causal", dilation_rate=4, activation="relu")(x)
    yield "same-1d", (19, 4), lambda x: L.Conv1D(4, 5, padding="same", dilation_rate=3)(x)
    yield "valid-1d", (20, 2), lambda x: L.Conv1D(3, 3, dilation_rate=2)(x)
    yield "same-2d", (9, 8, 3), lambda x: L.Conv2D(4, 3, padding="same", dilation_rate=2, activation="relu6")(x)
    yield "uneven-2d", (10, 11, 2), lambda x: L.Conv2D(3, (2, 3), padding="same", dilation_rate=(3, 2))(x)
    yield "valid-2d", (11, 10, 2), lambda x: L.Conv2D(3, 3, dilation_rate=3)(x)
    yield "depthwise", (9, 7, 5), lambda x: L.DepthwiseConv2D(3, dilation_rate=2, padding="same", depth_multiplier=2)(x)
    yield "reshape-first", (9, 10), lambda x: L.Conv2D(4, (5, 3), strides=2, padding="same")(L.Reshape((9, 10, 1))(x))
    yield "tcn", (32, 3), tcn


def tcn(x):
    for dilation in (1, 2, 4):
        y = L.Conv1D(6, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        x = L.Add()([L.Conv1D(6, 1)(x), y])
    return L.Dense(4)(L.GlobalAveragePooling1D()(x))


def convert(model, shape, random):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [random.normal(0, 1, (1, *shape)).astype(np.float32)] for _ in range(32)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main(folder):
    golden = {}
    for number, (name, shape, of) in enumerate(networks()):
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        random = np.random.default_rng(number)
        i = L.Input(shape)
        model = keras.Model(i, of(i))
        model.set_weights([random.normal(0, 0.4, w.shape) for w in model.get_weights()])
        codes = [random.integers(-128, 128, (1, *shape)).astype(np.int8) for _ in range(INPUTS)]
        codes.append(np.full((1, *shape), -128, np.int8))
        file = convert(model, shape, random)
        outputs, operators = run(file, codes)
        golden[name] = {
            "file": base(np.frombuffer(file, np.uint8)),
            "inputs": [base(code) for code in codes],
            "outputs": [base(values[0]) for values in outputs],
        }
        print(name, len(file), operators, flush=True)
    with open(f"{folder}/dilated.json", "w") as out:
        json.dump(golden, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
