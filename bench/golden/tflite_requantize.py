"""Makes test/fixtures/quant/tflite-requantize.json: what TFLite's reference QUANTIZE makes of every int8 code between scales
and zero points of all sorts, and the last of the files.

    python bench/golden/tflite_requantize.py test/fixtures/quant/tflite-requantize.json
"""

import base64
import hashlib
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import flatbuffers  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.lite.python import schema_py_generated as s  # noqa: E402


def tensor(scale, zero_point):
    t = s.TensorT()
    t.shape, t.type, t.name, t.buffer = [1, 256], s.TensorType.INT8, b"t", 0
    t.quantization = s.QuantizationParametersT()
    t.quantization.scale, t.quantization.zeroPoint = [float(scale)], [int(zero_point)]
    return t


def file_of(source, target):
    model, graph, code, op = s.ModelT(), s.SubGraphT(), s.OperatorCodeT(), s.OperatorT()
    model.version, model.buffers = 3, [s.BufferT()]
    code.builtinCode = code.deprecatedBuiltinCode = s.BuiltinOperator.QUANTIZE
    code.version = 2
    op.opcodeIndex, op.inputs, op.outputs = 0, [0], [1]
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor(*source), tensor(*target)], [0], [1], [op]
    model.operatorCodes, model.subgraphs = [code], [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(file):
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.arange(-128, 128, dtype=np.int8).reshape(1, 256))
    interpreter.invoke()
    return interpreter.get_tensor(1)


random = np.random.default_rng(17)
cases = []
for k in range(40):
    source = (np.float32(2.0 ** random.uniform(-12, 4)), random.integers(-128, 128))
    factor = 1 if k == 0 else 2.0 ** random.uniform(-6, 6)
    target = (np.float32(source[0] * factor), random.integers(-128, 128))
    file = file_of(source, target)
    cases.append({
        "input": {"scale": float(source[0]), "zeroPoint": int(source[1])},
        "output": {"scale": float(target[0]), "zeroPoint": int(target[1])},
        "sha256": hashlib.sha256(run(file).tobytes()).hexdigest(),
    })
with open(sys.argv[1], "w") as out:
    json.dump({
        "about": "bench/golden/tflite_requantize.py: codes -128 ... 127 through TFLite's reference QUANTIZE, hashed; file is the last case's",
        "cases": cases,
        "file": base64.b64encode(file).decode(),
    }, out, indent=1)
    out.write("\n")
