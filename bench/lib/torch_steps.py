"""The networks of bench/training.ts in PyTorch on the CPU: milliseconds of each training step, as JSON.

python torch_steps.py NETWORK THREADS BATCH STEPS SECONDS_BEFORE [quantised]

Quantised steps round weights (a scale per channel) and every tensor that the firmware would store (a fixed scale) with
PyTorch's fused fake quantisation.
"""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

network, threads, batch, steps, warm_up = sys.argv[1], *map(int, sys.argv[2:6])
quantised = sys.argv[6:] == ["quantised"]
torch.set_num_threads(threads)
torch.manual_seed(1)


def rounded(x, zero_point=-128):
    if not quantised:
        return x
    return torch.fake_quantize_per_tensor_affine(x, 0.03, zero_point, -128, 127)


def rounded_weights(weight):
    if not quantised:
        return weight
    scales = weight.detach().abs().flatten(1).amax(1) / 127 + 1e-12
    zeros = torch.zeros(len(scales), dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scales, zeros, 0, -127, 127)


class Conv(nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(x, rounded_weights(self.weight), self.bias)


class Dense(nn.Linear):
    def forward(self, x):
        return rounded(F.linear(x, rounded_weights(self.weight), self.bias), 0)


class Rounded(nn.Module):
    def __init__(self, zero_point):
        super().__init__()
        self.zero_point = zero_point

    def forward(self, x):
        return rounded(x, self.zero_point)


def conv(inputs, filters, kernel=3, stride=1, activation=True, norm=True, groups=1):
    if isinstance(kernel, int):
        kernel = (kernel, kernel)
    padding = (kernel[0] // 2, (kernel[1] - 1) // 2)
    layers = [Conv(inputs, filters, kernel, stride, padding, groups=groups, bias=not norm)]
    if norm:
        layers.append(nn.BatchNorm2d(filters, eps=1e-3))
    if activation:
        layers.append(nn.ReLU(inplace=True))
    layers.append(Rounded(-128 if activation else 0))
    return nn.Sequential(*layers)


class ResNet9(nn.Module):
    def __init__(self, w=8):
        super().__init__()
        self.conv1, self.conv2 = conv(3, w), conv(w, 2 * w)
        self.res2 = nn.Sequential(conv(2 * w, 2 * w), conv(2 * w, 2 * w))
        self.conv3, self.conv4 = conv(2 * w, 4 * w), conv(4 * w, 8 * w)
        self.res4 = nn.Sequential(conv(8 * w, 8 * w), conv(8 * w, 8 * w))
        self.dense = Dense(8 * w, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv2(self.conv1(x)), 2)
        x = rounded(x + self.res2(x))
        x = F.max_pool2d(self.conv3(x), 2)
        x = F.max_pool2d(self.conv4(x), 2)
        x = rounded(x + self.res4(x))
        return self.dense(torch.amax(x, (2, 3)))


class ResNet8(nn.Module):
    def __init__(self, w=16):
        super().__init__()
        self.conv1 = conv(3, w)
        self.stacks = nn.ModuleList()
        self.skips = nn.ModuleList()
        for inputs, filters, stride in [(w, w, 1), (w, 2 * w, 2), (2 * w, 4 * w, 2)]:
            self.stacks.append(
                nn.Sequential(conv(inputs, filters, 3, stride), conv(filters, filters, activation=False))
            )
            self.skips.append(
                nn.Identity() if stride == 1 else conv(inputs, filters, 1, stride, False, norm=False)
            )
        self.dense = Dense(4 * w, 10)

    def forward(self, x):
        x = self.conv1(x)
        for stack, skip in zip(self.stacks, self.skips):
            x = rounded(F.relu(stack(x) + skip(x)))
        return self.dense(x.mean((2, 3)))


class DsCnn(nn.Module):
    def __init__(self, w=64):
        super().__init__()
        layers = [conv(1, w, (10, 4), 2)]
        for _ in range(4):
            layers += [conv(w, w, 3, groups=w), conv(w, w, 1)]
        self.features = nn.Sequential(*layers)
        self.dense = Dense(w, 12)

    def forward(self, x):
        return self.dense(self.features(x).mean((2, 3)))


model, shape, classes = {
    "resnet9": (ResNet9, (3, 32, 32), 10),
    "resnet8": (ResNet8, (3, 32, 32), 10),
    "ds-cnn": (DsCnn, (1, 49, 10), 12),
}[network]
model = model().to(memory_format=torch.channels_last)
x = torch.randn(batch, *shape).contiguous(memory_format=torch.channels_last)
y = torch.randint(0, classes, (batch,))
optimizer = torch.optim.Adam(model.parameters(), 1e-3)


def step():
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(model(rounded(x, 0)), y).backward()
    optimizer.step()


warm = time.perf_counter() + warm_up
step()
while time.perf_counter() < warm:
    step()
processor = time.process_time()
milliseconds = []
for _ in range(steps):
    start = time.perf_counter()
    step()
    milliseconds.append((time.perf_counter() - start) * 1000)
print(
    json.dumps(
        {
            "stepMilliseconds": milliseconds,
            "processorMilliseconds": (time.process_time() - processor) * 1000 / steps,
            "peakMemory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "version": torch.__version__,
        }
    )
)
