"""Makes operations.json: results and gradients of src/ort/operations as torch computes them in fp64, rounded to fp32.

python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
.venv/bin/python test/golden/ort/operations.py

Of each case: inputs by name, the result, a gradient of the result, and what it gives for each input of fp32. Inputs are multiples of
1/256, so that a test can move them by a power of two without rounding; those of relu stay away from its kink.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
B, S, H, D, L, V, P = 2, 3, 2, 8, 4, 7, 5
random = np.random.default_rng(7)


def some(*shape, away=0.0):
    x = np.round(random.normal(size=shape) * 256) / 256
    return torch.from_numpy(x + np.where(x < 0, -away, away)).double()


def ids(*shape):
    return torch.from_numpy(random.integers(0, V, shape))


def dropped(x, kept, p):
    return x * kept / (1 - p)


def soft(weights, *shape):
    """Targets as the host makes them: a distribution times a row's share of the mean; a row of zeros is ignored."""
    x = random.dirichlet(np.ones(shape[-1]), shape[:-1]) * np.asarray(weights).reshape(*shape[:-1], 1)
    return torch.from_numpy(np.float32(x)).double()


def cross_entropy(logits, targets):
    return -(targets * torch.log_softmax(logits, -1)).sum()


def several(logits, labels):
    return F.binary_cross_entropy_with_logits(logits, labels)


large = torch.tensor([[95.0, -110.0, 0.5, 40.0], [-30.0, 1.25, 120.0, -0.25]]).double()
yes = torch.tensor([[1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0]]).double()
CASES = {
    "add": (torch.add, dict(x=some(B, S, D), y=some(B, S, D))),
    "add, one tensor twice": (lambda x: x + x, dict(x=some(B, S))),
    "scale": (lambda x, factor: x * factor, dict(x=some(B, H, S), _factor=some(B, 1, S))),
    "shift": (lambda x, offset: x + offset, dict(x=some(B, H, S), _offset=some(B, 1, S))),
    "relu": (torch.relu, dict(x=some(B, S, D, away=1 / 16))),
    "dropout": (lambda x, kept: dropped(x, kept, 0.25), dict(x=some(B, S, D), _kept=torch.from_numpy(random.random((B, S, D)) >= 0.25))),
    "embedding": (lambda table, ids: table[ids], dict(table=some(V, D), ids=ids(B, S))),
    "embedding, more ids than rows": (lambda table, ids: table[ids], dict(table=some(V, 2), ids=ids(5, 8))),
    "embedding, one row of ids": (lambda table, ids: table[ids], dict(table=some(P, D), ids=torch.arange(S))),
    "addToEach": (torch.add, dict(x=some(B, S, D), y=some(S, D))),
    "firstTokens": (lambda x, isFirst: x[:, 0], dict(x=some(B, S, D), _isFirst=torch.eye(S, 1).double())),
    "gelu": (F.gelu, dict(x=some(B, S, D) * 2)),
    "layerNorm": (lambda x, gain, bias: F.layer_norm(x, (D,), gain, bias, 1e-12), dict(x=some(B, S, D), gain=some(D), bias=some(D))),
    "layerNorm, a large epsilon": (lambda x, gain, bias: F.layer_norm(x, (D,), gain, bias, 0.5), dict(x=some(B, D), gain=some(D), bias=some(D))),
    "transpose": (lambda x: x.permute(0, 2, 3, 1), dict(x=some(B, S, H, 5))),
    "splitHeads": (lambda x: x.reshape(B, S, H, -1), dict(x=some(B, S, D))),
    "mergeHeads": (lambda x: x.reshape(B, S, -1), dict(x=some(B, S, H, D // H))),
    "linear": (lambda x, weight, bias: x @ weight + bias, dict(x=some(B, S, D), weight=some(D, 5), bias=some(5))),
    "linear, x of two axes": (lambda x, weight, bias: x @ weight + bias, dict(x=some(S, D), weight=some(D, 5), bias=some(5))),
    "matmul": (torch.matmul, dict(a=some(B, H, S, 5), b=some(B, H, 5, 4))),
    "softmax": (lambda x: torch.softmax(x, -1), dict(x=some(B, H, S, S) * 2)),
    "crossEntropy": (cross_entropy, dict(logits=some(B, L) * 4, _targets=soft([0.75, 0.25], B, L))),
    "crossEntropy, ignored tokens": (cross_entropy, dict(logits=some(B, S, L), _targets=soft([0.5, 0, 0.125, 0, 0.25, 0], B, S, L))),
    "crossEntropy, large logits": (cross_entropy, dict(logits=large, _targets=soft([0.5, 0.5], 2, 4))),
    "yesOrNo": (several, dict(x=some(3, L) * 2, _labels=torch.from_numpy(random.integers(0, 2, (3, L))).double())),
    "yesOrNo, large logits": (several, dict(x=large, _labels=yes)),
}


def plain(x):
    kind = {torch.int64: "int64", torch.bool: "uint8"}.get(x.dtype, "float32")
    # The shortest decimals that give the same fp32.
    values = [float(str(v)) for v in x.detach().numpy().astype(np.float32).ravel()] if kind == "float32" else x.int().ravel().tolist()
    return dict(type=kind, shape=list(x.shape), data=values)


def main():
    described = []
    for name, (function, inputs) in CASES.items():
        # An underscore marks what is no parameter.
        differentiated = {key: x.requires_grad_() for key, x in inputs.items() if x.is_floating_point() and not key.startswith("_")}
        y = function(*inputs.values())
        dy = some(*y.shape) if y.ndim else torch.ones(()).double()
        gradients = torch.autograd.grad(y, list(differentiated.values()), dy)
        described.append(
            dict(
                name=name,
                inputs={key.removeprefix("_"): plain(x) for key, x in inputs.items()},
                result=plain(y),
                resultGradient=plain(dy),
                gradients={key: plain(gradient) for key, gradient in zip(differentiated, gradients)},
            )
        )
    (HERE / "operations.json").write_text(json.dumps(described, separators=(",", ":")) + "\n")


main()
