"""What transformers' Trainer writes and does over a short run, for test/train/trainer.test.ts: trainer_state.json's
keys, and from given metrics the best model, the early stop and the checkpoints that stay.

    pip install torch==2.15.* transformers==5.24.* accelerate==1.*
    python test/golden/train/trainer_state.py
"""

import dataclasses
import json
import os
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import EarlyStoppingCallback, Trainer, TrainerState, TrainingArguments

ROWS = 50
BATCH = 8  # 7 steps an epoch, the last one of 2 rows


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(1))

    def forward(self, x, labels=None):
        return {"loss": ((self.w * x - labels) ** 2).mean(), "logits": self.w * x}


def run(name, metrics, patience=None, threshold=0.0, **given):
    """A run whose nth evaluation gives metrics[n]."""
    torch.manual_seed(0)
    rows = [{"x": torch.tensor([i / ROWS]), "labels": torch.tensor([0.0])} for i in range(ROWS)]
    nth = iter(metrics)
    with tempfile.TemporaryDirectory() as folder:
        args = TrainingArguments(
            folder,
            per_device_train_batch_size=BATCH,
            learning_rate=1e-3,
            warmup_steps=0.1,
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
            **given,
        )
        trainer = Trainer(
            Model(),
            args,
            train_dataset=rows,
            eval_dataset=rows[:4],
            compute_metrics=lambda _: {"accuracy": next(nth)},
            callbacks=[EarlyStoppingCallback(patience, threshold)] if patience else [],
        )
        trainer.train()
        state = dataclasses.asdict(trainer.state)
        checkpoints = sorted(int(each.split("-")[1]) for each in os.listdir(folder) if each.startswith("checkpoint-"))
        best = state["best_model_checkpoint"]
    return {
        "name": name,
        "metrics": metrics,
        "arguments": {
            **given,
            "per_device_train_batch_size": BATCH,
            "learning_rate": 1e-3,
            "early_stopping_patience": patience,
            "early_stopping_threshold": threshold,
        },
        "checkpoints": checkpoints,
        "best_model_checkpoint": best and os.path.basename(best),
        "best_metric": state["best_metric"],
        "best_global_step": state["best_global_step"],
        "global_step": state["global_step"],
        "max_steps": state["max_steps"],
        "num_train_epochs": state["num_train_epochs"],
        "epoch": state["epoch"],
        "log": [
            {key: entry[key] for key in ("learning_rate", "eval_accuracy", "epoch", "step") if key in entry}
            for entry in state["log_history"][:-1]
        ],
        "log_keys": [sorted(entry) for entry in (state["log_history"][0], state["log_history"][-1])],
    }


def each(strategy, **given):
    return {"eval_strategy": strategy, "save_strategy": strategy, "load_best_model_at_end": True, **given}


best = {"metric_for_best_model": "accuracy", "greater_is_better": True}
runs = [
    run("epochs", [0.5, 0.7, 0.6, 0.7, 0.65], num_train_epochs=5, logging_steps=5, save_total_limit=2, **each("epoch"), **best),
    run("two kept", [0.5, 0.7, 0.6, 0.5], num_train_epochs=4, logging_steps=4, save_total_limit=2, **each("epoch"), **best),
    run("limit 3", [0.9, 0.7, 0.6, 0.5, 0.4], num_train_epochs=5, logging_steps=4, save_total_limit=3, **each("epoch"), **best),
    run("patience", [0.5, 0.7, 0.6, 0.7, 0.9], patience=2, num_train_epochs=5, logging_steps=7, **each("epoch"), **best),
    run("threshold", [0.5, 0.52, 0.54, 0.7, 0.9], patience=2, threshold=0.05, num_train_epochs=5, logging_steps=7, **each("epoch"), **best),
    run("steps", [0.1, 0.2, 0.3, 0.2, 0.25, 0.25, 0.1], max_steps=19, logging_steps=3, save_total_limit=2, eval_steps=3, save_steps=3, **each("steps"), **best),
    run("best between", [0.1, 0.2, 0.5, 0.3, 0.4, 0.4], max_steps=18, logging_steps=3, eval_steps=3, save_steps=6, **each("steps"), **best),
    run("steps that stop", [0.3, 0.2, 0.1, 0.2], patience=2, max_steps=20, logging_steps=3, eval_steps=3, save_steps=3, **each("steps"), **best),
    run("stop within an epoch", [0.3, 0.2, 0.1], patience=2, num_train_epochs=3, logging_steps=3, eval_strategy="steps", eval_steps=3, save_strategy="epoch", **best),
    run("least", [0.5, 0.4, 0.6], num_train_epochs=2.5, logging_steps=5, metric_for_best_model="accuracy", greater_is_better=False, **each("epoch")),
]

golden = {
    "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    "rows": ROWS,
    "keys": sorted(field.name for field in dataclasses.fields(TrainerState)),
    "runs": runs,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")
