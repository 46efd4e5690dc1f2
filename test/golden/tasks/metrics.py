"""Makes metrics.json: figures of scikit-learn for random label pairs. `pip install scikit-learn==1.7.2`, then run it."""

import json
import pathlib
import random
import warnings

import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

warnings.filterwarnings("ignore")
random.seed(7)


def case(labels: int, rows: int, given_pool=None, predicted_pool=None) -> dict:
    given = random.choices(given_pool or range(labels), k=rows)
    predicted = [g if random.random() < 0.6 else random.choice(predicted_pool or range(labels)) for g in given]
    ids = list(range(labels))
    precision, recall, f1, support = precision_recall_fscore_support(
        given, predicted, labels=ids, zero_division=0
    )
    macro = precision_recall_fscore_support(given, predicted, average="macro", zero_division=0)
    main = (
        precision_recall_fscore_support(given, predicted, average="binary", pos_label=1, labels=[0, 1], zero_division=0)
        if labels == 2
        else macro
    )
    return {
        "labels": labels,
        "given": given,
        "predicted": predicted,
        "accuracy": accuracy_score(given, predicted),
        "precision": main[0],
        "recall": main[1],
        "f1": main[2],
        "macro_precision": macro[0],
        "macro_recall": macro[1],
        "macro_f1": macro[2],
        "per_label": {
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "f1": f1.tolist(),
            "support": support.tolist(),
        },
        "confusion_matrix": confusion_matrix(given, predicted, labels=ids).tolist(),
    }


cases = [
    case(2, 50),
    case(2, 1),
    case(2, 20, given_pool=[0], predicted_pool=[0]),  # no positive at all
    case(2, 20, given_pool=[1]),
    case(3, 100),
    case(4, 60, given_pool=[0, 1, 2], predicted_pool=[0, 1]),  # a label that never occurs
    case(6, 500),
    case(50, 300),
]
out = {"sklearn": sklearn.__version__, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
