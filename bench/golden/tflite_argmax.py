"""Makes test/fixtures/models/argmax.json: a small int8 classifier that ends in ARG_MAX, and the classes TFLite gives.

    python bench/golden/tflite_argmax.py test/fixtures/models

Needs what tflite_networks.py needs.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

from tflite_networks import base, frozen

SHAPE = (1, 4, 4, 2)


def main(folder):
    keras.utils.set_random_seed(5)
    random = np.random.default_rng(5)
    i = L.Input(SHAPE[1:])
    model = keras.Model(i, L.Dense(6)(L.Flatten()(i)))
    function = tf.function(
        lambda x: tf.argmax(model(x, training=False), axis=-1, output_type=tf.int32)
    ).get_concrete_function(tf.TensorSpec(SHAPE, tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen(function)])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]

    def examples():
        for _ in range(30):
            yield [(random.integers(-128, 128, SHAPE) / 32).astype(np.float32)]

    converter.representative_dataset = examples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    file = converter.convert()
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    inputs = [random.integers(-128, 128, SHAPE).astype(np.int8) for _ in range(5)]
    outputs = []
    for codes in inputs:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], codes)
        interpreter.invoke()
        outputs.append(int(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]))
    golden = {
        "file": base(np.frombuffer(file, np.uint8)),
        "inputs": [base(codes) for codes in inputs],
        "outputs": outputs,
    }
    with open(f"{folder}/argmax.json", "w") as out:
        json.dump(golden, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
