"""Reads texts, a JSON array, from stdin; prints what transformers makes of them by the model in a directory, as JSON.

reference.py DIR
"""

import json
import sys

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

directory = sys.argv[1]
tokenizer = AutoTokenizer.from_pretrained(directory)
architecture = AutoConfig.from_pretrained(directory).architectures[0]
kind = AutoModelForTokenClassification if "Token" in architecture else AutoModelForSequenceClassification
model, loading = kind.from_pretrained(directory, output_loading_info=True)
assert not any(loading[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), loading
results = []
for text in json.load(sys.stdin):
    encoded = tokenizer(text, return_tensors="pt")
    assert set(encoded) == {"input_ids", "attention_mask"}, set(encoded)
    with torch.no_grad():
        logits = model.eval()(**encoded).logits[0]
    results.append(dict(ids=encoded["input_ids"][0].tolist(), logits=logits.flatten().tolist()))
print(json.dumps(dict(labels=[model.config.id2label[i] for i in range(model.config.num_labels)], results=results)))
