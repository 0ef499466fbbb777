"""Makes test/fixtures/models/argmax.json: small networks that end in the index of the largest, and the indices that TFLite (its
reference kernels) and ONNX Runtime give for some inputs, all of them with ties.

    python bench/golden/tflite_argmax.py test/fixtures/models

Needs what tflite_networks.py needs, and torch, onnx, onnxruntime.
"""

import io
import json
import sys

import keras
import numpy as np
import onnxruntime
import tensorflow as tf
import torch
from keras import layers as L

from tflite_networks import base, frozen

SHAPE = (1, 4, 4, 2)
INPUTS = 5


def largest(x):
    return tf.argmax(x, axis=-1, output_type=tf.int32)


def classifier(channels, activation=None):
    i = L.Input(SHAPE[1:])
    return keras.Model(i, L.Dense(channels, activation=activation)(L.Flatten()(i)))


def tied_map():
    """Many of its scores are zero at once."""
    i = L.Input(SHAPE[1:])
    return keras.Model(i, L.Conv2D(5, 3, padding="same", activation="relu")(i))


def networks():
    scores, tied = classifier(6), tied_map()
    both = classifier(6)
    return {
        "scores": lambda x: largest(scores(x, training=False)),
        "wide": (lambda m: lambda x: largest(m(x, training=False)))(classifier(200)),
        "widest-zero": (lambda m: lambda x: largest(m(x, training=False)))(classifier(128)),
        "softmax": (lambda m: lambda x: largest(m(x, training=False)))(classifier(6, "softmax")),
        "map": lambda x: largest(tied(x, training=False)),
        "map-kept": lambda x: tf.expand_dims(tf.cast(largest(tied(x, training=False)), tf.int64), -1),
        "both": lambda x: (lambda y: (y, largest(y)))(both(x, training=False)),
    }


def convert(call, random, int8):
    function = tf.function(call).get_concrete_function(tf.TensorSpec(SHAPE, tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen(function)])
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]

        def examples():
            for _ in range(30):
                yield [(random.integers(-128, 128, SHAPE) / 32).astype(np.float32)]

        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
    return converter.convert()


def run(file, inputs):
    """All outputs one after the other, indices and codes alike."""
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]["index"]
    results = []
    for codes in inputs:
        interpreter.set_tensor(given, codes)
        interpreter.invoke()
        results.append(
            [
                {"type": str(value.dtype), "values": np.ravel(value).tolist()}
                for value in (
                    interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()
                )
            ]
        )
    return results


class Torch(torch.nn.Module):
    def __init__(self, channels, activation, flat, keep):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, channels, 3, padding=1)
        self.activation = activation
        self.flat, self.keep = flat, keep

    def forward(self, x):
        y = self.conv(x)
        if self.flat:
            y = y.mean((2, 3))
        return self.activation(y).argmax(1, keepdim=self.keep)


def onnx_networks():
    return {
        "onnx-scores": Torch(6, torch.nn.Identity(), True, False),
        "onnx-softmax": Torch(6, torch.nn.Softmax(1), True, True),
        "onnx-map": Torch(5, torch.nn.ReLU(), False, False),
        "onnx-map-kept": Torch(5, torch.nn.LogSoftmax(1), False, True),
    }


def main(folder):
    keras.utils.set_random_seed(5)
    torch.manual_seed(5)
    random = np.random.default_rng(5)
    golden = {}
    for name, call in networks().items():
        for kind in ("int8",) if name.startswith("wide") else ("int8", "float"):
            file = convert(call, random, kind == "int8")
            inputs = [random.integers(-128, 128, SHAPE).astype(np.int8) for _ in range(INPUTS)]
            given = inputs if kind == "int8" else [(x / 32).astype(np.float32) for x in inputs]
            golden[f"{name}-{kind}"] = {
                "file": base(np.frombuffer(file, np.uint8)),
                "inputs": [base(codes) for codes in inputs],
                "outputs": run(file, given),
            }
    for name, network in onnx_networks().items():
        data = io.BytesIO()
        example = torch.zeros(1, 2, 4, 4)
        torch.onnx.export(network.eval(), (example,), data, opset_version=17, dynamo=False)
        session = onnxruntime.InferenceSession(data.getvalue())
        inputs = [random.integers(-128, 128, SHAPE).astype(np.int8) for _ in range(INPUTS)]
        golden[name] = {
            "file": base(np.frombuffer(data.getvalue(), np.uint8)),
            "inputs": [base(codes) for codes in inputs],
            "outputs": [
                [
                    {"type": str(value.dtype), "values": np.ravel(value).tolist()}
                    for value in session.run(
                        None,
                        {session.get_inputs()[0].name: (x / 32).astype(np.float32).transpose(0, 3, 1, 2)},
                    )
                ]
                for x in inputs
            ],
        }
    with open(f"{folder}/argmax.json", "w") as out:
        json.dump(golden, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
