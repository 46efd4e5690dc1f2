"""Makes classification.json: what transformers' TextClassificationPipeline makes of given logits, by configuration and options.

`pip install transformers==5.24.0 torch==2.15.0`, then run it.
"""

import json
import pathlib
from types import SimpleNamespace

import torch
import transformers
from transformers.pipelines.text_classification import ClassificationFunction, TextClassificationPipeline

LOGITS = {
    1: [[0.3], [-7.5]],
    2: [[-1.25, 2.5], [0.0, 0.0], [88.0, -88.0]],
    4: [[0.1, 3.0, 3.0, -2.0], [-40.0, 0.5, 12.0, 0.25]],
}

cases = []
for labels, rows in LOGITS.items():
    for problem_type in [None, "regression", "single_label_classification", "multi_label_classification"]:
        config = SimpleNamespace(
            problem_type=problem_type, num_labels=labels, id2label={i: f"L{i}" for i in range(labels)}
        )
        fake = SimpleNamespace(model=SimpleNamespace(config=config))
        for name in [None, "softmax", "sigmoid", "none"]:
            function = name and ClassificationFunction[name.upper()]
            for top_k in [1, 2, 9, None]:
                scores = [
                    TextClassificationPipeline.postprocess(
                        fake, {"logits": torch.tensor([row])}, function_to_apply=function, top_k=top_k, _legacy=False
                    )
                    for row in rows
                ]
                cases.append(
                    {
                        "labels": labels,
                        "problem_type": problem_type,
                        "options": {"top_k": top_k} | ({"function_to_apply": name} if name else {}),
                        "logits": rows,
                        "scores": scores,
                    }
                )
out = {"transformers": transformers.__version__, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
