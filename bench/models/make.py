"""Makes the files that `npm run bench` compares, under build/bench/:

  distilbert-base/       Hugging Face directory, DistilBERT-base shape, seeded weights (model.safetensors, F32)
  distilbert-base.onnx   the same weights, int8; distilbert-base.fp32.onnx before that
  sst2-minilm.onnx       ../shared/models/sst2-minilm, int8; sst2-minilm.fp32.onnx before that
  hub/                   both as transformers.js looks for them: links to config, tokenizer and int8 file

The int8 files are quantised as transformers.js's scripts/quantize.py makes its q8 files
(https://github.com/huggingface/transformers.js/blob/main/scripts/quantize.py): dynamic, weights QInt8 per tensor
(no Conv in the graph), activations QUInt8, every operator of onnxruntime's IntegerOps registry, so the embedding
tables too; products of two activations stay in f32.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForSequenceClassification, DistilBertConfig, DistilBertForSequenceClassification

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench"
CHECKPOINT = ROOT.parent / "shared" / "models" / "sst2-minilm"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
SEED = 20260101


def seeded_base() -> DistilBertForSequenceClassification:
    torch.manual_seed(SEED)
    config = DistilBertConfig(
        num_labels=2, id2label={0: "NEGATIVE", 1: "POSITIVE"}, label2id={"NEGATIVE": 0, "POSITIVE": 1}
    )  # its defaults are distilbert-base-uncased: 6 layers, D 768, H 12, F 3072, V 30522
    return DistilBertForSequenceClassification(config)


def export(model: torch.nn.Module, name: str, source: Path) -> None:
    model.eval()
    model.config._attn_implementation = "eager"
    model.config.return_dict = False
    fp32 = OUT / f"{name}.fp32.onnx"
    ids = torch.tensor([[101, 1037, 4251, 1010, 3048, 2143, 1012, 102]] * 2)
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        model,
        (ids, mask),
        str(fp32),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    int8 = OUT / f"{name}.onnx"
    quantize_dynamic(
        fp32,
        int8,
        weight_type=QuantType.QInt8,
        per_channel=False,
        reduce_range=False,
        extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
    )
    check(model, fp32, ids, mask, 1e-4)
    check(model, int8, ids, mask, 1.0)
    hub = OUT / "hub" / name
    link(hub / "onnx" / "model_quantized.onnx", int8)
    for file in ("config.json", *TOKENIZER):
        link(hub / file, source / file)


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def check(model: torch.nn.Module, path: Path, ids: torch.Tensor, mask: torch.Tensor, tolerance: float) -> None:
    with torch.no_grad():
        expected = model(ids, mask)[0].numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    got = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    worst = float(np.abs(got - expected).max())
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, logits within {worst:.2g} of torch fp32")
    if worst > tolerance:
        sys.exit(f"{path.name}: expected logits within {tolerance}, got {worst:.3g}")


def main() -> None:
    if not CHECKPOINT.is_dir():
        sys.exit("../shared/models/sst2-minilm: expected the checkpoint directory, got none")
    OUT.mkdir(parents=True, exist_ok=True)
    base = seeded_base()
    base.save_pretrained(OUT / "distilbert-base")
    for file in TOKENIZER:  # the same 30,522-entry uncased vocabulary
        shutil.copyfile(CHECKPOINT / file, OUT / "distilbert-base" / file)
    export(base, "distilbert-base", OUT / "distilbert-base")
    minilm = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, dtype=torch.float32)
    export(minilm, "sst2-minilm", CHECKPOINT)


if __name__ == "__main__":
    main()
