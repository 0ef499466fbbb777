"""Makes the ONNX files of the tests and what ONNX Runtime puts out for them.

    python bench/golden/onnx_models.py [NAME …]

writes test/fixtures/models/onnx/NAME.onnx and NAME.json. It needs torch, onnx, onnxscript and onnxruntime, and for the
files whose names begin with keras_ and tf2onnx_ also tensorflow, keras and tf2onnx. Weights are drawn from a fixed seed, so that
files come out small and alike; batch norm gets statistics that are not those of an untrained network.
"""

import base64
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
warnings.filterwarnings("ignore")

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = Path(__file__).parents[2] / "test/fixtures/models/onnx"


def bn2(c):
    return nn.BatchNorm2d(c)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 12, 3), nn.ReLU(), nn.AvgPool2d(2),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(108, 20), nn.ReLU(), nn.Linear(20, 5))

    def forward(self, x):
        return F.softmax(self.head(self.body(x)), dim=1)


class Block(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.a = nn.Conv2d(i, o, 3, s, 1, bias=False)
        self.na = bn2(o)
        self.b = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.nb = bn2(o)
        self.skip = nn.Sequential() if s == 1 else nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), bn2(o))

    def forward(self, x):
        y = F.relu(self.na(self.a(x)))
        return F.relu(self.nb(self.b(y)) + self.skip(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), bn2(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(Block(8, 8, 1), Block(8, 12, 2))
        self.fc = nn.Linear(12, 4)

    def forward(self, x):
        y = self.blocks(self.stem(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(y, 1), 1))


class Inverted(nn.Module):
    def __init__(self, i, o, s, t):
        super().__init__()
        h = i * t
        self.same = i == o and s == 1
        self.body = nn.Sequential(
            nn.Conv2d(i, h, 1, bias=False), bn2(h), nn.ReLU6(),
            nn.Conv2d(h, h, 3, s, 1, groups=h, bias=False), bn2(h), nn.ReLU6(),
            nn.Conv2d(h, o, 1, bias=False), bn2(o),
        )

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), bn2(8), nn.ReLU6(),
            Inverted(8, 8, 1, 2), Inverted(8, 12, 2, 2), Inverted(12, 12, 1, 2),
            nn.Conv2d(12, 24, 1, bias=False), bn2(24), nn.ReLU6(),
        )
        self.fc = nn.Linear(24, 6)

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))


class DsCnn1d(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv1d(2, 8, 8, 4, 2, bias=False), nn.BatchNorm1d(8), nn.ReLU()]
        for i, o, s in ((8, 12, 2), (12, 16, 2)):
            layers += [nn.Conv1d(i, i, 5, s, 2, groups=i, bias=False), nn.BatchNorm1d(i), nn.ReLU(),
                       nn.Conv1d(i, o, 1, bias=False), nn.BatchNorm1d(o), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten())
        self.fc = nn.Linear(16, 4)

    def forward(self, x):
        return self.fc(self.body(x))


class Tcn(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(3, 8, 1)
        self.convs = nn.ModuleList(nn.Conv1d(8, 8, 3, dilation=d) for d in (1, 2, 4))
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = self.first(x)
        for conv, d in zip(self.convs, (1, 2, 4)):
            x = x + F.relu(conv(F.pad(x, (2 * d, 0))))
        return self.fc(x[:, :, -1])


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1), nn.ReLU(),
                                 nn.Flatten(), nn.Linear(128, 10), nn.ReLU())
        self.dec = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Unflatten(1, (8, 4, 4)),
                                 nn.ConvTranspose2d(8, 4, 2, 2), nn.ReLU(),
                                 nn.ConvTranspose2d(4, 1, 3, 2, 1, 1), nn.Sigmoid())

    def forward(self, x):
        return self.dec(self.enc(x))


class UNet(nn.Module):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode
        self.d1 = nn.Conv2d(3, 6, 3, padding=1)
        self.d2 = nn.Conv2d(6, 8, 3, padding=1)
        self.mid = nn.Conv2d(8, 8, 3, padding=1)
        self.u2 = nn.Conv2d(16, 6, 3, padding=1)
        self.u1 = nn.Conv2d(12, 6, 3, padding=1)
        self.out = nn.Conv2d(6, 2, 1)

    def up(self, x):
        if self.mode == "nearest":
            return F.interpolate(x, scale_factor=2.0, mode="nearest")
        return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)

    def forward(self, x):
        a = F.relu(self.d1(x))
        b = F.relu(self.d2(F.max_pool2d(a, 2)))
        m = F.relu(self.mid(F.max_pool2d(b, 2)))
        y = F.relu(self.u2(torch.cat([self.up(m), b], 1)))
        y = F.relu(self.u1(torch.cat([self.up(y), a], 1)))
        return self.out(y)


class SqueezeExcite(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c // 2, 1)
        self.b = nn.Conv2d(c // 2, c, 1)

    def forward(self, x):
        s = F.relu(self.a(F.adaptive_avg_pool2d(x, 1)))
        return x * F.hardsigmoid(self.b(s))


class HardSwishSe(nn.Module):
    def __init__(self, spelled):
        super().__init__()
        self.spelled = spelled
        self.c1 = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.n1 = bn2(8)
        self.dw = nn.Conv2d(8, 8, 5, 1, 2, groups=8, bias=False)
        self.n2 = bn2(8)
        self.se = SqueezeExcite(8)
        self.pw = nn.Conv2d(8, 12, 1)
        self.fc1 = nn.Linear(12, 16)
        self.fc2 = nn.Linear(16, 4)

    def act(self, x):
        return x * F.relu6(x + 3) / 6 if self.spelled else F.hardswish(x)

    def forward(self, x):
        x = self.act(self.n1(self.c1(x)))
        x = self.se(self.act(self.n2(self.dw(x))))
        x = self.act(self.pw(x)).mean((2, 3))
        return self.fc2(self.act(self.fc1(x)))


class PReluNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 3, 2, 1)
        self.p1 = nn.PReLU(6)
        self.c2 = nn.Conv2d(6, 8, 3, 2, 1)
        self.p2 = nn.PReLU()
        self.c3 = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = self.p2(self.c2(self.p1(self.c1(x))))
        x = F.leaky_relu(self.c3(x), 0.1)
        return self.fc(torch.amax(x, (2, 3)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(4, 8, batch_first=True)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.fc(y[:, -1])


class Gru(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 3, padding=1)
        self.rnn = nn.GRU(6, 8, batch_first=True)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        y, h = self.rnn(F.relu(self.conv(x)).permute(0, 2, 1))
        return self.fc(h[-1])


class MultiOutput(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU())
        self.boxes = nn.Conv2d(8, 4, 1)
        self.cls = nn.Linear(8, 3)

    def forward(self, x):
        y = self.body(x)
        return self.cls(y.mean((2, 3))), torch.sigmoid(self.boxes(y))


class SpelledNorm(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.g = nn.Parameter(torch.rand(n) + 0.5)
        self.b = nn.Parameter(torch.rand(n) - 0.5)

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        v = (d ** 2).mean(-1, keepdim=True)
        return d / torch.sqrt(v + 1e-5) * self.g + self.b


class WakeWord(nn.Module):
    """As the wake-word models of openWakeWord: windows of embeddings, flattened, dense layers with layer norm."""

    def __init__(self, spelled):
        super().__init__()
        norm = SpelledNorm if spelled else nn.LayerNorm
        self.a = nn.Linear(96, 24)
        self.na = norm(24)
        self.b = nn.Linear(24, 24)
        self.nb = norm(24)
        self.c = nn.Linear(24, 1)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = F.relu(self.na(self.a(x)))
        x = F.relu(self.nb(self.b(x)))
        return torch.sigmoid(self.c(x))


class Pieces(nn.Module):
    """Operators that the others lack."""

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 8, 3, padding=2, dilation=2)
        self.c2 = nn.Conv2d(4, 4, 3, padding=1)
        self.c3 = nn.Conv2d(4, 8, (3, 1), padding=(1, 0))
        self.c4 = nn.Conv2d(2, 4, 1)

    def forward(self, x):
        x = (x - 0.5) / 0.25
        a, b = torch.split(F.elu(self.c1(x)), [4, 4], 1)
        y = torch.tanh(self.c2(a)) * torch.sigmoid(b)
        y = F.pad(y, (1, 0, 0, 1), value=0.0)[:, :, :-1, 1:]
        y = F.pixel_shuffle(self.c3(y), 2)
        return torch.clamp(self.c4(y), -0.5, 0.75) - 0.25


TORCH = {
    "cnn": (Cnn, (1, 3, 16, 16)),
    "resnet": (ResNet, (1, 3, 32, 32)),
    "mobilenet_v2": (MobileNetV2, (1, 3, 24, 24)),
    "dscnn_1d": (DsCnn1d, (1, 2, 128)),
    "tcn": (Tcn, (1, 3, 20)),
    "autoencoder": (AutoEncoder, (1, 1, 16, 16)),
    "unet_nearest": (lambda: UNet("nearest"), (1, 3, 16, 16)),
    "unet_bilinear": (lambda: UNet("bilinear"), (1, 3, 16, 16)),
    "hardswish_se": (lambda: HardSwishSe(False), (1, 3, 16, 16)),
    "hardswish_spelled": (lambda: HardSwishSe(True), (1, 3, 16, 16)),
    "prelu": (PReluNet, (1, 1, 16, 16)),
    "lstm": (Lstm, (1, 12, 4)),
    "gru": (Gru, (1, 3, 12)),
    "multi_output": (MultiOutput, (1, 3, 16, 16)),
    "wake_word": (lambda: WakeWord(False), (1, 6, 16)),
    "wake_word_spelled": (lambda: WakeWord(True), (1, 6, 16)),
    "pieces": (Pieces, (1, 3, 8, 8)),
}


def torch_model(make):
    torch.manual_seed(17)
    model = make()
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.uniform_(m.bias, -0.5, 0.5)
            nn.init.uniform_(m.running_mean, -0.5, 0.5)
            nn.init.uniform_(m.running_var, 0.3, 1.5)
        if isinstance(m, nn.PReLU):
            nn.init.uniform_(m.weight, 0.05, 0.5)
    return model.eval()


def export_torch(name, make, shape, file, dynamo, **more):
    model = torch_model(make)
    args = (torch.zeros(shape),)
    if dynamo:
        torch.onnx.export(model, args, file, dynamo=True, external_data=False, verbose=False, **more)
        strip(file)
    else:
        torch.onnx.export(model, args, file, dynamo=False, **more)


def strip(file):
    """The new exporter writes traces of the Python source beside every node, several times the weights of these networks."""
    model = onnx.load(file)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.graph.metadata_props[:]
    onnx.save(model, file)


def keras_models():
    import keras
    from keras import layers as L

    keras.utils.set_random_seed(17)

    def cnn():
        i = keras.Input((16, 16, 3))
        x = L.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(i)
        x = L.BatchNormalization()(x)
        x = L.ReLU(6.0)(x)
        x = L.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
        x = L.Activation("relu")(x)
        x = L.MaxPooling2D(2)(x)
        x = L.Flatten()(x)
        x = L.Dense(12, activation="tanh")(x)
        return keras.Model(i, L.Dense(4, activation="softmax")(x))

    def unet():
        i = keras.Input((8, 8, 2))
        a = L.Conv2D(4, 3, padding="same", activation="relu")(i)
        b = L.Conv2D(6, 3, strides=2, padding="same", activation="relu")(a)
        u = L.Conv2DTranspose(4, 3, strides=2, padding="same")(b)
        v = L.UpSampling2D(2, interpolation="bilinear")(b)
        x = L.Concatenate()([u, v, a])
        return keras.Model(i, L.Conv2D(1, 1, activation="sigmoid")(x))

    def lstm():
        i = keras.Input((10, 3))
        x = L.LSTM(6)(i)
        return keras.Model(i, L.Dense(2)(x))

    def conv1d():
        i = keras.Input((32, 2))
        x = L.Conv1D(6, 5, padding="causal", dilation_rate=2, activation="relu")(i)
        x = L.SeparableConv1D(8, 3, padding="same")(x)
        x = L.PReLU(shared_axes=[1])(x)
        x = L.GlobalAveragePooling1D()(x)
        return keras.Model(i, L.Dense(3)(x))

    return {"cnn": cnn, "unet": unet, "lstm": lstm, "conv1d": conv1d}


def export_keras(name, file):
    model = keras_models()[name]()
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            random = np.random.default_rng(5)
            n = layer.gamma.shape[0]
            layer.set_weights([random.uniform(0.5, 1.5, n), random.uniform(-0.5, 0.5, n),
                               random.uniform(-0.5, 0.5, n), random.uniform(0.3, 1.5, n)])
    model(np.zeros((1, *model.input_shape[1:]), np.float32))  # what was never called is not exported
    model.export(file, format="onnx", verbose=False)


def export_tf2onnx(name, file):
    import tensorflow as tf
    import tf2onnx

    model = keras_models()[name]()
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="x")]
    call = tf.function(lambda x: model(x, training=False), input_signature=signature)
    tf2onnx.convert.from_function(call, input_signature=signature, opset=13, output_path=file)


def quantise(source, file):
    """A QDQ file, as ONNX Runtime's static quantisation writes it."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    session = onnxruntime.InferenceSession(source)
    [inp] = session.get_inputs()

    class Reader(CalibrationDataReader):
        def __init__(self):
            random = np.random.default_rng(3)
            self.left = [{inp.name: random.uniform(-1, 1, inp.shape).astype(np.float32)} for _ in range(8)]

        def get_next(self):
            return self.left.pop() if self.left else None

    quantize_static(source, file, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QInt8, weight_type=QuantType.QInt8)


def golden(file, seed):
    """Inputs are int8 codes / 64, so that they take a byte each and are exact."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    [inp] = session.get_inputs()
    shape = [n if isinstance(n, int) else 1 for n in inp.shape]
    random = np.random.default_rng(seed)
    cases = []
    for _ in range(2):
        codes = random.integers(-128, 128, shape, dtype=np.int8)
        outputs = session.run(None, {inp.name: codes.astype(np.float32) / 64})
        cases.append({
            "input": base64.b64encode(codes.tobytes()).decode(),
            "outputs": [base64.b64encode(np.asarray(o, np.float32).tobytes()).decode() for o in outputs],
        })
    return {
        "input": {"name": inp.name, "shape": shape},
        "outputs": [{"name": o.name, "shape": list(np.asarray(v).shape)} for o, v in zip(session.get_outputs(), outputs)],
        "cases": cases,
    }


def all_files():
    files = {}
    for name, (make, shape) in TORCH.items():
        files[f"torch_{name}"] = lambda f, n=name, m=make, s=shape: export_torch(n, m, s, f, False)
        files[f"dynamo_{name}"] = lambda f, n=name, m=make, s=shape: export_torch(n, m, s, f, True)
    make, shape = TORCH["resnet"]
    files["torch_resnet_unfolded"] = lambda f: export_torch(
        "resnet", make, shape, f, False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, opset_version=11)
    cnn, cnn_shape = TORCH["cnn"]
    files["torch_cnn_batch"] = lambda f: export_torch(
        "cnn", cnn, cnn_shape, f, False, opset_version=12, input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}})
    for name in ("cnn", "unet", "lstm", "conv1d"):
        files[f"keras_{name}"] = lambda f, n=name: export_keras(n, f)
        files[f"tf2onnx_{name}"] = lambda f, n=name: export_tf2onnx(n, f)
    files["external_cnn"] = lambda f: onnx.save(
        onnx.load(str(OUT / "torch_cnn.onnx")), f, save_as_external_data=True, location="external_cnn.onnx.data",
        size_threshold=256)
    files["qdq_cnn"] = lambda f: quantise(str(OUT / "torch_cnn.onnx"), f)
    return files


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    for name, make in all_files().items():
        if wanted and not any(name.startswith(w) for w in wanted):
            continue
        file = str(OUT / f"{name}.onnx")
        try:
            make(file)
            result = golden(file, 29)
        except Exception as error:  # one exporter's fault must not keep the others' files from being made
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            Path(file).unlink(missing_ok=True)
            continue
        (OUT / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        kinds = sorted({n.op_type for n in onnx.load(file).graph.node})
        print(f"{name}: {os.path.getsize(file)} bytes; {' '.join(kinds)}")


main()
