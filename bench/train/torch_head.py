"""The torch side of `npm run bench:train`: a head that takes steps on command, on one thread.

The first line of stdin is a JSON object: `vectors` (of the training set), `width`, `dim`, `labels`, `head`, `batch` (vectors of
a step). Each further line is a number of steps to take; the answer is the CPU seconds that they took. A step is what
transformers' Trainer does in one: gather, forward, cross-entropy, backward, clipping, AdamW. Of torch's two ways to run
AdamW (a loop over the tensors, and fused) the faster one here is used.
"""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
job = json.loads(sys.stdin.readline())
torch.manual_seed(1)
x = torch.rand(job["vectors"], job["width"]) - 0.5
y = torch.randint(job["labels"], (job["vectors"],))
wide = job["head"] == "distilbert"
layers = [nn.Linear(job["width"], job["dim"]), nn.ReLU()] if wide else []
head = nn.Sequential(*layers, nn.Dropout(0.1), nn.Linear(job["dim"] if wide else job["width"], job["labels"]))
loss_of = nn.CrossEntropyLoss()


def optimizer(fused: bool) -> torch.optim.AdamW:
    named = list(head.named_parameters())
    groups = [
        {"params": [p for name, p in named if name.endswith("weight")], "weight_decay": 0.01},
        {"params": [p for name, p in named if name.endswith("bias")], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-3, fused=fused)


def steps(count: int, adamw: torch.optim.AdamW) -> float:
    start = time.process_time()
    for _ in range(count):
        rows = torch.randint(len(x), (job["batch"],))
        loss_of(head(x[rows]), y[rows]).backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        adamw.step()
        adamw.zero_grad()
    return time.process_time() - start


ways = [optimizer(False), optimizer(True)]
for way in ways:
    steps(20, way)
best = min(ways, key=lambda way: min(steps(20, way) for _ in range(3)))
print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    print(steps(int(line), best), flush=True)
