"""Learning rates of transformers' schedules, step by step, for test/train/schedule.test.ts.

    pip install torch==2.15.* transformers==5.24.*
    python test/golden/train/schedule.py
"""

import json
from pathlib import Path

import torch
import transformers
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

RATE = 3e-4
CASES = [(1, 0), (2, 1), (7, 0), (20, 5), (20, 20), (63, 7), (101, 11)]


def rates(make, steps, warmup):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimizer, warmup, steps)
    result = []
    for _ in range(steps):
        result.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return result


SCHEDULES = {
    "linear": get_linear_schedule_with_warmup,
    "cosine": get_cosine_schedule_with_warmup,
    "constant": lambda optimizer, warmup, _: get_constant_schedule_with_warmup(optimizer, warmup),
}

golden = {
    "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    "learning_rate": RATE,
    "cases": [
        {"schedule": name, "steps": steps, "warmup": warmup, "rates": rates(make, steps, warmup)}
        for name, make in SCHEDULES.items()
        for steps, warmup in CASES
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
