"""Makes test/fixtures/quant/tflite-shared.json: what TFLite's reference kernels give for the published files that are not in the
repository, on inputs from a small generator that the test has, too.

    python bench/golden/tflite_shared.py ../shared/models test/fixtures/quant/tflite-shared.json
"""

import base64
import hashlib
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

INPUTS = 2
MOST_VALUES = 300


def codes(count, seed):
    x, result = seed, []
    for _ in range(count):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        result.append(((x >> 16) & 255) - 128)
    return np.array(result, np.int8)


folder, target = sys.argv[1:]
golden = {}
for name in sorted(os.listdir(folder)):
    if not name.endswith(".tflite"):
        continue
    content = open(os.path.join(folder, name), "rb").read()
    interpreter = tf.lite.Interpreter(
        model_content=content,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    [where] = interpreter.get_input_details()
    # A file whose input has a batch of none or many is made one of a single example.
    interpreter.resize_tensor_input(where["index"], [1, *where["shape"][1:]])
    interpreter.allocate_tensors()
    outputs = []
    for k in range(INPUTS):
        interpreter.reset_all_variables()
        x = codes(int(np.prod(where["shape"])), k + 1)
        value = x if where["dtype"] == np.int8 else (x / 128).astype(np.float32)
        interpreter.set_tensor(where["index"], value.reshape(where["shape"]))
        interpreter.invoke()
        whole = np.concatenate([interpreter.get_tensor(o["index"]).ravel() for o in interpreter.get_output_details()])
        step = -(-whole.size // MOST_VALUES)
        outputs.append(base64.b64encode(np.ascontiguousarray(whole[::step]).tobytes()).decode())
    golden[name] = {"sha256": hashlib.sha256(content).hexdigest(), "step": step, "outputs": outputs}
with open(target, "w") as out:
    json.dump({
        "about": "bench/golden/tflite_shared.py: every step-th of the outputs' values, int8 or float32",
        "models": golden,
    }, out, indent=1)
    out.write("\n")
