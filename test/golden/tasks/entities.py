"""Makes entities.json: figures of seqeval for its documented cases, random tags and perturbed tags of WNUT-17.

python3 -m venv .venv && .venv/bin/pip install seqeval==1.2.2 scikit-learn==1.9.1 numpy==2.4.6
.venv/bin/python test/golden/tasks/entities.py

WNUT-17 (CC BY 4.0) is read from ../shared/data/wnut17; only digests and figures of it are kept.
"""

import hashlib
import importlib.metadata
import json
import math
import pathlib
import random
import warnings

from seqeval import scheme as schemes
from seqeval.metrics import classification_report

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
WNUT = HERE.parents[3] / "shared/data/wnut17/dev.conll"
LETTERS = {"IOB1": "IOB", "IOB2": "IOB", "IOE1": "IOE", "IOE2": "IOE", "IOBES": "IOBES", "BILOU": "BILOU"}
TYPES = ["PER", "LOC", "creative-work"]
generator = random.Random(5)


def figures(given, predicted, scheme=None) -> dict:
    """[precision, recall, f1, support] by type and average."""
    mode = {"mode": "strict", "scheme": getattr(schemes, scheme)} if scheme else {}
    report = classification_report(given, predicted, output_dict=True, **mode)
    number = lambda value: None if math.isnan(value) else float(value)
    return {
        name: [number(row[key]) for key in ("precision", "recall", "f1-score", "support")]
        for name, row in report.items()
    }


def sentence(letters: str, length: int, typeless: bool) -> list[str]:
    """Tags that make sense often enough for entities of several lengths."""
    tags, kind = [], generator.choice(TYPES)
    for _ in range(length):
        if generator.random() < 0.3:
            kind = generator.choice(TYPES)
        letter = generator.choice(letters)
        bare = letter == "O" or (typeless and generator.random() < 0.3)
        tags.append(letter if bare else f"{letter}-{kind}")
    return tags


def perturbed(tags: list[str], letters: str, typeless: bool) -> list[str]:
    other = sentence(letters, len(tags), typeless)
    return [new if generator.random() < 0.25 else tag for tag, new in zip(tags, other)]


def random_case(letters: str, scheme=None, typeless=False) -> dict:
    given = [sentence(letters, generator.randint(0, 12), typeless) for _ in range(generator.randint(1, 12))]
    predicted = [perturbed(tags, letters, typeless) for tags in given]
    return case(given, predicted, scheme)


def case(given, predicted, scheme=None) -> dict:
    tags = {"given": [" ".join(tags) for tags in given], "predicted": [" ".join(tags) for tags in predicted]}
    return {"scheme": scheme, **tags, "figures": figures(given, predicted, scheme)}


DOCUMENTED = [
    ([["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]],
     [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]),
    ([["O", "O", "B-MISC", "I-MISC", "B-MISC", "O", "O"], ["B-PER", "I-PER", "O"]],
     [["O", "O", "B-MISC", "I-MISC", "B-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]),
    ([["B-NP", "I-NP", "O"]], [["I-NP", "I-NP", "O"]]),
    ([["O", "O"]], [["O", "O"]]),
    ([["B-PER", "O"]], [["O", "O"]]),
    ([["O", "O"]], [["B-PER", "O"]]),
]
cases = [case(*tags, scheme) for tags in DOCUMENTED for scheme in (None, "IOB2", "IOB1")]
for letters in ["IOB", "IOE", "IOBES", "BILOU", "OOOB", "BIESOXU"]:
    cases += [random_case(letters, typeless=typeless) for typeless in (False, True) for _ in range(4)]
for scheme, letters in LETTERS.items():
    cases += [random_case(letters, scheme, typeless) for typeless in (False, False, True) for _ in range(5)]


def mulberry32(seed: int):
    """test/fixtures/random.ts"""
    mask, state = 0xFFFFFFFF, seed
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = ((state ^ (state >> 15)) * (state | 1)) & mask
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & mask)) & mask
        yield (t ^ (t >> 14)) / 2**32


blocks = WNUT.read_text(encoding="utf-8").split("\n\n")
given = [[line.split("\t")[1] for line in block.strip("\n").split("\n")] for block in blocks if block.strip("\n")]
labels = sorted({tag for tags in given for tag in tags})
wnut = []
for seed, rate in [(1, 0.05), (2, 0.3)]:
    draw = mulberry32(seed)
    predicted = [[labels[int(next(draw) * len(labels))] if next(draw) < rate else tag for tag in tags] for tags in given]
    text = "\n".join(" ".join(tags) for tags in predicted)
    wnut.append(
        {
            "seed": seed,
            "rate": rate,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "figures": {
                name: figures(given, predicted, None if name == "default" else name)
                for name in ["default", "IOB1", "IOB2"]
            },
        }
    )
document = {"seqeval": importlib.metadata.version("seqeval"), "cases": cases, "labels": labels, "wnut17": wnut}
(HERE / "entities.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
