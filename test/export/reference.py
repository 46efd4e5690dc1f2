"""Reads texts, a JSON array, from stdin; prints what transformers makes of them by the model in a directory, as JSON: of each the ids and the logits, or
the last hidden state where there is no head, and what `pipeline` says.

reference.py DIR
"""

import json
import sys

import torch
import transformers
from transformers import AutoConfig, AutoTokenizer, pipeline

TASKS = {
    "DistilBertForSequenceClassification": ("AutoModelForSequenceClassification", "text-classification"),
    "DistilBertForTokenClassification": ("AutoModelForTokenClassification", "token-classification"),
    "DistilBertModel": ("AutoModel", None),
}

directory = sys.argv[1]
tokenizer = AutoTokenizer.from_pretrained(directory)
kind, task = TASKS[AutoConfig.from_pretrained(directory).architectures[0]]
model, loading = getattr(transformers, kind).from_pretrained(directory, output_loading_info=True)
assert not any(loading[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), loading
model.eval()
pipe = task and pipeline(task, model=directory)
results = []
for text in json.load(sys.stdin):
    encoded = tokenizer(text, return_tensors="pt")
    assert set(encoded) == {"input_ids", "attention_mask"}, set(encoded)
    with torch.no_grad():
        output = model(**encoded)[0][0]
    said = [dict(label=each.get("label", each.get("entity")), score=float(each["score"])) for each in pipe(text)] if pipe else []
    results.append(dict(ids=encoded["input_ids"][0].tolist(), output=output.flatten().tolist(), said=said))
print(json.dumps(dict(labels=list(model.config.id2label.values()) if task else [], results=results)))
