"""Writes scikit-learn's diabetes and breast cancer data as CSV files: python bench/tabular/convert.py FOLDER.

Both sets come with scikit-learn (BSD-3-Clause) and are not committed here. A quarter of the examples, drawn with seed 1, is the
test set; of breast cancer three quarters of the malignant ones are left out of both, so that one in eight is malignant.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def write(name, header, rows):
    random = np.random.default_rng(1)
    order = random.permutation(len(rows))
    test = len(rows) // 4
    for part, indices in (("test", order[:test]), ("train", order[test:])):
        with open(folder / f"{name}-{part}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows[i] for i in sorted(indices))


diabetes = load_diabetes(scaled=False)
write(
    "diabetes",
    [*diabetes.feature_names, "progression"],
    [[*map(float, x), float(y)] for x, y in zip(diabetes.data, diabetes.target)],
)

cancer = load_breast_cancer()
names = cancer.target_names
kept = np.random.default_rng(1).random(len(cancer.target)) < np.where(cancer.target == 0, 0.25, 1)
write(
    "cancer",
    [*cancer.feature_names, "finding"],
    [[*map(float, x), names[y]] for x, y in zip(cancer.data[kept], cancer.target[kept])],
)
