"""pytorch.py <directory of the model> <threads>: transformers' model in eager PyTorch, fp32; answers as answer.mjs does."""

import json
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

directory, threads = sys.argv[1:]
logging.disable_progress_bar()
torch.set_num_threads(int(threads))
model = AutoModelForSequenceClassification.from_pretrained(directory, dtype=torch.float32).eval()


def logits(batch: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, batch))
    ids = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in batch])
    mask = torch.tensor([[1] * len(sequence) + [0] * (longest - len(sequence)) for sequence in batch])
    return model(input_ids=ids, attention_mask=mask).logits


with torch.inference_mode():
    for line in sys.stdin:
        batch = json.loads(line)
        cpu, wall = time.thread_time(), time.perf_counter()
        result = logits(batch)
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        answer = {"logits": result.flatten().tolist(), "cpu": cpu * 1000, "wall": wall * 1000}
        print(json.dumps(answer), flush=True)
