"""Trains the network of a PyTorch user on the data of examples/meter and exports it as ONNX.

    node examples/meter/draw.mjs
    python bench/golden/meter_torch.py

writes test/fixtures/models/meter_torch.onnx, which the end-to-end test of the editor begins with. It needs torch and onnx.
The network sees pixels as torchvision's ToTensor makes them, 0 to 1, which nothing in the file says.
"""

import gzip
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples/meter/data"


def idx(name):
    data = gzip.decompress((DATA / name).read_bytes())
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def examples(set_name):
    pixels = torch.tensor(idx(f"{set_name}-images.idx.gz").astype(np.float32)[:, None] / 255)
    return pixels, torch.tensor(idx(f"{set_name}-labels.idx.gz").astype(np.int64))


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]


torch.manual_seed(1)
torch.set_num_threads(1)
model = nn.Sequential(
    *block(1, 8), *block(8, 16), *block(16, 24),
    nn.Flatten(), nn.Dropout(0.2), nn.Linear(24 * 3 * 2, 32), nn.ReLU(), nn.Linear(32, 10),
)
pixels, labels = examples("train")
optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
for epoch in range(6):
    model.train()
    order = torch.randperm(len(pixels))
    for at in range(0, len(order), 64):
        batch = order[at : at + 64]
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(pixels[batch]), labels[batch]).backward()
        optimiser.step()
model.eval()
test, answers = examples("test")
with torch.no_grad():
    print("accuracy", (model(test).argmax(1) == answers).float().mean().item())
out = ROOT / "test/fixtures/models/meter_torch.onnx"
torch.onnx.export(model, (torch.zeros(1, 1, 24, 16),), str(out), opset_version=17, dynamo=False,
                  input_names=["image"], output_names=["digit"])
print(out.stat().st_size, "bytes,", sum(p.numel() for p in model.parameters()), "parameters")
