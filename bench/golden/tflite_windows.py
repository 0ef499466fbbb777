"""Makes windows.json and transposed.json of test/fixtures/models/: one-operator int8 networks with a window, and what TFLite's reference kernels give.

    python bench/golden/tflite_windows.py test/fixtures/models

Needs what tflite_networks.py needs. Every network is one layer by Keras on a small input, converted to full int8; file, inputs
and outputs are base64. Among them are windows larger than the input, strides longer than the kernel, and sizes that the
stride does not divide.
"""

import json
import sys

import keras
import numpy as np
from keras import layers as L

from tflite_networks import INPUTS, base, convert, run


def layers():
    yield "conv-dilated", (9, 8, 3), lambda x: L.Conv2D(4, 3, padding="same", dilation_rate=2)(x)
    yield "conv-dilated-unevenly", (10, 11, 2), lambda x: L.Conv2D(3, (2, 3), dilation_rate=(3, 2), activation="relu")(x)
    yield "conv-dilated-beyond", (3, 4, 2), lambda x: L.Conv2D(3, 3, padding="same", dilation_rate=4)(x)
    yield "conv-groups", (7, 6, 6), lambda x: L.Conv2D(4, 3, padding="same", groups=2, activation="relu6")(x)
    yield "conv-groups-stride", (7, 6, 6), lambda x: L.Conv2D(9, (3, 2), strides=2, groups=3)(x)
    yield "conv-groups-dilated", (7, 6, 4), lambda x: L.Conv2D(6, 3, groups=2, dilation_rate=(2, 1))(x)
    yield "conv-1d", (20, 3), lambda x: L.Conv1D(5, 4, strides=3, padding="same")(x)
    yield "conv-1d-dilated", (20, 3), lambda x: L.Conv1D(5, 3, padding="same", dilation_rate=4)(x)
    yield "conv-row", (1, 12, 3), lambda x: L.Conv2D(4, 5, padding="same", activation="relu")(x)
    yield "depthwise-multiplier", (8, 7, 3), lambda x: L.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    yield "depthwise-multiplier-one", (9, 7, 1), lambda x: L.DepthwiseConv2D((4, 3), strides=2, depth_multiplier=5)(x)
    yield "depthwise-dilated", (9, 8, 5), lambda x: L.DepthwiseConv2D(3, dilation_rate=(2, 3), padding="same")(x)
    yield "depthwise-1d", (17, 4), lambda x: L.DepthwiseConv1D(5, strides=2, padding="same", activation="relu6")(x)
    yield "depthwise-multiplier-dilated", (9, 8, 2), lambda x: L.DepthwiseConv2D(3, depth_multiplier=3, dilation_rate=2)(x)
    for padding in ("same", "valid"):
        for kernel, stride in ((3, 1), (2, 2), (3, 2), (4, 2), (2, 3), (5, 3), ((1, 4), (1, 2))):
            name = "-".join(str(n).replace(", ", "x").strip("()") for n in (kernel, stride))
            yield f"transposed-{padding}-{name}", (4, 5, 3), lambda x, k=kernel, s=stride, p=padding: (
                L.Conv2DTranspose(4, k, strides=s, padding=p)(x)
            )
    yield "transposed-1d", (6, 5), lambda x: L.Conv1DTranspose(3, 4, strides=2, padding="same", activation="relu")(x)
    yield "maxpool-1d", (15, 4), lambda x: L.MaxPooling1D(4, 3, padding="same")(x)
    yield "averagepool-1d", (15, 4), lambda x: L.AveragePooling1D(4, 3, padding="same")(x)
    yield "averagepool-wide", (5, 4, 3), lambda x: L.AveragePooling2D((4, 3), (2, 1), padding="same")(x)


def main(folder):
    golden = {"windows": {}, "transposed": {}}
    for number, (name, shape, of) in enumerate(layers()):
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        random = np.random.default_rng(number)
        x = i = L.Input(shape)
        if "pool" in name:
            x = L.Conv1D(shape[-1], 1)(x) if len(shape) == 2 else L.Conv2D(shape[-1], 1)(x)
        model = keras.Model(i, of(x))
        model.set_weights([random.normal(0, 0.4, w.shape) for w in model.get_weights()])
        codes = [random.integers(-128, 128, (1, *shape)).astype(np.int8) for _ in range(INPUTS)]
        codes.append(np.full((1, *shape), -128, np.int8))
        file = convert(model, "int8", random)
        outputs, operators = run(file, codes)
        golden["transposed" if name.startswith("transposed") else "windows"][name] = {
            "file": base(np.frombuffer(file, np.uint8)),
            "inputs": [base(code) for code in codes],
            "outputs": [base(values[0]) for values in outputs],
        }
        print(name, len(file), operators, flush=True)
    for file, values in golden.items():
        with open(f"{folder}/{file}.json", "w") as out:
            json.dump(values, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
