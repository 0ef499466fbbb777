"""Makes small Keras files with what Keras itself answers to a few inputs, for the tests of src/core/models/keras/:

    python bench/golden/keras_models.py test/fixtures/models/keras

Needs keras 3 on TensorFlow, tf_keras (Keras 2, for the files that it writes) and h5py. Weights are drawn from a fixed
seed; an own run gives other bytes only where Keras writes times into its files.
"""

import base64
import json
import os
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tf_keras

EXAMPLES = 2


def randomise(model, seed):
    """Weights that let every layer show in the output, batch norm's statistics included."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        shape = tuple(weight.shape)
        name = weight.name
        if "count" in name or "seed" in name:
            continue
        if "variance" in name:
            values = random.uniform(0.5, 2.0, shape)
        elif "gamma" in name:
            values = random.uniform(0.5, 1.5, shape) * np.where(random.random(shape) < 0.2, -1, 1)
        elif "bias" in name or "beta" in name or "mean" in name:
            values = random.normal(0, 0.2, shape)
        elif "alpha" in name:
            values = random.uniform(0.05, 0.4, shape)
        else:
            fan = max(1, int(np.prod(shape[:-1])))
            values = random.normal(0, 1.2 / np.sqrt(min(fan, 64)), shape)
        weight.assign(values.astype(np.float32))


def plain_cnn(k):
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((12, 10, 3), name="image"),
            layers.Rescaling(1 / 127.5, offset=-1.0),
            layers.Conv2D(6, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(8, (3, 2), strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.SpatialDropout2D(0.1),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(5, activation="softmax"),
        ],
        name="plain",
    )


def residual(k):
    layers = k.layers
    image = k.Input((12, 12, 3))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(image)
    x = layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(max_value=6.0)(x)
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization(scale=False)(y)
    y = layers.Activation("relu6")(y)
    y = layers.Conv2D(8, 1, use_bias=False)(y)
    y = layers.BatchNormalization(center=False, epsilon=1e-2)(y)
    x = layers.Add()([x, y])
    z = layers.SeparableConv2D(8, 3, padding="same", activation="relu")(x)
    z = layers.Concatenate()([x, z])
    z = layers.AveragePooling2D(2)(z)
    z = layers.GaussianNoise(0.1)(z)
    z = layers.GlobalAveragePooling2D()(z)
    return k.Model(image, layers.Dense(4)(z), name="residual")


def audio(k):
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((20, 4)),
            layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
            layers.SeparableConv1D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling1D(2),
            layers.DepthwiseConv1D(3, padding="valid"),
            layers.ZeroPadding1D(1),
            layers.Conv1D(6, 3, strides=2),
            layers.GlobalMaxPooling1D(),
            layers.Dense(3),
        ]
    )


def unet(k):
    layers = k.layers
    image = k.Input((8, 8, 2))
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    b = layers.MaxPooling2D(2)(a)
    b = layers.Conv2D(6, 3, padding="same", dilation_rate=2, activation="relu")(b)
    up = layers.UpSampling2D(2, interpolation="nearest")(b)
    up = layers.Concatenate(axis=-1)([up, a])
    up = layers.Conv2D(4, 3, padding="same", activation="relu")(up)
    c = layers.Conv2DTranspose(3, 3, strides=2, padding="same")(b)
    bilinear = layers.UpSampling2D(2, interpolation="bilinear")(b)
    out = layers.Concatenate()([up, c, bilinear])
    out = layers.Conv2D(2, 1)(out)
    return k.Model(image, layers.Cropping2D(((1, 1), (0, 2)))(out), name="unet")


def activations(k):
    layers = k.layers
    image = k.Input((6, 6, 3))
    x = layers.Conv2D(4, 3, padding="same")(image)
    x = layers.LeakyReLU(negative_slope=0.2)(x) if k is keras else layers.LeakyReLU(alpha=0.2)(x)
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.Conv2D(4, 1, activation="tanh")(x)
    x = layers.Conv2D(4, 1)(x)
    x = layers.ELU()(x)
    if k is keras:
        x = layers.Conv2D(4, 1, activation="hard_silu")(x)
    s = layers.GlobalAveragePooling2D(keepdims=True)(x)
    s = layers.Conv2D(4, 1, activation="sigmoid")(s)
    x = layers.Multiply()([x, s])
    y = layers.Conv2D(4, 1, activation="relu")(x)
    x = layers.Subtract()([x, y])
    x = layers.Average()([x, y])
    return k.Model(image, layers.Dense(3)(layers.Flatten()(x)), name="activations")


def several_outputs(k):
    layers = k.layers
    image = k.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Flatten()(x)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    box = layers.Dense(4, name="box")(x)
    return k.Model(image, {"kind": kind, "box": box} if k is keras else [kind, box], name="several")


def nested(k):
    layers = k.layers
    backbone = k.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ],
        name="backbone",
    )
    inner = k.Input((8, 8, 4))
    y = layers.Conv2D(4, 3, padding="same")(inner)
    head = k.Model(inner, layers.Add()([inner, y]), name="head")
    backbone.layers[0].trainable = False
    image = k.Input((8, 8, 3))
    x = head(backbone(image))
    x = layers.GlobalAveragePooling2D()(x)
    return k.Model(image, layers.Dense(2)(x), name="nested")


def normalised(k):
    layers = k.layers
    front = layers.Normalization(mean=[1.0, 2.0, -1.0], variance=[4.0, 0.25, 1.0])
    return k.Sequential(
        [layers.Input((3,)), front, layers.Dense(4, activation="relu"), layers.Dense(1)]
    )


def lstm(k):
    layers = k.layers
    return k.Sequential([layers.Input((6, 3)), layers.LSTM(5), layers.Dense(2)])


def gru(k):
    layers = k.layers
    return k.Sequential(
        [layers.Input((6, 3)), layers.GRU(5, return_sequences=True), layers.GRU(4), layers.Dense(2)]
    )


def permuted(k):
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((48,)),
            layers.Reshape((4, 4, 3)),
            layers.Conv2D(4, 3, activation="relu6" if k is not keras else "relu"),
            layers.Reshape((4, 4)),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def layer_norm(k):
    layers = k.layers
    image = k.Input((6, 6, 3))
    x = layers.Conv2D(4, 3, padding="same")(image)
    x = layers.LayerNormalization()(x)
    x = layers.Activation("silu")(x)
    x = layers.Conv2D(4, 1, activation="hard_sigmoid")(x)
    x = layers.LayerNormalization(epsilon=1e-5, center=False)(x)
    x = layers.ReLU()(x)
    return k.Model(image, layers.Dense(3)(layers.Flatten()(x)), name="layer_norm")


def batch_norms(k):
    """None of them can be folded: behind the input, behind a sum that others read, behind a pool and behind an LSTM."""
    layers = k.layers
    image = k.Input((8, 6, 3))
    x = layers.BatchNormalization()(image)
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(4, 3, padding="same", activation="relu")(a)
    x = layers.Add()([a, b])
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.AveragePooling2D(2)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Reshape((4, 12))(x)
    x = layers.LSTM(5, return_sequences=True)(x)
    x = layers.BatchNormalization()(x)
    return k.Model(image, layers.Dense(2)(layers.Flatten()(x)), name="batch_norms")


def gru_reset_before(k):
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((6, 3)),
            layers.GRU(5, return_sequences=True, reset_after=False),
            layers.GRU(4, reset_after=False),
            layers.Dense(2),
        ]
    )


def operators(k):
    """Activations spelled out as keras.applications' MobileNetV3 does, and Python's operators of numbers and tensors."""
    layers, ops = k.layers, k.ops
    hard_sigmoid = lambda t: layers.ReLU(6.0)(t + 3.0) * (1.0 / 6.0)
    x = inputs = layers.Input((6, 6, 3))
    x = layers.Conv2D(6, 3, use_bias=False)(2 * x - 1)
    x = layers.BatchNormalization()(x)
    x = x * hard_sigmoid(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(6, 1)(gate)
    x = layers.Multiply()([x, hard_sigmoid(gate)])
    x = layers.DepthwiseConv2D(3)(x)
    x = ops.relu6(x + 3) * x / 6
    x = 1 - ops.silu(-x)
    return k.Model(inputs, layers.Dense(3)(layers.Flatten()(ops.relu(x) - ops.tanh(x))))


FILES = [
    ("plain.keras", keras, plain_cnn),
    ("plain.h5", keras, plain_cnn),
    ("plain_keras2.h5", tf_keras, plain_cnn),
    ("plain_keras2.keras", tf_keras, plain_cnn),
    ("residual.keras", keras, residual),
    ("residual_keras2.h5", tf_keras, residual),
    ("audio.keras", keras, audio),
    ("unet.keras", keras, unet),
    ("activations.keras", keras, activations),
    ("activations_keras2.h5", tf_keras, activations),
    ("several.keras", keras, several_outputs),
    ("several_keras2.h5", tf_keras, several_outputs),
    ("nested.keras", keras, nested),
    ("nested.h5", keras, nested),
    ("nested_keras2.h5", tf_keras, nested),
    ("normalised.keras", keras, normalised),
    ("lstm.keras", keras, lstm),
    ("lstm_keras2.h5", tf_keras, lstm),
    ("gru.keras", keras, gru),
    ("permuted.keras", keras, permuted),
    ("tfjs_residual/model.json", tf_keras, residual),
    ("tfjs_nested_uint8/model.json", tf_keras, nested),
    ("layer_norm.keras", keras, layer_norm),
    ("batch_norms.keras", keras, batch_norms),
    ("gru_reset_before.keras", keras, gru_reset_before),
    ("gru_reset_before_keras2.h5", tf_keras, gru_reset_before),
    ("operators.keras", keras, operators),
    ("operators.h5", keras, operators),
]


def unsupported(folder):
    """Files that must be refused, each for one reason."""
    layers = keras.layers
    models = {
        "lambda.keras": [layers.Input((4,)), layers.Dense(2), layers.Lambda(lambda x: x * 2)],
        "bidirectional.keras": [layers.Input((6, 3)), layers.Bidirectional(layers.LSTM(2))],
        "softplus.keras": [layers.Input((4,)), layers.Dense(2, activation="softplus", name="odd")],
        "conv3d.keras": [layers.Input((4, 4, 4, 1)), layers.Conv3D(1, 2)],
        "channels_first.keras": [
            layers.Input((3, 6, 6)),
            layers.MaxPooling2D(2, data_format="channels_first"),
        ],
        "any_length.keras": [layers.Input((None, 3)), layers.Conv1D(2, 3)],
    }
    for name, its in models.items():
        path = os.path.join(folder, name)
        keras.Sequential(its).save(path)
        pack(path)


def pack(path):
    """Keras stores its archives; packed they are a third, and read the same."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def save_tfjs(model, folder, quantized):
    """As tensorflowjs_converter writes layers models, quantised to uint8 where asked for."""
    os.makedirs(folder, exist_ok=True)
    weights, content = [], b""
    for weight in model.weights:
        values = weight.numpy()
        spec = {"name": weight.name.replace(":0", ""), "shape": list(values.shape)}
        if quantized and values.ndim > 1:
            low, high = float(values.min()), float(values.max())
            scale = (high - low) / 255
            codes = np.round((values - low) / scale).astype(np.uint8)
            weight.assign((codes * scale + low).astype(np.float32))
            spec |= {"dtype": "float32", "quantization": {"dtype": "uint8", "scale": scale, "min": low}}
            content += codes.tobytes()
        else:
            spec["dtype"] = "float32"
            content += values.astype(np.float32).tobytes()
        weights.append(spec)
    half = len(content) // 2
    paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    for path, part in zip(paths, (content[:half], content[half:])):
        with open(os.path.join(folder, path), "wb") as file:
            file.write(part)
    topology = {
        "keras_version": tf_keras.__version__,
        "backend": "tensorflow",
        "model_config": json.loads(model.to_json()),
    }
    description = {
        "format": "layers-model",
        "modelTopology": topology,
        "weightsManifest": [{"paths": paths, "weights": weights}],
    }
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(description, file)


def encode(values):
    return base64.b64encode(np.ascontiguousarray(values, np.float32).tobytes()).decode()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    golden = {}
    for seed, (name, k, build) in enumerate(FILES):
        k.backend.clear_session()
        model = build(k)
        randomise(model, seed)
        random = np.random.default_rng(1000 + seed)
        shape = (EXAMPLES, *model.input_shape[1:])
        inputs = random.uniform(0, 255, shape) if "plain" in name else random.normal(0, 1, shape)
        inputs = inputs.astype(np.float32)
        if name.endswith("model.json"):
            save_tfjs(model, os.path.join(folder, os.path.dirname(name)), "uint8" in name)
        else:
            model.save(os.path.join(folder, name))
            if name.endswith(".keras") and name != "plain.keras":
                pack(os.path.join(folder, name))
        # Example by example, as the reader's networks compute; a dict's outputs in the order of its keys.
        outputs = model.predict(inputs, verbose=0)
        if isinstance(outputs, dict):
            outputs = [outputs[key] for key in sorted(outputs)]
        elif not isinstance(outputs, (list, tuple)):
            outputs = [outputs]
        flat = np.concatenate([o.reshape(EXAMPLES, -1) for o in outputs], axis=1)
        golden[name] = {
            "inputShape": [int(n) for n in shape[1:]],
            "outputs": [[int(n) for n in o.shape[1:]] for o in outputs],
            "input": encode(inputs),
            "output": encode(flat),
        }
    unsupported(folder)
    with open(os.path.join(folder, "golden.json"), "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")


main(sys.argv[1])
