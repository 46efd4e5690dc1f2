"""Tiny random models and what transformers computes with them in fp32, for test/engine/model.test.ts.

python3 -m venv .venv && .venv/bin/pip install transformers==5.24.0 torch==2.15.0
.venv/bin/python test/golden/engine/generate.py

Weights are stored as F16 and read back as f32 by both sides. Three models: the sequence head with GELU, the token head
with ReLU, and a BERT encoder with a token head (token type 0; converted when it is read).
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
)

HERE = pathlib.Path(__file__).parent
LABELS = {0: "O", 1: "B-person", 2: "I-person", 3: "B-place", 4: "I-place"}
DISTILBERT = dict(vocab_size=90, dim=32, hidden_dim=64, n_heads=2, n_layers=2, max_position_embeddings=40)
BERT = dict(
    vocab_size=90,
    hidden_size=32,
    intermediate_size=64,
    num_attention_heads=4,
    num_hidden_layers=2,
    max_position_embeddings=40,
)
MODELS = {
    "sequence": lambda: DistilBertForSequenceClassification(DistilBertConfig(**DISTILBERT, num_labels=3)),
    "token-relu": lambda: DistilBertForTokenClassification(
        DistilBertConfig(**DISTILBERT, activation="relu", id2label=LABELS)
    ),
    "bert-token": lambda: BertForTokenClassification(BertConfig(**BERT, id2label=LABELS)),
}

torch.manual_seed(7)
batch = [torch.randint(0, 90, (length,)) for length in (1, 2, 7, 8, 9, 25, 40)]
for name, make in MODELS.items():
    model = make()
    for parameter in model.parameters():
        # Wider than transformers' initial weights, under which every row comes out much the same.
        parameter.data = (parameter.data + torch.randn_like(parameter) * 0.15).half().float()
    model.eval()
    directory = HERE / name
    directory.mkdir(exist_ok=True)
    model.config.save_pretrained(directory)
    save_file({key: value.half() for key, value in model.state_dict().items()}, directory / "model.safetensors")
    results = []
    with torch.no_grad():
        for ids in batch:
            output = model(ids[None], output_hidden_states=True)
            results.append(
                {
                    "ids": ids.tolist(),
                    "hidden": output.hidden_states[-1][0].flatten().tolist(),
                    "layers": torch.cat([states[0].mean(0) for states in output.hidden_states]).tolist(),
                    "logits": output.logits[0].flatten().tolist(),
                }
            )
    config = json.loads((directory / "config.json").read_text())
    config["architectures"] = [type(model).__name__]
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    document = {"versions": {"transformers": transformers.__version__, "torch": torch.__version__}, "results": results}
    rounded = json.loads(json.dumps(document), parse_float=lambda text: round(float(text), 7))
    (directory / "golden.json").write_text(json.dumps(rounded) + "\n")
