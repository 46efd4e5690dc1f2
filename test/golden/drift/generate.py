"""Makes texts.json, and for a checkpoint NAME.json and NAME.f32: what transformers computes in fp32 for 200 texts, the
reference of `npm run drift`.

Weights in F16 are read as f32. Each text runs alone, so nothing is padded.
Of the texts 100 are Amazon review sentences of VADER (MIT), 60 are sentences of WNUT-17's dev set (CC BY 4.0,
tokens joined by spaces), 40 are our own: own.txt and longer ones strung together from it, up to beyond 512 tokens.

    python3 -m venv .venv && .venv/bin/pip install -r test/golden/drift/requirements.txt
    .venv/bin/python test/golden/drift/generate.py sentiment build/sentiment/checkpoint   # npm run models:sentiment
    .venv/bin/python test/golden/drift/generate.py sst2-minilm ../shared/models/sst2-minilm
"""

import hashlib
import json
import platform
import random
import sys
from pathlib import Path

import numpy as np
import tokenizers
import torch
import transformers

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[3] / "shared"
NAME, CHECKPOINT = sys.argv[1], Path(sys.argv[2])
MAX_TOKENS = 512
SEED = 3
# Lengths in tokens, [CLS] and [SEP] included, of the texts strung together; 512 is the most the model takes.
LONG = [48, 64, 96, 160, 256, 384, 511, 512, 513, 1300]

tokenizer = tokenizers.Tokenizer.from_file(str(CHECKPOINT / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()


def rows(path: str) -> list[list[str]]:
    return [line.split("\t") for line in (SHARED / "data" / path).read_text(encoding="utf-8").splitlines()[1:]]


def vader(count: int) -> list[str]:
    texts = sorted({row[3] for row in rows("vader/amazon_snippets.tsv")})
    return random.Random(SEED).sample(texts, count)


def wnut17(count: int) -> list[str]:
    blocks = (SHARED / "data" / "wnut17" / "dev.conll").read_text(encoding="utf-8").strip().split("\n\n")
    texts = sorted({" ".join(line.split("\t")[0] for line in block.split("\n")) for block in blocks})
    return random.Random(SEED).sample(texts, count)


def long_text(sentences: list[str], length: int, source: random.Random) -> str:
    """Our own sentences in random order, cut to `length` tokens between two words."""
    words: list[str] = []
    while count(words) < length:
        words += source.choice(sentences).split()
    while count(words) > length:
        words.pop()
    return " ".join(words + ["film"] * (length - count(words)))


def count(words: list[str]) -> int:
    return len(tokenizer.encode(" ".join(words)).ids)


def own() -> list[str]:
    sentences = (HERE / "own.txt").read_text(encoding="utf-8").splitlines()
    source = random.Random(SEED)
    return sentences + [long_text(sentences, length, source) for length in LONG]


def encode(text: str) -> list[int]:
    """ids cut to 512 with [SEP] kept at the end, as BERT's tokenizers cut."""
    ids = tokenizer.encode(text).ids
    return ids if len(ids) <= MAX_TOKENS else ids[: MAX_TOKENS - 1] + ids[-1:]


@torch.no_grad()
def forward(model: torch.nn.Module, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """[CLS] of the last layer [D] and logits [L]."""
    output = model(torch.tensor([ids]), output_hidden_states=True)
    return output.hidden_states[-1][0, 0].numpy(), output.logits[0].numpy()


def accuracy(model: torch.nn.Module, labelled: list[tuple[str, str]]) -> dict[str, float]:
    right = sum(int(forward(model, encode(text))[1].argmax()) == int(label) for label, text in labelled)
    return {"rows": len(labelled), "accuracy": round(right / len(labelled), 6)}


def write(name: str, head: str, items: list, tail: str) -> None:
    """JSON with an item a line."""
    body = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items)
    (HERE / name).write_text(f"{head}\n{body}\n{tail}\n", encoding="utf-8")


def main() -> None:
    expected = [101, 2009, 1005, 1055, 1037, 11951, 1998, 2411, 12473, 4990, 1012, 102]
    if encode("It's a charming and often affecting journey.") != expected:
        sys.exit("tokenizer.json: expected the ids of bert-base-uncased, got others")
    torch.set_num_threads(1)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        CHECKPOINT, dtype=torch.float32, attn_implementation="eager"
    ).eval()

    sources = {"vader": vader(100), "wnut17": wnut17(60), "own": own()}
    texts, states, all_logits = [], [], []
    for source, members in sources.items():
        for text in members:
            ids = encode(text)
            state, logits = forward(model, ids)
            states.append(state)
            all_logits.append([float(value) for value in logits])
            texts.append({"source": source, "text": text, "ids": ids})
    np.stack(states).astype("<f4").tofile(HERE / f"{NAME}.f32")

    sst2 = [(label, text) for label, text in rows("sst2/dev.tsv")]
    labelled = [(row[0], row[3]) for row in rows("vader/amazon_snippets.tsv") if row[0] != "na"]
    golden = {
        "versions": {
            "python": platform.python_version(),
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "tokenizers": tokenizers.__version__,
            "numpy": np.__version__,
        },
        "checkpoint": {
            "name": NAME,
            "sha256": hashlib.sha256((CHECKPOINT / "model.safetensors").read_bytes()).hexdigest(),
        },
        "dim": len(states[0]),
        "accuracy": {"sst2 dev": accuracy(model, sst2), "vader": accuracy(model, labelled)},
        "logits": all_logits,
    }
    write("texts.json", "[", texts, "]")
    head = json.dumps({**golden, "logits": []}, indent=1)
    write(f"{NAME}.json", head[: head.rindex("]")], golden["logits"], "]\n}")
    print(len(texts), golden["accuracy"])


if __name__ == "__main__":
    main()
