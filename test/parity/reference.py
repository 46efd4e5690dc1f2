"""The torch side of `npm run parity`: transformers' DistilBERT at the size of MiniLM, trained by torch's AdamW in fp32.

reference.py prepare CHECKPOINT DIR   weights to start from, batches, and what 20 steps make of them, into DIR
reference.py bench DIR                steps as stdin asks for them; answers with milliseconds of CPU time
"""

import json
import pathlib
import sys
import time

import torch
from safetensors.torch import load_file, save_file
from transformers import DistilBertConfig, DistilBertForSequenceClassification, DistilBertForTokenClassification

STEPS, WARMUP, B, S = 20, 2, 16, 64
RATES = {"full": 5e-5, "head": 1e-3}
SHAPE = dict(vocab_size=30522, max_position_embeddings=512, dim=384, n_heads=12, hidden_dim=1536, n_layers=6)
LABELS = {"sequence": 2, "token": 13}
NAMES = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}


def encoder(path):
    """A BERT's tensors under DistilBERT's names, token type 0 within the positions."""
    tensors = {name.removeprefix("bert."): value.float() for name, value in load_file(path).items()}
    result = {}
    for name, value in tensors.items():
        if name.startswith("encoder.layer."):
            _, _, layer, rest = name.split(".", 3)
            part, kind = rest.rsplit(".", 1)
            result[f"distilbert.transformer.layer.{layer}.{NAMES[part]}.{kind}"] = value
        elif name.startswith("embeddings.") and "token_type" not in name and "position_ids" not in name:
            result[f"distilbert.{name}"] = value
    positions = "distilbert.embeddings.position_embeddings.weight"
    result[positions] = result[positions] + tensors["embeddings.token_type_embeddings.weight"][0]
    return result


def build(task, attention="eager"):
    kind = DistilBertForTokenClassification if task == "token" else DistilBertForSequenceClassification
    config = DistilBertConfig(
        **SHAPE, num_labels=LABELS[task], dropout=0, attention_dropout=0, seq_classif_dropout=0,
        attn_implementation=attention,
    )
    return kind(config)


def batches(task):
    generator = torch.Generator().manual_seed(1)
    draw = lambda low, high, *shape: torch.randint(low, high, shape, generator=generator)
    result = []
    for _ in range(STEPS):
        lengths = draw(24, S + 1, B)
        lengths[0] = S
        mask = (torch.arange(S)[None] < lengths[:, None]).long()
        ids = draw(1000, 30000, B, S)
        ids[:, 0] = 101
        ids[torch.arange(B), lengths - 1] = 102
        ids = ids * mask
        if task == "sequence":
            labels = draw(0, 2, B)
        else:
            labels = draw(0, 13, B, S).masked_fill(mask == 0, -100)
            labels[:, 0] = -100
            labels[torch.arange(B), lengths - 1] = -100
        result.append((ids, mask, labels))
    return result


def rate(trained, step):
    return RATES[trained] * (step / WARMUP if step < WARMUP else (STEPS - step) / (STEPS - WARMUP))


def optimizer(model, trained):
    moving = [(n, p) for n, p in model.named_parameters() if trained == "full" or not n.startswith("distilbert.")]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(parameter is p for _, p in moving))
    decays = lambda n: not n.endswith("bias") and "layernorm" not in n.lower().replace("_", "")
    groups = [
        dict(params=[p for n, p in moving if decays(n)], weight_decay=0.01),
        dict(params=[p for n, p in moving if not decays(n)], weight_decay=0.0),
    ]
    return moving, torch.optim.AdamW([group for group in groups if group["params"]])


def step(model, moving, adamw, learning_rate, ids, mask, labels):
    for group in adamw.param_groups:
        group["lr"] = learning_rate
    loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    adamw.zero_grad()
    loss.backward()
    gradients = {n: p.grad.clone() for n, p in moving} if learning_rate == 0 else None
    norm = torch.nn.utils.clip_grad_norm_([p for _, p in moving], 1.0)
    adamw.step()
    return loss.item(), norm.item(), gradients


def prepare(checkpoint, directory):
    torch.set_num_threads(2)
    for task in LABELS:
        torch.manual_seed(0)
        start = build(task)
        start.load_state_dict(encoder(f"{checkpoint}/model.safetensors"), strict=False)
        initial = {name: value.clone() for name, value in start.state_dict().items()}
        save_file(initial, directory / f"{task}.safetensors")
        data = batches(task)
        as_lists = [dict(ids=i.tolist(), mask=m.tolist(), labels=l.tolist()) for i, m, l in data]
        for trained in RATES:
            model = build(task)
            model.load_state_dict(initial)
            moving, adamw = optimizer(model, trained)
            rates = [rate(trained, t) for t in range(STEPS)]
            results = [step(model, moving, adamw, rates[t], *data[t]) for t in range(STEPS)]
            save_file(results[0][2], directory / f"{task}-{trained}-gradient.safetensors")
            save_file({n: p.detach().clone() for n, p in moving}, directory / f"{task}-{trained}-final.safetensors")
            described = dict(batches=as_lists, rates=rates, losses=[r[0] for r in results], norms=[r[1] for r in results])
            (directory / f"{task}-{trained}.json").write_text(json.dumps(described))
            print(f"torch: {task}, {trained}: loss {results[0][0]:.6f} to {results[-1][0]:.6f}", file=sys.stderr)


def bench(directory):
    """A line `<attention> <steps>` asks for so many full steps of 16 x 64 on one thread."""
    torch.set_num_threads(1)
    data = batches("sequence")
    models = {}
    for attention in ("eager", "sdpa"):
        model = build("sequence", attention)
        model.load_state_dict(load_file(directory / "sequence.safetensors"))
        models[attention] = (model, *optimizer(model, "full"))
    for line in sys.stdin:
        attention, steps = line.split()
        begin = time.process_time()
        for t in range(int(steps)):
            step(*models[attention], 1e-6, *data[t % STEPS])
        print(1000 * (time.process_time() - begin) / int(steps), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        bench(pathlib.Path(sys.argv[2]))
