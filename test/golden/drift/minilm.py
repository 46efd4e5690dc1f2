"""Makes minilm.json and minilm.f32: what transformers computes in fp32 with the BERT that models/minilm is made from.

The texts and ids are those of texts.json that are our own or from VADER, cut to 512 ids; each runs alone. Of each
text stand the last layer's [CLS] and the mean of all its tokens, f32 little-endian [100, 2, 384].

    npm run models:minilm
    .venv/bin/python test/golden/drift/minilm.py
"""

import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import torch
import transformers

HERE = Path(__file__).resolve().parent
CHECKPOINT = HERE.parents[2] / "build" / "minilm" / "checkpoint"
VADER = 60


@torch.no_grad()
def main() -> None:
    texts = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    own = [i for i, text in enumerate(texts) if text["source"] == "own"]
    chosen = [i for i, text in enumerate(texts) if text["source"] == "vader"][:VADER] + own

    torch.set_num_threads(1)
    model = transformers.AutoModel.from_pretrained(
        CHECKPOINT, dtype=torch.float32, attn_implementation="eager", add_pooling_layer=False
    ).eval()
    vectors = []
    for i in chosen:
        states = model(torch.tensor([texts[i]["ids"]])).last_hidden_state[0]
        vectors.append(torch.stack([states[0], states.mean(dim=0)]).numpy())
    np.stack(vectors).astype("<f4").tofile(HERE / "minilm.f32")
    golden = {
        "versions": {
            "python": platform.python_version(),
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "checkpoint": {
            "name": "sentence-transformers/all-MiniLM-L6-v2",
            "sha256": hashlib.sha256((CHECKPOINT / "model.safetensors").read_bytes()).hexdigest(),
        },
        "dim": model.config.hidden_size,
        "texts": chosen,
    }
    (HERE / "minilm.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")
    print(len(chosen), "texts")


if __name__ == "__main__":
    main()
