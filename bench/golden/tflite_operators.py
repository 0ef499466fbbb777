"""Makes small int8 TFLite networks of one operator each, and what TFLite's reference kernels put out for them.

    python bench/golden/tflite_operators.py [OPERATOR …]

writes test/fixtures/models/operators/OPERATOR.json: for each case the file, inputs and outputs in base64. It needs
tensorflow (2.21 made what is committed). The files are put together by the schema's classes, since the converter would
not make scales and zero points that differ as much as these do. Each operator reads 1x1 convolutions of the input, so
that a file has weights and the operator meets every code.
"""

import base64
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import flatbuffers
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as s

OUT = Path(__file__).parents[2] / "test/fixtures/models/operators"
INT8, INT32 = s.TensorType.INT8, s.TensorType.INT32
B = s.BuiltinOperator


class Network:
    """One subgraph; tensors are named by numbers."""

    def __init__(self):
        self.model = s.ModelT()
        self.model.version = 3
        self.model.description = "one operator"
        self.model.operatorCodes = []
        self.model.buffers = [s.BufferT()]
        self.graph = s.SubGraphT()
        self.graph.name = "main"
        self.graph.tensors = []
        self.graph.operators = []
        self.model.subgraphs = [self.graph]

    def tensor(self, shape, quantization=None, data=None, kind=INT8, axis=0):
        t = s.TensorT()
        t.shape = list(shape)
        t.type = kind
        t.name = f"t{len(self.graph.tensors)}"
        t.buffer = 0
        if data is not None:
            b = s.BufferT()
            b.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.model.buffers.append(b)
            t.buffer = len(self.model.buffers) - 1
        if quantization is not None:
            q = s.QuantizationParametersT()
            scales, zeros = quantization
            q.scale = list(np.atleast_1d(scales).astype(np.float32))
            q.zeroPoint = list(np.atleast_1d(zeros).astype(np.int64))
            q.quantizedDimension = axis
            t.quantization = q
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def ints(self, values):
        values = np.array(values, np.int32)
        return self.tensor(values.shape, None, values, INT32)

    def operator(self, code, inputs, outputs, options=None, version=1):
        c = s.OperatorCodeT()
        c.builtinCode = code
        c.deprecatedBuiltinCode = min(code, 127)
        c.version = version
        self.model.operatorCodes.append(c)
        o = s.OperatorT()
        o.opcodeIndex = len(self.model.operatorCodes) - 1
        o.inputs = list(inputs)
        o.outputs = list(outputs)
        if options is not None:
            name = type(options).__name__[:-1]
            o.builtinOptionsType = getattr(s.BuiltinOptions, name)
            o.builtinOptions = options
        self.graph.operators.append(o)

    def conv(self, x, shape, quantization, channels, rng):
        """A 1x1 convolution whose outputs fill the codes of its quantisation and saturate now and then."""
        _, h, w, c = shape
        weights = rng.integers(-127, 128, (channels, 1, 1, c), dtype=np.int8)
        reach = float(np.sqrt((weights.astype(np.float64) ** 2).sum(axis=(1, 2, 3)).max())) * 74 / 64
        scale = quantization[0] * 90 / max(reach, 1)
        f = self.tensor(weights.shape, (np.full(channels, scale), np.zeros(channels)), weights)
        middle = -quantization[1] + rng.integers(-20, 20, channels)
        bias = np.round(middle * quantization[0] / (scale / 64)).astype(np.int32)
        b = self.tensor([channels], (np.full(channels, scale / 64), np.zeros(channels)), bias, INT32)
        y = self.tensor([1, h, w, channels], quantization)
        o = s.Conv2DOptionsT()
        o.padding = s.Padding.SAME
        o.strideW = o.strideH = 1
        o.dilationWFactor = o.dilationHFactor = 1
        self.operator(B.CONV_2D, [x, f, b], [y], o, 3)
        return y

    def file(self, inputs, outputs):
        self.graph.inputs = list(inputs)
        self.graph.outputs = list(outputs)
        builder = flatbuffers.Builder(4096)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def run(file, inputs, resolver=tf.lite.experimental.OpResolverType.BUILTIN_REF):
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=resolver,
    )
    interpreter.allocate_tensors()
    result = []
    for x in inputs:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        result.append(
            b"".join(interpreter.get_tensor(d["index"]).tobytes() for d in interpreter.get_output_details())
        )
    return result


def case(shapes, build, seed, scales=None, run=run):
    """A network in which `build` adds an operator behind one convolution for each of `shapes`."""
    rng = np.random.default_rng(seed)
    net = Network()
    h, w = shapes[0][1:3]
    shape = [1, h, w, 3]
    x = net.tensor(shape, (1 / 64, int(rng.integers(-128, 128))))
    reads, quantizations = [], []
    for i, wanted in enumerate(shapes):
        q = scales[i] if scales else (float(np.float32(2.0 ** rng.uniform(-8, 1))), int(rng.integers(-128, 128)))
        quantizations.append(q)
        y = net.conv(x, shape, q, wanted[3], rng)
        if wanted[1:3] != [h, w]:
            z = net.tensor(wanted, q)
            o = s.Pool2DOptionsT()
            o.padding = s.Padding.VALID
            o.strideH, o.strideW = h // wanted[1], w // wanted[2]
            o.filterHeight, o.filterWidth = h // wanted[1], w // wanted[2]
            net.operator(B.MAX_POOL_2D, [y], [z], o, 2)
            y = z
        reads.append(y)
    outputs = build(net, reads, quantizations, rng)
    file = net.file([x], outputs)
    inputs = [rng.integers(-128, 128, shape, dtype=np.int8) for _ in range(3)]
    inputs += [np.full(shape, -128, np.int8), np.full(shape, 127, np.int8)]
    text = lambda data: base64.b64encode(data).decode()
    return {
        "file": text(file),
        "inputs": [text(x.tobytes()) for x in inputs],
        "outputs": [text(y) for y in run(file, inputs)],
    }


def drawn(rng, q=None):
    """A quantisation of an output that is about as wide as `q`."""
    near = q[0] if q else 1 / 32
    return (float(np.float32(near * 2.0 ** rng.uniform(-1.5, 1.5))), int(rng.integers(-128, 128)))


def options(name, **fields):
    o = getattr(s, name)()
    for key, value in fields.items():
        setattr(o, key, value)
    return o


ACTIVATIONS = [0, 1, 3]


def binary(code, name, spread):
    def build(other, activation, reverse):
        def add(net, reads, qs, rng):
            first = reads[0]
            shape = net.graph.tensors[first].shape
            if len(reads) > 1:
                second = reads[1]
            else:
                q = (float(np.float32(2.0 ** rng.uniform(-8, 0))), int(rng.integers(-128, 128)))
                second = net.tensor(other, q, rng.integers(-128, 128, other, dtype=np.int8))
                qs.append(q)
            out = net.tensor(shape, drawn(rng, (spread(qs[0], qs[1]), 0)))
            pair = [second, first] if reverse else [first, second]
            net.operator(code, pair, [out], options(name, fusedActivationFunction=activation), 2)
            return [out]

        return add

    cases = []
    a = [1, 4, 6, 5]
    plans = [
        ([a, a], None), ([a, a], None), ([a, [1, 1, 1, 5]], None), ([a, [1, 4, 6, 1]], None), ([a, [1, 1, 1, 1]], None),
        ([a], []), ([a], [5]), ([a], [1, 4, 6, 5]), ([a], [1, 1, 1, 5]), ([a], [1]),
    ]
    for seed, (shapes, other) in enumerate(plans):
        cases.append(case(shapes, build(other, ACTIVATIONS[seed % 3], seed % 4 == 3), 100 + seed))
    return cases


def elu():
    """ELU has one kernel, which is not among the reference ones: they give its inputs, and it runs alone."""
    cases = []
    for seed in range(6):
        seen = {}

        def build(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            out = net.tensor(shape, drawn(rng, qs[0]))
            quantization = net.graph.tensors[out].quantization
            seen["before"] = net.file([0], reads)
            net.operator(B.ELU, reads, [out])
            alone = Network()
            x = alone.tensor(shape, qs[0])
            y = alone.tensor(shape, (quantization.scale[0], quantization.zeroPoint[0]))
            alone.operator(B.ELU, [x], [y])
            seen["alone"], seen["shape"] = alone.file([x], [y]), shape
            return [out]

        made = case([[1, 6, 8, 5]], build, 200 + seed, None, run_nothing)
        inputs = [np.frombuffer(base64.b64decode(x), np.int8).reshape([1, 6, 8, 3]) for x in made["inputs"]]
        codes = [np.frombuffer(y, np.int8).reshape(seen["shape"]) for y in run(seen["before"], inputs)]
        plain = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        outputs = run(seen["alone"], codes, plain)
        cases.append({**made, "outputs": [base64.b64encode(y).decode() for y in outputs]})
    return cases


def run_nothing(file, inputs):
    return [b"" for _ in inputs]


def unary(code, name=None, output=None, version=1, **fields):
    def build(net, reads, qs, rng):
        q = output or drawn(rng, qs[0])
        out = net.tensor(net.graph.tensors[reads[0]].shape, q)
        net.operator(code, reads, [out], options(name, **fields) if name else None, version)
        return [out]

    return [case([[1, 6, 8, 5]], build, 200 + seed) for seed in range(6)]


def hard_swish():
    def build(net, reads, qs, rng):
        # Its kernel asks for outputs that are not much finer than the inputs.
        q = (float(np.float32(qs[0][0] * 2.0 ** rng.uniform(-1, 2))), int(rng.integers(-128, 128)))
        out = net.tensor(net.graph.tensors[reads[0]].shape, q)
        net.operator(B.HARD_SWISH, reads, [out], options("HardSwishOptionsT"))
        return [out]

    return [case([[1, 6, 8, 5]], build, 250 + seed) for seed in range(6)]


def prelu():
    def build(shape):
        def add(net, reads, qs, rng):
            q = (float(np.float32(2.0 ** rng.uniform(-9, -5))), int(rng.integers(-128, 128)))
            slopes = net.tensor(shape, q, rng.integers(-128, 128, shape, dtype=np.int8))
            out = net.tensor(net.graph.tensors[reads[0]].shape, drawn(rng, qs[0]))
            net.operator(B.PRELU, [reads[0], slopes], [out])
            return [out]

        return add

    shapes = [[1, 1, 5], [1, 1, 1], [4, 6, 5], [1, 1, 5]]
    return [case([[1, 4, 6, 5]], build(shape), 300 + i) for i, shape in enumerate(shapes)]


def pad():
    def build(pads, value):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            out = net.tensor([n + a + b for n, (a, b) in zip(shape, pads)], qs[0])
            inputs = [reads[0], net.ints(pads)]
            if value is None:
                net.operator(B.PAD, inputs, [out], options("PadOptionsT"), 2)
            else:
                inputs.append(net.tensor([], qs[0], np.array(value, np.int8)))
                net.operator(B.PADV2, inputs, [out], options("PadV2OptionsT"), 2)
            return [out]

        return add

    plans = [
        ([[0, 0], [1, 2], [0, 3], [0, 0]], None),
        ([[0, 0], [0, 0], [2, 1], [1, 4]], None),
        ([[0, 0], [2, 0], [0, 0], [0, 3]], -77),
        ([[0, 0], [1, 1], [1, 1], [0, 0]], 127),
    ]
    return [case([[1, 3, 4, 5]], build(*plan), 400 + i) for i, plan in enumerate(plans)]


def concatenation():
    def build(axis):
        def add(net, reads, qs, rng):
            shapes = [list(net.graph.tensors[i].shape) for i in reads]
            shape = list(shapes[0])
            shape[axis] = sum(x[axis] for x in shapes)
            out = net.tensor(shape, qs[0])
            net.operator(B.CONCATENATION, reads, [out], options("ConcatenationOptionsT", axis=axis), 2)
            return [out]

        return add

    q = [(0.05, -7)] * 4
    plans = [
        ([[1, 4, 6, 5], [1, 4, 6, 2]], 3), ([[1, 4, 6, 1], [1, 4, 6, 2], [1, 4, 6, 3], [1, 4, 6, 4]], 3),
        ([[1, 4, 6, 5], [1, 2, 6, 5]], 1), ([[1, 4, 6, 5], [1, 4, 3, 5]], 2),
    ]
    return [case(shapes, build(axis), 500 + i, q) for i, (shapes, axis) in enumerate(plans)]


def mean():
    def build(axes, keep):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            kept = [1 if i in axes else n for i, n in enumerate(shape)]
            rest = kept if keep else [n for i, n in enumerate(shape) if i not in axes]
            out = net.tensor(rest, drawn(rng, (qs[0][0] / 2, 0)) if rng.random() < 0.8 else qs[0])
            net.operator(B.MEAN, [reads[0], net.ints(axes)], [out], options("ReducerOptionsT", keepDims=keep), 2)
            return [out]

        return add

    plans = [
        ([1, 2], True), ([1, 2], False), ([2, 1], True), ([1], True), ([2], True), ([3], True), ([1, 2, 3], True),
        ([2], True), ([1, 2], True),
    ]
    shapes = [[1, 5, 7, 6], [1, 3, 4, 9], [1, 8, 8, 4]]
    return [case([shapes[i % 3]], build(*plan), 600 + i) for i, plan in enumerate(plans)]


def reduce_max():
    def build(axes):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            out = net.tensor([1 if i in axes else n for i, n in enumerate(shape)], qs[0])
            net.operator(B.REDUCE_MAX, [reads[0], net.ints(axes)], [out], options("ReducerOptionsT", keepDims=True), 2)
            return [out]

        return add

    return [case([[1, 5, 7, 6]], build(axes), 650 + i) for i, axes in enumerate([[1, 2], [3], [2], [1, 2, 3]])]


def slices():
    def strided(begin, end, strides):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            rest = [len(range(*slice(b, e, t).indices(n))) for b, e, t, n in zip(begin, end, strides, shape)]
            out = net.tensor(rest, qs[0])
            net.operator(
                B.STRIDED_SLICE, [reads[0], net.ints(begin), net.ints(end), net.ints(strides)], [out],
                options("StridedSliceOptionsT", beginMask=0, endMask=0, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=0), 2,
            )
            return [out]

        return add

    def plain(begin, size):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            rest = [n - b if size_ < 0 else size_ for b, size_, n in zip(begin, size, shape)]
            out = net.tensor(rest, qs[0])
            net.operator(B.SLICE, [reads[0], net.ints(begin), net.ints(size)], [out], options("SliceOptionsT"), 2)
            return [out]

        return add

    builds = [
        strided([0, 1, 0, 2], [1, 5, 7, 6], [1, 1, 1, 1]),
        strided([0, 0, 1, 0], [1, 5, 7, 6], [1, 2, 3, 1]),
        strided([0, 0, -3, 0], [1, 5, 7, 5], [1, 1, 1, 2]),
        plain([0, 1, 2, 3], [1, 2, -1, 2]),
    ]
    return [case([[1, 5, 7, 6]], build, 700 + i) for i, build in enumerate(builds)]


def split():
    def build(axis, count):
        def add(net, reads, qs, rng):
            shape = list(net.graph.tensors[reads[0]].shape)
            shape[axis] //= count
            outs = [net.tensor(shape, qs[0]) for _ in range(count)]
            net.operator(B.SPLIT, [net.tensor([], None, np.array(axis, np.int32), INT32), reads[0]], outs,
                         options("SplitOptionsT", numSplits=count), 2)
            total = net.tensor(shape, drawn(rng, (qs[0][0] * 2, 0)))
            net.operator(B.ADD, [outs[0], outs[-1]], [total], options("AddOptionsT", fusedActivationFunction=0), 2)
            return [total]

        return add

    return [case([[1, 4, 6, 6]], build(axis, count), 750 + i) for i, (axis, count) in enumerate([(3, 2), (3, 3), (1, 2), (2, 3)])]


def resize(code, name):
    def build(size, align, half):
        def add(net, reads, qs, rng):
            _, _, _, c = net.graph.tensors[reads[0]].shape
            out = net.tensor([1, *size, c], qs[0])
            net.operator(code, [reads[0], net.ints(size)], [out],
                         options(name, alignCorners=align, halfPixelCenters=half), 3)
            return [out]

        return add

    cases = []
    for i, size in enumerate([[8, 10], [6, 7], [3, 3], [12, 5], [1, 20]]):
        for align, half in [(False, False), (True, False), (False, True)]:
            cases.append(case([[1, 4, 5, 3]], build(size, align, half), 800 + i))
    return cases


def depth_to_space():
    def build(block):
        def add(net, reads, qs, rng):
            _, h, w, c = net.graph.tensors[reads[0]].shape
            out = net.tensor([1, h * block, w * block, c // block**2], qs[0])
            net.operator(B.DEPTH_TO_SPACE, reads, [out], options("DepthToSpaceOptionsT", blockSize=block))
            return [out]

        return add

    def back(block):
        def add(net, reads, qs, rng):
            _, h, w, c = net.graph.tensors[reads[0]].shape
            out = net.tensor([1, h // block, w // block, c * block**2], qs[0])
            net.operator(B.SPACE_TO_DEPTH, reads, [out], options("SpaceToDepthOptionsT", blockSize=block))
            return [out]

        return add

    return [
        case([[1, 3, 4, 12]], build(2), 900), case([[1, 2, 3, 9]], build(3), 901), case([[1, 4, 6, 3]], back(2), 902),
    ]


def extreme(code):
    def build(constant):
        def add(net, reads, qs, rng):
            second = reads[1] if len(reads) > 1 else net.tensor(constant, qs[0], rng.integers(-128, 128, constant, dtype=np.int8))
            out = net.tensor(net.graph.tensors[reads[0]].shape, qs[0])
            net.operator(code, [reads[0], second], [out], options("MaximumMinimumOptionsT"), 2)
            return [out]

        return add

    q = [(0.05, -7)] * 2
    a = [1, 4, 6, 5]
    return [case([a, a], build(None), 950, q), case([a], build([5]), 951, q), case([a], build([]), 952, q)]


def transpose():
    def build(order):
        def add(net, reads, qs, rng):
            shape = net.graph.tensors[reads[0]].shape
            out = net.tensor([shape[i] for i in order], qs[0])
            net.operator(B.TRANSPOSE, [reads[0], net.ints(order)], [out], options("TransposeOptionsT"), 2)
            return [out]

        return add

    orders = [[0, 2, 1, 3], [0, 3, 1, 2], [0, 1, 3, 2], [0, 3, 2, 1]]
    return [case([[1, 4, 6, 5]], build(order), 970 + i) for i, order in enumerate(orders)]


OPERATORS = {
    "add": lambda: binary(B.ADD, "AddOptionsT", lambda a, b: max(a[0], b[0])),
    "sub": lambda: binary(B.SUB, "SubOptionsT", lambda a, b: max(a[0], b[0])),
    "mul": lambda: binary(B.MUL, "MulOptionsT", lambda a, b: 60 * a[0] * b[0]),
    "logistic": lambda: unary(B.LOGISTIC, None, (1 / 256, -128), 2),
    "tanh": lambda: unary(B.TANH, None, (1 / 128, 0), 2),
    "elu": elu,
    "quantize": lambda: unary(B.QUANTIZE, "QuantizeOptionsT", None, 2),
    "relu_n1_to_1": lambda: unary(B.RELU_N1_TO_1),
    "relu": lambda: unary(B.RELU, None, None, 2),
    "relu6": lambda: unary(B.RELU6, None, None, 2),
    "hard_swish": hard_swish,
    "prelu": prelu,
    "pad": pad,
    "concatenation": concatenation,
    "mean": mean,
    "reduce_max": reduce_max,
    "slice": slices,
    "split": split,
    "resize_nearest_neighbor": lambda: resize(B.RESIZE_NEAREST_NEIGHBOR, "ResizeNearestNeighborOptionsT"),
    "resize_bilinear": lambda: resize(B.RESIZE_BILINEAR, "ResizeBilinearOptionsT"),
    "depth_to_space": depth_to_space,
    "maximum": lambda: extreme(B.MAXIMUM),
    "minimum": lambda: extreme(B.MINIMUM),
    "transpose": transpose,
}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or OPERATORS:
        try:
            cases = OPERATORS[name]()
        except Exception as error:  # noqa: BLE001
            print(name, "failed:", error)
            continue
        (OUT / f"{name}.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
        print(name, len(cases), "cases")


main()
