"""The reference side of `npm run conformance`: Python `tokenizers` behind a pipe.

Reads one JSON document a line: {"tokenizer": a tokenizer.json to use from there on}, or a batch:
{"inputs": [text or [text, pair], …], "truncation": {"max_length", "stride", "strategy"}, "special": bool,
"brief": bool}. Answers each batch with one line: for each input [ids, offsets in code points] and, unless brief,
type ids, word ids, special tokens mask, tokens and further windows.
"""

import json
import sys

from tokenizers import Tokenizer


def plain(e):
    flat = [x for pair in e.offsets for x in pair]
    return [e.ids, flat, e.type_ids, e.word_ids, e.special_tokens_mask, e.tokens, [plain(o) for o in e.overflowing]]


def brief(e):
    return [e.ids, [x for pair in e.offsets for x in pair]]


tokenizer = None
for line in sys.stdin:
    message = json.loads(line)
    if "tokenizer" in message:
        tokenizer = Tokenizer.from_str(json.dumps(message["tokenizer"]))
        tokenizer.no_padding()
        continue
    tokenizer.no_truncation()
    if message.get("truncation"):
        tokenizer.enable_truncation(**message["truncation"])
    inputs = [tuple(x) if isinstance(x, list) else x for x in message["inputs"]]
    encodings = tokenizer.encode_batch(inputs, add_special_tokens=message.get("special", True))
    answer = [(brief if message.get("brief") else plain)(e) for e in encodings]
    sys.stdout.write(json.dumps(answer, ensure_ascii=True, separators=(",", ":")) + "\n")
    sys.stdout.flush()
