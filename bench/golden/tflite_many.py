"""Makes test/fixtures/models/many.json: hashes of what TFLite's reference kernels make of hundreds of inputs of every int8 file
of the tests, and of published ones where they are.

    python bench/golden/tflite_many.py test/fixtures [FOLDER of published .tflite files]

Few inputs do not show how often a kernel rounds: it is seen only in sums that lie beside the half between two codes. Inputs are
codes of a generator that test/unit/models/many-inputs.ts repeats, uniform ones and, every other time, some near the middle. The
reference kernels are those of the installed TensorFlow (2.21).
"""

import base64
import glob
import hashlib
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

CHUNK = 50


def codes(count, seed):
    """The finaliser of MurmurHash3 over seed + 0, 1, 2 …: each code by itself, so that numpy has them at once."""
    h = (np.arange(count, dtype=np.uint64) + np.uint64(seed * 0x9E3779B1 & 0xFFFFFFFF)).astype(np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    values = (h & np.uint32(255)).astype(np.int32) - 128
    return (values if seed % 2 else values >> 2).astype(np.int8)


def hashes(content, inputs):
    interpreter = tf.lite.Interpreter(
        model_content=content,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    [where] = interpreter.get_input_details()
    assert where["dtype"] in (np.int8, np.float32, np.uint8), where
    result = []
    for first in range(0, inputs, CHUNK):
        digest = hashlib.sha256()
        for k in range(first, min(first + CHUNK, inputs)):
            x = codes(int(np.prod(where["shape"])), k + 1).reshape(where["shape"])
            if where["dtype"] == np.uint8:
                x = (x.astype(np.int32) + 128).astype(np.uint8)
            interpreter.reset_all_variables()
            interpreter.set_tensor(where["index"], x.astype(where["dtype"]))
            interpreter.invoke()
            for out in interpreter.get_output_details():
                y = interpreter.get_tensor(out["index"])
                if y.dtype == np.uint8:
                    y = (y.astype(np.int32) - 128).astype(np.int8)
                assert y.dtype == np.int8, out
                digest.update(y.tobytes())
        result.append(digest.hexdigest()[:16])
    return result


def read(path):
    with open(path, "rb") as file:
        return file.read()


def is_int8(content):
    details = tf.lite.Interpreter(model_content=content)
    ends = details.get_input_details() + details.get_output_details()
    return all(end["dtype"] in (np.int8, np.uint8) for end in ends)


def main(fixtures, published=None):
    found = {}
    for path in sorted(glob.glob(f"{fixtures}/models/tflite/*-int8.tflite") + glob.glob(f"{fixtures}/models/lstm/*.tflite")):
        name = f"{os.path.basename(os.path.dirname(path))}/{os.path.basename(path)}"
        try:
            found[name] = hashes(read(path), 300)
        except AssertionError as error:
            print("left out", name, error, file=sys.stderr)
    for path in sorted(glob.glob(f"{fixtures}/models/operators/*.json")):
        # ELU is not among the reference kernels; tflite_operators.py has what it makes of its codes.
        if path.endswith("elu.json") and "relu" not in path:
            continue
        for k, case in enumerate(json.loads(read(path))["cases"]):
            found[f"operators/{os.path.basename(path)}#{k}"] = hashes(base64.b64decode(case["file"]), 300)
    for file in ("windows", "transposed"):
        for name, case in json.loads(read(f"{fixtures}/models/{file}.json")).items():
            found[f"windows#{name}"] = hashes(base64.b64decode(case["file"]), 300)
    for k, case in enumerate(json.loads(read(f"{fixtures}/quant/tflite-dense.json"))["cases"]):
        found[f"dense#{k}"] = hashes(base64.b64decode(case["file"]), 300)
    for path in sorted(glob.glob(f"{published}/*int8*.tflite")) if published else []:
        content = read(path)
        if is_int8(content):
            found[f"published/{os.path.basename(path)}"] = hashes(content, 100)
    with open(f"{fixtures}/models/many.json", "w") as out:
        about = f"bench/golden/tflite_many.py: hashes of outputs of the reference kernels of TensorFlow {tf.__version__}"
        json.dump({"about": about, "chunk": CHUNK, "hashes": found}, out, indent=1)
        out.write("\n")


main(*sys.argv[1:])
