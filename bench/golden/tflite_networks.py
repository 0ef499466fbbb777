"""Makes the .tflite files and golden.json of test/fixtures/models/tflite/.

    python bench/golden/tflite_networks.py test/fixtures/models/tflite [NAME…]

Needs tensorflow (2.21) and keras (3.15) in an environment of its own; the tests need neither. Each network of README.md is
built with Keras at a tiny width, gets weights and batch norm statistics from a seed, and is converted as float32, float16
weights, dynamic range and full int8. Outputs are those of TFLite's reference kernels (BUILTIN_REF).

Inputs are int8 codes; a float network is given code / 32. golden.json has them and the outputs as base64, in TFLite's
order of bytes (int8, or float32 little-endian).
"""

import base64
import hashlib
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers as L  # noqa: E402
from tensorflow.python.framework.convert_to_constants import (  # noqa: E402
    convert_variables_to_constants_v2 as frozen,
)

INPUTS = 2


def conv_bn(x, filters, kernel=3, strides=1, activation="relu"):
    x = L.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    return L.Activation(activation)(x) if activation else x


def cnn():
    x = i = L.Input((12, 12, 3))
    x = L.Conv2D(6, 3, activation="relu")(x)
    x = L.MaxPooling2D(2)(x)
    x = L.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = L.AveragePooling2D(2, padding="same")(x)
    x = L.Flatten()(x)
    x = L.Dense(16, activation="relu")(x)
    return i, L.Softmax()(L.Dense(5)(x))


def resnet():
    x = i = L.Input((12, 12, 3))
    x = conv_bn(x, 4)
    y = conv_bn(conv_bn(x, 4), 4, activation=None)
    x = L.ReLU()(L.Add()([x, y]))
    y = conv_bn(conv_bn(x, 8, strides=2), 8, activation=None)
    s = conv_bn(x, 8, kernel=1, strides=2, activation=None)
    x = L.ReLU()(L.Add()([s, y]))
    x = L.GlobalAveragePooling2D()(x)
    return i, L.Softmax()(L.Dense(4)(x))


def mobilenetv2():
    x = i = L.Input((12, 12, 3))
    x = conv_bn(x, 4, strides=2, activation="relu6")
    for filters, strides in ((4, 1), (6, 2)):
        y = conv_bn(x, 12, kernel=1, activation="relu6")
        y = L.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)(y)
        y = L.Activation("relu6")(L.BatchNormalization()(y))
        y = conv_bn(y, filters, kernel=1, activation=None)
        x = L.Add()([x, y]) if y.shape == x.shape else y
    x = conv_bn(x, 12, kernel=1, activation="relu6")
    return i, L.Dense(4)(L.GlobalAveragePooling2D()(x))


def audio():
    """Depthwise separable over time."""
    x = i = L.Input((40, 6))
    x = L.Conv1D(8, 5, strides=2, padding="same", activation="relu")(x)
    for _ in range(2):
        x = L.DepthwiseConv1D(3, padding="same")(x)
        x = L.ReLU()(L.BatchNormalization()(x))
        x = L.Conv1D(8, 1, activation="relu")(x)
    x = L.GlobalAveragePooling1D()(x)
    return i, L.Dense(4)(x)


def tcn():
    x = i = L.Input((32, 4))
    x = L.Conv1D(6, 1)(x)
    for dilation in (1, 2, 4):
        y = L.Conv1D(6, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        y = L.Conv1D(6, 3, padding="same", dilation_rate=dilation)(y)
        x = L.ReLU()(L.Add()([x, y]))
    x = L.MaxPooling1D(4)(x)
    return i, L.Dense(3)(L.Flatten()(x))


def autoencoder():
    x = i = L.Input((40,))
    for units in (32, 8, 32):
        x = L.ReLU()(L.BatchNormalization()(L.Dense(units)(x)))
    return i, L.Dense(40)(x)


def unet():
    i = L.Input((12, 12, 2))
    a = conv_bn(i, 4)
    b = conv_bn(L.MaxPooling2D(2)(a), 6)
    x = L.UpSampling2D(2, interpolation="bilinear")(b)
    x = conv_bn(L.Concatenate()([a, x]), 4)
    y = L.Conv2DTranspose(3, 2, strides=2, padding="same")(b)
    n = L.Lambda(lambda t: tf.image.resize(t, (12, 12), method="nearest"))(b)
    x = L.Concatenate()([x, y, n])
    return i, L.Conv2D(2, 1, activation="sigmoid")(x)


def mobilenetv3():
    """Hard-swish and squeeze-and-excite."""
    x = i = L.Input((12, 12, 3))
    x = L.Activation("hard_swish")(conv_bn(x, 4, strides=2, activation=None))
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Conv2D(2, 1, activation="relu")(s)
    s = L.Conv2D(4, 1, activation="hard_sigmoid")(s)
    x = L.Multiply()([x, s])
    x = L.Activation("hard_swish")(conv_bn(x, 6, kernel=1, activation=None))
    return i, L.Dense(3)(L.GlobalAveragePooling2D()(x))


def prelu():
    x = i = L.Input((10, 10, 2))
    x = L.PReLU(shared_axes=[1, 2])(L.Conv2D(4, 3, strides=2, padding="same")(x))
    x = L.LeakyReLU(negative_slope=0.1)(L.Conv2D(5, 3)(x))
    x = L.Conv2D(4, 1)(x)
    return i, L.Dense(3, activation="tanh")(L.Flatten()(x))


def lstm():
    x = i = L.Input((8, 3), batch_size=1)
    x = L.LSTM(5, unroll=True)(x)
    return i, L.Dense(3)(x)


def gru():
    x = i = L.Input((6, 3), batch_size=1)
    x = L.GRU(4, unroll=True, reset_after=True)(x)
    return i, L.Dense(3)(x)


def heads():
    """Several outputs: classes, a box, a map."""
    x = i = L.Input((8, 8, 3))
    x = conv_bn(x, 4, strides=2)
    m = L.Conv2D(2, 1, name="map")(x)
    f = L.GlobalMaxPooling2D()(x)
    return i, [L.Dense(3, name="classes")(f), L.Dense(4, name="box")(f), m]


def norm():
    """Layer normalisation, which TFLite has no operator of, and a division."""
    x = i = L.Input((10, 6))
    x = L.Conv1D(8, 3)(x)
    x = L.LayerNormalization()(x)
    x = L.Conv1D(6, 3, activation="relu")(x)
    x = L.LayerNormalization(center=False, epsilon=1e-2)(x)
    x = L.Flatten()(x) / 3.0
    x = L.LayerNormalization(scale=False)(L.Dense(5)(x))
    return i, L.Dense(3)(x)


def normrelu():
    """Normalisations with a clamp behind, which the converter fuses into what they end with."""
    x = i = L.Input((6, 5, 3))
    x = L.ReLU(6.0)(L.LayerNormalization()(L.Conv2D(8, 3)(x)))
    x = L.Flatten()(x)
    x = L.ReLU()(L.LayerNormalization()(L.Dense(12)(x)))
    return i, L.Dense(3)(x)


NETWORKS = {
    f.__name__: f
    for f in (cnn, resnet, mobilenetv2, audio, tcn, autoencoder, unet, mobilenetv3, prelu, lstm, gru, heads, norm, normrelu)
}


def build(name):
    keras.backend.clear_session()
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    model = keras.Model(*NETWORKS[name]())
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights([
                random.uniform(0.6, 1.4, shape),
                random.uniform(-0.3, 0.3, shape),
                random.uniform(-0.3, 0.3, shape),
                random.uniform(0.3, 1.5, shape),
            ])
        elif layer.weights:
            layer.set_weights([
                w if w.ndim > 1 and "PReLU" not in type(layer).__name__ else random.uniform(-0.3, 0.3, w.shape)
                for w in layer.get_weights()
            ])
    return model, random


def codes_for(model, random):
    shape = (1,) + tuple(model.inputs[0].shape[1:])
    return [random.integers(-128, 128, shape).astype(np.int8) for _ in range(INPUTS)]


def convert(model, kind, random):
    shape = (1,) + tuple(model.inputs[0].shape[1:])
    spec = tf.TensorSpec(shape, tf.float32)
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen(function)])
    if kind != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind == "int8":
        def examples():
            for _ in range(30):
                yield [(random.integers(-128, 128, shape) / 32).astype(np.float32)]

        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    return converter.convert()


def has_int8(file):
    return any(t["dtype"] == np.int8 for t in tf.lite.Interpreter(model_content=file).get_tensor_details())


def run(file, codes):
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    [where] = interpreter.get_input_details()
    results = []
    for code in codes:
        value = code if where["dtype"] == np.int8 else (code / 32).astype(np.float32)
        interpreter.set_tensor(where["index"], value.reshape(where["shape"]))
        interpreter.invoke()
        results.append([interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()])
    operators = [o["op_name"] for o in interpreter._get_ops_details() if o["op_name"] != "DELEGATE"]
    return results, operators


def base(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def main(folder, names):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "golden.json")
    golden = json.load(open(path)) if os.path.exists(path) else {}
    for name in names or NETWORKS:
        model, random = build(name)
        codes = codes_for(model, random)
        for kind in ("float32", "float16", "dynamic", "int8"):
            if kind == "int8" and name.startswith("norm"):
                continue  # the converter leaves it in float, in part
            try:
                file = convert(model, kind, random)
                if kind == "dynamic" and not has_int8(file):
                    continue  # no tensor was large enough
                outputs, operators = run(file, codes)
            except Exception as error:  # what a converter cannot do is said, the rest goes on
                print(name, kind, "FAILED", str(error)[:300])
                continue
            with open(os.path.join(folder, f"{name}-{kind}.tflite"), "wb") as out:
                out.write(file)
            golden[f"{name}-{kind}"] = {
                "inputs": [base(code) for code in codes],
                "outputs": [[base(value) for value in values] for values in outputs],
            }
            print(name, kind, len(file), sorted(set(operators)), flush=True)
    with open(path, "w") as out:
        json.dump(dict(sorted(golden.items())), out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
