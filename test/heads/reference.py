"""The reference side of `npm run heads`: the same head on the same features, trained by torch and by scikit-learn.

Reads one JSON job on stdin, written by reference.ts: where features (f32 [N, P]), targets (i32 [N]) and starts (i32
[rows + 1]) of the training set and features of the test set are, the labels' count, the head, the arguments
(transformers' names) and the seeds. Writes the test set's logits, f32 [N, L] for each run one after another, to
`logits`: those of torch by seed, then for a linear head those of LogisticRegression. Schedule, clipping and the groups of
weight decay are those of transformers' Trainer; torch's own generator shuffles, drops out and makes the first weights.
"""

import json
import math
import sys

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

torch.set_num_threads(1)


class Head(nn.Module):
    """The head of DistilBertForSequenceClassification, or of DistilBertForTokenClassification (`linear`)."""

    def __init__(self, width: int, dim: int, labels: int, kind: str, dropout: float) -> None:
        super().__init__()
        self.pre_classifier = nn.Linear(width, dim) if kind == "distilbert" else None
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(dim if kind == "distilbert" else width, labels)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.pre_classifier is not None:
            x = torch.relu(self.pre_classifier(x))
        return self.classifier(self.dropout(x))


def schedule(step: int, steps: int, warmup: int, kind: str) -> float:
    if step < warmup:
        return step / warmup
    if kind == "constant":
        return 1.0
    done = (step - warmup) / max(1, steps - warmup)
    return 1 - done if kind == "linear" else 0.5 * (1 + math.cos(math.pi * done))


def train(job: dict, x: torch.Tensor, y: torch.Tensor, starts: torch.Tensor, seed: int) -> Head:
    args = job["arguments"]
    torch.manual_seed(seed)
    head = Head(x.shape[1], job["dim"], job["labels"], job["head"], args["dropout"])
    named = list(head.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for name, p in named if "bias" not in name], "weight_decay": args["weight_decay"]},
            {"params": [p for name, p in named if "bias" in name], "weight_decay": 0.0},
        ],
        lr=args["learning_rate"],
        betas=(args["adam_beta1"], args["adam_beta2"]),
        eps=args["adam_epsilon"],
    )
    rows, batch = len(starts) - 1, args["per_device_train_batch_size"]
    steps = math.ceil(args["num_train_epochs"] * math.ceil(rows / batch))
    warmup = math.ceil(steps * args["warmup_ratio"])
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: schedule(step, steps, warmup, args["lr_scheduler_type"])
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=args["label_smoothing_factor"])
    done = 0
    while done < steps:
        for chosen in torch.randperm(rows).split(batch)[: steps - done]:
            vectors = torch.cat([torch.arange(starts[row], starts[row + 1]) for row in chosen])
            optimizer.zero_grad()
            loss_of(head(x[vectors]), y[vectors]).backward()
            nn.utils.clip_grad_norm_(head.parameters(), args["max_grad_norm"])
            optimizer.step()
            scheduler.step()
            done += 1
    return head.eval()


@torch.no_grad()
def logits(head: Head, x: torch.Tensor) -> np.ndarray:
    return head(x).numpy()


def probe(job: dict, x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    model = LogisticRegression(max_iter=2000, tol=1e-3).fit(x, y)
    scores = model.decision_function(test)
    result = np.full((len(test), job["labels"]), -np.inf, dtype="<f4")
    # Two classes have one score, and a label that never occurs has none.
    result[:, model.classes_] = scores if scores.ndim == 2 else np.stack([-scores, scores], axis=1)
    return result


def main() -> None:
    job = json.load(sys.stdin)
    read = lambda key, dtype: np.fromfile(job[key], dtype=dtype)
    x, test = (read(key, "<f4").reshape(-1, job["width"]) for key in ("train", "test"))
    y, starts = read("targets", "<i4").astype(np.int64), torch.from_numpy(read("starts", "<i4").astype(np.int64))
    tx, ty, ttest = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(test)
    results = [logits(train(job, tx, ty, starts, seed), ttest) for seed in job["seeds"]]
    if job["head"] == "linear":
        results.append(probe(job, x, y, test))
    np.concatenate(results).astype("<f4").tofile(job["logits"])


if __name__ == "__main__":
    main()
