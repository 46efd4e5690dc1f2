"""scikit-learn's figures for random indicators of several labels, for test/train/metrics.test.ts; `balanced` weights too.

    pip install scikit-learn==1.7.2
    python test/golden/train/multi_label.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.utils.class_weight import compute_class_weight

warnings.filterwarnings("ignore")
random = np.random.default_rng(5)


def case(rows, labels, part, empty=()):
    targets = (random.random((rows, labels)) < part).astype(int)
    targets[:, list(empty)] = 0
    flipped = random.random((rows, labels)) < 0.2
    logits = np.where(targets ^ flipped, 1, -1) * random.random((rows, labels)).round(3)
    logits[:, list(empty)] = -1
    predicted = (logits > 0).astype(int)
    figures = lambda average: precision_recall_fscore_support(targets, predicted, average=average, zero_division=0)
    return {
        "labels": labels,
        "targets": targets.flatten().tolist(),
        "logits": logits.flatten().tolist(),
        "accuracy": accuracy_score(targets, predicted),
        "micro": figures("micro")[:3],
        "macro": figures("macro")[:3],
        "per_label": np.stack(figures(None)).T.tolist(),
    }


def weights(counts):
    ids = np.repeat(np.arange(len(counts)), counts)
    return {"counts": counts, "weights": compute_class_weight("balanced", classes=np.arange(len(counts)), y=ids).tolist()}


golden = {
    "versions": {"scikit-learn": sklearn.__version__},
    "cases": [case(60, 5, 0.3), case(40, 3, 0.5, [1]), case(25, 8, 0.1), case(1, 2, 0.9)],
    "balanced": [weights([90, 10]), weights([5, 1, 30, 4])],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
