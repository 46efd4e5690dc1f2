"""Makes the goldens of test/model with transformers, safetensors and numpy as independent references.

    pip install torch transformers safetensors numpy && python test/golden/model/generate.py

- bert/               a tiny random BertModel as transformers saves it
- bert-converted.json SHA-256 of every f32 tensor of the DistilBERT it converts to; the conversion is checked here by
                      running both models
- quantized.json      symmetric s8 rows and outlier columns, by numpy
- dtypes.safetensors  one tensor of each element type read, an empty one and a scalar, as safetensors writes them
"""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
VERSIONS = {m.__name__: m.__version__ for m in (np, safetensors, torch, transformers)}
LAYER = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}


def bert():
    torch.manual_seed(20)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=24, initializer_range=0.3, attn_implementation="eager",
    )
    model = transformers.BertModel(config).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "LayerNorm" in name or name.endswith("bias"):
                value.add_(torch.randn_like(value) * 0.1)
    model.save_pretrained(HERE / "bert")
    return model, config


def convert(model, config):
    """In f64 the two models agree to rounding, so what f32 adds (max_difference) is rounding too."""
    difference = {kind: disagreement(model.to(kind), config) for kind in (torch.float64, torch.float32)}
    assert difference[torch.float64] < 1e-13, difference
    assert difference[torch.float32] < 1e-5, difference
    digests = {
        name: hashlib.sha256(value.astype("<f4").tobytes()).hexdigest()
        for name, value in sorted(distilbert_state(model).items())
    }
    write("bert-converted.json", {"max_difference": {str(k): v for k, v in difference.items()}, "sha256": digests})


def disagreement(model, config):
    distilbert = transformers.DistilBertModel(
        transformers.DistilBertConfig(
            vocab_size=config.vocab_size, dim=config.hidden_size, hidden_dim=config.intermediate_size,
            n_layers=config.num_hidden_layers, n_heads=config.num_attention_heads,
            max_position_embeddings=config.max_position_embeddings, attn_implementation="eager",
        )
    ).eval().to(model.dtype)
    state = {name: torch.from_numpy(value) for name, value in distilbert_state(model).items()}
    distilbert.load_state_dict(state, strict=True)
    ids = torch.arange(24).reshape(1, 24)
    with torch.no_grad():
        return (model(ids).last_hidden_state - distilbert(ids).last_hidden_state).abs().max().item()


def distilbert_state(model):
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    out = {}
    for name, value in state.items():
        if name.startswith("encoder.layer."):
            _, _, index, rest = name.split(".", 3)
            part, kind = rest.rsplit(".", 1)
            out[f"transformer.layer.{index}.{LAYER[part]}.{kind}"] = value
    for name in ("word_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"):
        out[f"embeddings.{name}"] = state[f"embeddings.{name}"]
    types = state["embeddings.token_type_embeddings.weight"]
    out["embeddings.position_embeddings.weight"] = state["embeddings.position_embeddings.weight"] + types[0]
    return out


def quantize(weight, columns):
    rest = weight.copy()
    rest[:, columns] = 0
    scale = (np.abs(rest).max(axis=1) / np.float32(127)).astype(np.float32)
    scale[scale < np.finfo(np.float32).tiny] = 1
    q = np.rint(rest / scale[:, None]).astype(np.int8)
    return {
        "shape": weight.shape, "columns": columns, "values": b64(weight), "weight": b64(q), "scale": b64(scale),
        "outliers": b64(weight[:, columns]),
    }


def quantized():
    random = np.random.default_rng(20)
    normal = random.standard_normal((24, 32)).astype(np.float32)
    wide = (normal * 10.0 ** random.integers(-30, 30, (24, 1))).astype(np.float32)
    spiky = normal.copy()
    spiky[:, [3, 17]] *= 50
    # Scale 1: every value is its own quotient, so halves show how ties round.
    ties = np.float32([[127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5], [0, -0.0, 0, 0, 0, 0, 0, 0],
                       [1e-42, -1e-40, 0, 1e-39, 0, 0, 0, 0], [3.4e38, -3.4e38, 1e38, 1, 0, 0, 0, 0]])
    cases = {"normal": (normal, []), "wide": (wide, [0]), "spiky": (spiky, [3, 17]),
             "all columns": (normal[:, :8], list(range(8))), "ties and extremes": (ties, [])}
    write("quantized.json", {"cases": {name: quantize(*case) for name, case in cases.items()}})


def dtypes():
    tensors = {
        "F32": torch.tensor([[0.1, -2.5], [3e38, 1e-45]]),
        "F16": torch.tensor([0.1, -65504.0, 6e-8], dtype=torch.float16),
        "BF16": torch.tensor([0.1, -3e38], dtype=torch.bfloat16),
        "I8": torch.tensor([-128, 127, 0], dtype=torch.int8),
        "U8": torch.tensor([255, 0], dtype=torch.uint8),
        "I64": torch.tensor([-(2**63), 2**63 - 1]),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(1.5),
    }
    save_file(tensors, HERE / "dtypes.safetensors", metadata={"made by": "safetensors"})
    floats = {name: b64(tensors[name].float().numpy()) for name in ("F32", "F16", "BF16", "empty", "scalar")}
    shapes = {name: list(value.shape) for name, value in load_file(HERE / "dtypes.safetensors").items()}
    write("dtypes.json", {"floats": floats, "shapes": shapes})


def b64(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def write(name, content):
    (HERE / name).write_text(json.dumps({"versions": VERSIONS, **content}, indent=1) + "\n")


convert(*bert())
quantized()
dtypes()
