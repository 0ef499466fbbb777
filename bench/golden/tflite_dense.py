"""Makes test/fixtures/quant/tflite-dense.json: what TFLite's reference FULLY_CONNECTED, and CONV_2D of the same weights, make of
sums that lie close to the half between two codes, where how often a kernel rounds is seen. In every other case the sums are
whole halves.

    python bench/golden/tflite_dense.py test/fixtures/quant/tflite-dense.json
"""

import base64
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import flatbuffers  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.lite.python import schema_py_generated as s  # noqa: E402

UNITS, DEPTH, INPUTS = 24, 4, 12


def tensor(shape, type, buffer, scales, zero_point=0):
    t = s.TensorT()
    t.shape, t.type, t.name, t.buffer = shape, type, b"t", buffer
    t.quantization = s.QuantizationParametersT()
    t.quantization.scale = [float(scale) for scale in scales]
    t.quantization.zeroPoint = [int(zero_point)] * len(scales)
    t.quantization.quantizedDimension = 0
    return t


def buffer(values):
    b = s.BufferT()
    b.data = list(values.tobytes())
    return b


def file_of(kind, source, target, scales, weights, bias):
    model, graph, code, op = s.ModelT(), s.SubGraphT(), s.OperatorCodeT(), s.OperatorT()
    model.version, model.buffers = 3, [s.BufferT(), buffer(weights), buffer(bias)]
    if kind == "conv":
        code.builtinCode = code.deprecatedBuiltinCode = s.BuiltinOperator.CONV_2D
        code.version = 3
        op.builtinOptionsType, op.builtinOptions = s.BuiltinOptions.Conv2DOptions, s.Conv2DOptionsT()
        op.builtinOptions.strideW = op.builtinOptions.strideH = 1
        shapes = [1, 1, 1, DEPTH], [UNITS, 1, 1, DEPTH], [1, 1, 1, UNITS]
    else:
        code.builtinCode = code.deprecatedBuiltinCode = s.BuiltinOperator.FULLY_CONNECTED
        code.version = 5
        op.builtinOptionsType, op.builtinOptions = s.BuiltinOptions.FullyConnectedOptions, s.FullyConnectedOptionsT()
        shapes = [1, DEPTH], [UNITS, DEPTH], [1, UNITS]
    graph.tensors = [
        tensor(shapes[0], s.TensorType.INT8, 0, [source[0]], source[1]),
        tensor(shapes[1], s.TensorType.INT8, 1, scales),
        tensor([UNITS], s.TensorType.INT32, 2, [source[0] * scale for scale in scales]),
        tensor(shapes[2], s.TensorType.INT8, 0, [target[0]], target[1]),
    ]
    op.opcodeIndex, op.inputs, op.outputs = 0, [0, 1, 2], [3]
    graph.inputs, graph.outputs, graph.operators = [0], [3], [op]
    model.operatorCodes, model.subgraphs = [code], [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(file, inputs):
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    [where], [out] = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for x in inputs:
        interpreter.set_tensor(where["index"], x.reshape(where["shape"]))
        interpreter.invoke()
        found.append(interpreter.get_tensor(out["index"]).ravel())
    return np.array(found)


def text(values):
    return base64.b64encode(values.tobytes()).decode()


random = np.random.default_rng(29)
cases = []
for k in range(8):
    halves, per_channel = k % 2 == 1, k < 4
    source = (np.float32(0.5 if halves else 2.0 ** random.uniform(-8, 0)), random.integers(-128, 128))
    target = (np.float32(0.25 if halves else 2.0 ** random.uniform(-8, 0)), random.integers(-20, 20))
    powers = random.integers(-9, -3, UNITS) if halves else random.uniform(-9, -3, UNITS)
    scales = (2.0**powers * (1 if halves else target[0] / source[0])).astype(np.float32)
    scales = scales if per_channel else scales[:1]
    weights = random.integers(-127, 128, (UNITS, DEPTH)).astype(np.int8)
    inputs = random.integers(-128, 128, (INPUTS, DEPTH)).astype(np.int8)
    # Of the first input nothing but the bias is left: half a code, or the sum beside it.
    inputs[0] = source[1]
    factors = np.broadcast_to(float(source[0]) * scales.astype(np.float64) / float(target[0]), UNITS)
    bias = np.rint((random.integers(-90, 90, UNITS) + 0.5) / factors).astype(np.int32)
    if not halves:
        bias += random.integers(-1, 2, UNITS).astype(np.int32)
    for kind in ("dense", "conv"):
        file = file_of(kind, source, target, scales, weights, bias)
        cases.append({
            "kind": kind,
            "scales": "channel" if per_channel else "tensor",
            "file": text(np.frombuffer(file, np.uint8)),
            "inputs": text(inputs),
            "outputs": text(run(file, inputs)),
        })
with open(sys.argv[1], "w") as out:
    json.dump({
        "about": f"bench/golden/tflite_dense.py: outputs of the reference kernels of TensorFlow {tf.__version__}, base64 of int8",
        "cases": cases,
    }, out, indent=1)
    out.write("\n")
