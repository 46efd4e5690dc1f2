"""Makes training.json and training.safetensors: what transformers' DistilBERT becomes in 20 steps of torch's AdamW, in fp32.

python3 -m venv .venv && .venv/bin/pip install -r test/parity/requirements.txt
.venv/bin/python test/golden/ort/training.py

Of each case: initial weights, batches of several sizes with padding, losses and norms of the gradient, the first step's gradients before
clipping, the weights after 20 steps, and the logits of all rows before training. Where there is dropout, torch's is replaced by masks
that a formula gives (`kept`), in the order in which transformers comes to them.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from transformers import DistilBertConfig, DistilBertForSequenceClassification, DistilBertForTokenClassification

HERE = pathlib.Path(__file__).parent
STEPS, WARMUP, RATE = 20, 2, 1e-4
SHAPE = dict(vocab_size=60, max_position_embeddings=16, dim=32, n_heads=4, hidden_dim=64, n_layers=2)
DROPOUT = dict(embeddings=0.1, attention=0.2, ffn=0.1, head=0.2)

CASES = {
    "sequence": dict(task="sequence", L=3),
    "token": dict(task="token", L=5),
    "sequence, head alone": dict(task="sequence", L=3, trained="head"),
    "token, head alone": dict(task="token", L=5, trained="head"),
    "sequence, class weights, smoothing": dict(task="sequence", L=3, classWeights=[0.5, 1.0, 2.5], smoothing=0.1),
    "token, class weights": dict(task="token", L=5, classWeights=[0.25, 1.0, 2.0, 1.0, 1.5]),
    "sequence, several labels, relu": dict(task="sequence", L=4, multi=True, activation="relu"),
    "sequence, dropout": dict(task="sequence", L=3, dropout=True),
}


def kept(step, site, shape, p):
    i = np.arange(int(np.prod(shape)), dtype=np.uint64)
    word = ((i + 1) * np.uint64(2654435761) + np.uint64(step * 40503 + site * 97)) % np.uint64(2**32)
    word = ((word ^ (word >> np.uint64(15))) * np.uint64(2246822519)) % np.uint64(2**32)
    return ((word >> np.uint64(16)) >= np.uint64(round(p * 65536))).reshape(shape)


def rate(step):
    return RATE * step / WARMUP if step < WARMUP else RATE * (STEPS - step) / (STEPS - WARMUP)


def build(case, seed):
    torch.manual_seed(seed)
    config = DistilBertConfig(
        **SHAPE,
        activation=case.get("activation", "gelu"),
        num_labels=case["L"],
        problem_type="multi_label_classification" if case.get("multi") else None,
        dropout=0, attention_dropout=0, seq_classif_dropout=0,
        attn_implementation="eager",
    )
    kind = DistilBertForTokenClassification if case["task"] == "token" else DistilBertForSequenceClassification
    model = kind(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Away from their initial 0 and 1, and large enough for attention to matter.
            noise = torch.randn_like(parameter) * (0.3 if parameter.ndim > 1 else 0.1)
            norm = "layer_norm" in name.lower() or "LayerNorm" in name
            parameter.copy_(noise + (1 if norm and name.endswith("weight") else 0))
    return model


def batches(case, generator):
    result = []
    for step in range(STEPS):
        rows = []
        for _ in range(3 + step % 3):
            length = int(generator.integers(2, 4 + step % 10))
            ids = generator.integers(1, 60, length).tolist()
            if case["task"] == "token":
                # The first and the last piece are special tokens; some words have a second piece.
                labels = [-100 if t in (0, length - 1) or generator.random() < 0.2 else int(generator.integers(case["L"])) for t in range(length)]
            elif case.get("multi"):
                labels = generator.integers(0, 2, case["L"]).tolist()
            else:
                labels = int(generator.integers(case["L"]))
            rows.append(dict(ids=ids, labels=labels))
        if case["task"] == "token" and all(label < 0 for row in rows for label in row["labels"]):
            rows[0]["labels"][0] = 1
        result.append(rows)
    return result


def padded(case, rows):
    S = max(len(row["ids"]) for row in rows)
    ids = torch.tensor([row["ids"] + [0] * (S - len(row["ids"])) for row in rows])
    mask = torch.tensor([[1] * len(row["ids"]) + [0] * (S - len(row["ids"])) for row in rows])
    if case["task"] == "token":
        labels = torch.tensor([row["labels"] + [-100] * (S - len(row["labels"])) for row in rows])
    else:
        labels = torch.tensor([row["labels"] for row in rows], dtype=torch.float32 if case.get("multi") else torch.long)
    return ids, mask, labels


def loss_of(case, model, ids, mask, labels):
    if "classWeights" not in case:
        return model(input_ids=ids, attention_mask=mask, labels=labels).loss
    logits = model(input_ids=ids, attention_mask=mask).logits
    return F.cross_entropy(
        logits.reshape(-1, case["L"]), labels.reshape(-1),
        weight=torch.tensor(case["classWeights"]), label_smoothing=case.get("smoothing", 0), ignore_index=-100,
    )


def canonical(name):
    return name.removeprefix("distilbert.")


def main():
    tensors, described = {}, []
    for index, (name, case) in enumerate(CASES.items()):
        model = build(case, index)
        data = batches(case, np.random.default_rng(index))
        head = lambda name: not name.startswith("distilbert.")
        trained = [(n, p) for n, p in model.named_parameters() if case.get("trained") != "head" or head(n)]
        for n, p in model.named_parameters():
            tensors[f"{index}.initial.{canonical(n)}"] = p.detach().numpy().copy()
        model.eval()
        logits = []
        with torch.no_grad():
            for rows in data:
                ids, mask, labels = padded(case, rows)
                out = model(input_ids=ids, attention_mask=mask).logits
                out = out[labels >= 0] if case["task"] == "token" else out
                logits.append(out.reshape(-1, case["L"]).numpy())
        tensors[f"{index}.logits"] = np.concatenate(logits)

        model.train()
        decays = lambda n: not n.endswith("bias") and "layernorm" not in n.lower().replace("_", "")
        optimizer = torch.optim.AdamW(
            [
                dict(params=[p for n, p in trained if decays(n)], weight_decay=0.01),
                dict(params=[p for n, p in trained if not decays(n)], weight_decay=0.0),
            ],
            lr=RATE,
        )
        for n, p in model.named_parameters():
            p.requires_grad_(any(p is q for _, q in trained))
        original, sites = F.dropout, [0, 0]
        if case.get("dropout"):
            order = ["embeddings", *["attention", "ffn"] * SHAPE["n_layers"], "head"]

            def dropout(x, p=0.5, training=True, inplace=False):
                step, site = sites
                sites[1] += 1
                p = DROPOUT[order[site]]
                return x * torch.from_numpy(kept(step, site, tuple(x.shape), p)).float() / (1 - p)

            F.dropout = dropout
        losses, norms = [], []
        for step, rows in enumerate(data):
            sites[:] = [step + 1, 0]
            for group in optimizer.param_groups:
                group["lr"] = rate(step)
            loss = loss_of(case, model, *padded(case, rows))
            optimizer.zero_grad()
            loss.backward()
            if step == 0:
                for n, p in trained:
                    tensors[f"{index}.gradient.{canonical(n)}"] = p.grad.numpy().copy()
            norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in trained], 1.0).item())
            optimizer.step()
            losses.append(loss.item())
        F.dropout = original
        for n, p in trained:
            tensors[f"{index}.final.{canonical(n)}"] = p.detach().numpy().copy()
        described.append(
            dict(name=name, **case, batches=data, losses=losses, norms=norms, rates=[rate(step) for step in range(STEPS)])
        )
    save_file(tensors, HERE / "training.safetensors")
    text = json.dumps(dict(shape=SHAPE, dropout=DROPOUT, cases=described), separators=(",", ":"))
    (HERE / "training.json").write_text(text + "\n")


main()
