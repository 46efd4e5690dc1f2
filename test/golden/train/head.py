"""Makes head.json and head.safetensors: what torch computes in fp32 when it trains the three heads.

python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6 safetensors
.venv/bin/python test/golden/train/head.py

Of each case: initial weights, features, the first step's gradients before clipping, logits of all rows before training,
and the weights after 20 steps of AdamW with a linear schedule. Masks of dropout come from Philox as the paper has it,
laid over the elements as assembly/dropout.ts states.
"""

import json
import pathlib

import numpy as np
import safetensors
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
STEPS, ROWS, BATCH = 20, 24, 8
DROPOUT_STREAM = int.from_bytes(b"drop", "big")

PLAIN = dict(task="sequence", problemType="single_label_classification", pre=True, D=48, P=48, L=3, vectors=1)
OPTIONS = dict(
    learning_rate=0.01,
    weight_decay=0.1,
    adam_beta1=0.9,
    adam_beta2=0.999,
    adam_epsilon=1e-8,
    max_grad_norm=0,
    label_smoothing_factor=0,
    dropout=0,
    seed=42,
)
CASES = {
    "distilbert": PLAIN | dict(P=96) | OPTIONS,
    "distilbert, class weights, smoothing, rows without a label, clipped": PLAIN
    | dict(L=5, weighted=True, ignored=True)
    | OPTIONS
    | dict(label_smoothing_factor=0.1, max_grad_norm=0.05),
    "distilbert, several labels": PLAIN | dict(L=5, problemType="multi_label_classification") | OPTIONS,
    "distilbert, dropout, another Adam": PLAIN
    | OPTIONS
    | dict(dropout=0.3, adam_beta1=0.8, adam_beta2=0.99, adam_epsilon=1e-6, max_grad_norm=1, seed=4294967295),
    "linear, class weights, clipped": PLAIN
    | dict(pre=False, P=96, L=2, weighted=True)
    | OPTIONS
    | dict(max_grad_norm=0.1),
    "linear, smoothing, dropout": PLAIN
    | dict(pre=False, P=90)
    | OPTIONS
    | dict(dropout=0.1, label_smoothing_factor=0.2, seed=0),
    "token, dropout": PLAIN
    | dict(task="token", problemType=None, pre=False, L=5, vectors=7)
    | OPTIONS
    | dict(dropout=0.1, max_grad_norm=1, learning_rate=0.003),
    "token, class weights, smoothing": PLAIN
    | dict(task="token", problemType=None, pre=False, L=13, vectors=7, weighted=True)
    | OPTIONS
    | dict(label_smoothing_factor=0.1),
}


def philox(counter, key):
    """Philox-4x32-10, sections 2 to 4 of Salmon et al. 2011: counter of four and key of two words, arrays of uint32."""
    c = [np.asarray(word, np.uint64) for word in counter]
    k = [int(word) for word in key]
    for _ in range(10):
        left, right = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        upper, lower = np.uint64(32), np.uint64(0xFFFFFFFF)
        c = [
            (right >> upper) ^ c[1] ^ np.uint64(k[0]),
            right & lower,
            (left >> upper) ^ c[3] ^ np.uint64(k[1]),
            left & lower,
        ]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def check_philox():
    """Random123's known answers."""
    ones = 0xFFFFFFFF
    for counter, key, expected in [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((ones, ones, ones, ones), (ones, ones), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ]:
        assert " ".join(f"{int(word):08x}" for word in philox(counter, key)) == expected


def dropout(x, p, seed, step):
    if p == 0:
        return x
    threshold = round(p * 65536)
    i = np.arange(x.numel())
    block = 4 * (i // 32) + (i // 2) % 4
    zero = np.zeros_like(block)
    words = np.stack(philox((block, zero + step, zero, zero), (seed, DROPOUT_STREAM)))
    word = words[(i // 8) % 4, i]
    half = np.where(i % 2 == 0, word & np.uint64(0xFFFF), word >> np.uint64(16))
    mask = torch.from_numpy((half >= threshold).astype(np.float32)).reshape(x.shape)
    return x * mask * (65536 / (65536 - threshold))


class Head(torch.nn.Module):
    def __init__(self, case):
        super().__init__()
        if case["pre"]:
            self.pre_classifier = torch.nn.Linear(case["P"], case["D"])
        self.classifier = torch.nn.Linear(case["D"] if case["pre"] else case["P"], case["L"])
        self.case = case

    def forward(self, x, step=None):
        p, seed = (self.case["dropout"], self.case["seed"]) if step else (0, 0)
        if self.case["pre"]:
            x = torch.relu(self.pre_classifier(x))
        return self.classifier(dropout(x, p, seed, step))


def loss_of(case, logits, targets, weights):
    if case["problemType"] == "multi_label_classification":
        return F.binary_cross_entropy_with_logits(logits, targets)
    return F.cross_entropy(logits, targets, weight=weights, label_smoothing=case["label_smoothing_factor"])


def run(case, tensors, name):
    def keep(key, value):
        tensors[f"{name}/{key}"] = np.ascontiguousarray(value.detach().numpy().copy())

    rng = np.random.default_rng(len(tensors) + 1)
    lengths = rng.integers(0, 2 * case["vectors"], ROWS) if case["vectors"] > 1 else np.ones(ROWS, int)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    count, L = int(starts[-1]), case["L"]
    features = torch.from_numpy(rng.normal(0, 1, (count, case["P"])).astype(np.float32))
    if case["problemType"] == "multi_label_classification":
        targets = torch.from_numpy((rng.random((count, L)) < 0.3).astype(np.float32))
    else:
        targets = torch.from_numpy(rng.integers(0, L, count))
        if case.get("ignored"):
            targets[::5] = -100
    weights = torch.from_numpy(rng.uniform(0.2, 3, L).astype(np.float32)) if case.get("weighted") else None
    order = [rng.permutation(ROWS)[:BATCH].tolist() for _ in range(STEPS)]

    head = Head(case)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(0, 0.1, parameter.shape).astype(np.float32)))
    parameters = dict(head.named_parameters())
    keep("features", features)
    if weights is not None:
        keep("classWeights", weights)
    for key, value in parameters.items():
        keep(f"initial/{key}", value)
    logits = head(features)
    keep("logits", logits)
    evaluation_loss = float(loss_of(case, logits, targets, weights).detach())

    groups = [
        {"params": [p for key, p in parameters.items() if key.endswith("weight")], "weight_decay": case["weight_decay"]},
        {"params": [p for key, p in parameters.items() if key.endswith("bias")], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(
        groups,
        lr=case["learning_rate"],
        betas=(case["adam_beta1"], case["adam_beta2"]),
        eps=case["adam_epsilon"],
        foreach=False,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / STEPS)
    losses, norms, rates = [], [], []
    for step, rows in enumerate(order, 1):
        vectors = np.concatenate([np.arange(starts[r], starts[r + 1]) for r in rows])
        optimizer.zero_grad()
        loss = loss_of(case, head(features[vectors], step), targets[vectors], weights)
        loss.backward()
        if step == 1:
            for key, value in parameters.items():
                keep(f"gradient/{key}", value.grad)
        most = case["max_grad_norm"] or float("inf")
        norms.append(float(torch.nn.utils.clip_grad_norm_(head.parameters(), most)))
        losses.append(float(loss.detach()))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    for key, value in parameters.items():
        keep(f"final/{key}", value)
    return dict(
        name=name,
        config={key: case[key] for key in ["task", "problemType", "D", "P", "L", "pre"]},
        options={key: case[key] for key in OPTIONS if key != "learning_rate"},
        starts=starts.tolist(),
        targets=targets.flatten().tolist(),
        order=order,
        rates=rates,
        losses=losses,
        norms=norms,
        evaluation_loss=evaluation_loss,
    )


torch.set_num_threads(1)
check_philox()
tensors = {}
cases = [run(case, tensors, name) for name, case in CASES.items()]
versions = dict(torch=torch.__version__, numpy=np.__version__, safetensors=safetensors.__version__)
(HERE / "head.json").write_text(json.dumps(dict(versions=versions, cases=cases)) + "\n")
save_file(tensors, HERE / "head.safetensors")
