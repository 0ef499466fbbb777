"""LSTM networks as int8 .tflite files from Keras, with the states that TFLite's interpreter gives after all steps.

    python lstm.py <folder for the .tflite files> <file for the vectors>

Weights are random, the calibration inputs too; of some networks the inputs go beyond what was calibrated, so that codes saturate.
"""
import json
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
import numpy as np
import tensorflow as tf
import tf_keras  # Keras 3 writes LSTMs as WHILE loops, this one as the operator

# name, seed, steps, channels, units, return sequences, gain of the weights
NETWORKS = [
    ('lstm_last', 1, 5, 3, 4, False, 1.0),
    ('lstm_sequence', 2, 7, 5, 6, True, 2.0),
    ('lstm_long', 3, 40, 2, 9, False, 1.5),
    ('lstm_saturated', 4, 20, 6, 5, True, 8.0),
    ('lstm_wide', 5, 3, 33, 17, False, 1.0),
]
EXAMPLES = 12


def network(seed, steps, channels, units, sequences, gain):
    tf_keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    model = tf_keras.Sequential([
        tf_keras.Input((steps, channels), batch_size=1),
        tf_keras.layers.LSTM(units, return_sequences=sequences),
        tf_keras.layers.Flatten(),
        tf_keras.layers.Dense(3),
    ])
    model.set_weights([
        (gain * random.normal(size=w.shape) / np.sqrt(w.shape[0] if w.ndim > 1 else 4)).astype(np.float32)
        for w in model.get_weights()
    ])
    return model, random


def convert(model, random, shape):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([random.normal(size=(1, *shape)).astype(np.float32)] for _ in range(50))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def states(file, inputs):
    interpreter = tf.lite.Interpreter(
        model_content=file,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    lstm = next(op for op in interpreter._get_ops_details() if op['op_name'] == 'UNIDIRECTIONAL_SEQUENCE_LSTM')
    result = []
    for x in inputs:
        interpreter.reset_all_variables()
        interpreter.set_tensor(interpreter.get_input_details()[0]['index'], x)
        interpreter.invoke()
        result.append(interpreter.get_tensor(lstm['outputs'][0]).reshape(-1).copy())
    return result


def main(folder, vectors):
    found = {}
    for name, seed, steps, channels, units, sequences, gain in NETWORKS:
        model, random = network(seed, steps, channels, units, sequences, gain)
        file = convert(model, random, (steps, channels))
        with open(os.path.join(folder, f'{name}.tflite'), 'wb') as out:
            out.write(file)
        inputs = random.integers(-128, 128, size=(EXAMPLES, 1, steps, channels)).astype(np.int8)
        inputs[0] = -128
        inputs[1] = 127
        found[name] = {
            'inputs': [x.reshape(-1).tolist() for x in inputs],
            'states': [y.tolist() for y in states(file, inputs)],
        }
    with open(vectors, 'w') as out:
        json.dump(found, out)


main(*sys.argv[1:])
