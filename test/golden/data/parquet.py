"""Makes the parquet files beside it, as Hugging Face `datasets` and pyarrow write them, and rows.json: what pyarrow reads back.

python3 -m venv .venv && .venv/bin/pip install datasets==5.2.0 pyarrow==26.0.1
.venv/bin/python test/golden/data/parquet.py
"""

import json
import pathlib

import datasets
import pyarrow
import pyarrow.parquet
from datasets import ClassLabel, Dataset, Features, Value

HERE = pathlib.Path(__file__).parent
TEXTS = [
    "The tea was cold, and so was the waiter.",
    "We laughed until the last train had left.",
    "",
    "Größer als erwartet – 漢字 und 😀 inklusive.",
    "Two days late; the box was open.",
    "A small shop with a big heart.",
]
LABELS = [0, 1, 0, 1, 0, 1]
SENTENCES = [
    (["Ada", "lives", "in", "Lyon", "."], [1, 0, 0, 3, 0]),
    (["Nobody", "came"], [0, 0]),
    (["Kofi", "Mensah", "left", "New", "York"], [1, 2, 0, 3, 4]),
]
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]

sentiment = Dataset.from_dict(
    {"id": [2**53 + i for i in range(6)], "text": TEXTS, "label": LABELS, "score": [0.5, None, 1.5, -2.0, None, 0.25]},
    features=Features(
        {"id": Value("int64"), "text": Value("string"), "label": ClassLabel(names=["bad", "good"]), "score": Value("float64")}
    ),
)
sentiment.to_parquet(HERE / "sentiment.parquet", batch_size=4)  # two row groups

LIST = getattr(datasets, "List", datasets.Sequence)
Dataset.from_dict(
    {"tokens": [tokens for tokens, _ in SENTENCES], "ner_tags": [tags for _, tags in SENTENCES]},
    features=Features({"tokens": LIST(Value("string")), "ner_tags": LIST(ClassLabel(names=TAGS))}),
).to_parquet(HERE / "tokens.parquet")

Dataset.from_dict(
    {"text": TEXTS[:3], "labels": [[0, 2], [], [1]]},
    features=Features({"text": Value("string"), "labels": LIST(ClassLabel(names=["rude", "late", "cold"]))}),
).to_parquet(HERE / "multi.parquet")

# The metadata of datasets before 4.0: Sequence where there is List now.
tokens = pyarrow.parquet.read_table(HERE / "tokens.parquet")
info = {
    "info": {
        "features": {
            "tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"},
            "ner_tags": {"feature": {"names": TAGS, "_type": "ClassLabel"}, "_type": "Sequence"},
        }
    }
}
pyarrow.parquet.write_table(
    tokens.replace_schema_metadata({"huggingface": json.dumps(info)}), HERE / "tokens-old.parquet"
)

plain = pyarrow.table({"text": TEXTS, "label": ["bad", "good"] * 3})
for codec in ["none", "gzip", "brotli", "zstd", "lz4"]:
    pyarrow.parquet.write_table(plain, HERE / f"{codec}.parquet", compression=codec)
# Flags of presence that are packed bits, not runs: test/cli/parquet.test.ts writes a run without end over them.
mixed = pyarrow.table({"text": ["word" if i % 2 else None for i in range(64)]})
pyarrow.parquet.write_table(mixed, HERE / "nulls.parquet", compression="none", use_dictionary=False)

names = ["sentiment", "tokens", "tokens-old", "multi", "none"]
rows = {name: pyarrow.parquet.read_table(HERE / f"{name}.parquet").to_pylist() for name in names}
for row in rows["sentiment"]:
    row["id"] = str(row["id"])  # beyond the integers of a double
versions = {"datasets": datasets.__version__, "pyarrow": pyarrow.__version__}
(HERE / "rows.json").write_text(json.dumps({"versions": versions, "rows": rows}, ensure_ascii=False, indent=1) + "\n")
