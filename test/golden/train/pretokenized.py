"""Sentences in words as tokenizers encodes them (is_pretokenized), for test/train/encode-words.test.ts. The tweets are of
WNUT-17's training set (Derczynski et al. 2017, CC BY 4.0); the odd words are ours.

    pip install tokenizers==0.23.3
    python test/golden/train/pretokenized.py <wnut17/train.conll>
"""

import json
import sys
from pathlib import Path

import tokenizers

ROOT = Path(__file__).parents[3]
ODD = [
    [],
    [""],
    ["", "a", ""],
    ["\u0000", "\u200b", "\u0001\u0002", "word"],
    [" ", "\t\n", "two words", " padded "],
    ["don't", "U.S.", "3.14", "#hash", "@user", "http://a.b/c?d=e"],
    ["ÀÉÎ", "naïve", "ﬁne", "İstanbul", "ß", "Ωmega"],
    ["日本語", "東京タワー", "한국어", "ไทย"],
    ["😀", "👩‍👩‍👧", "🇬🇧", "x😀y"],
    ["[CLS]", "a[SEP]b", "[MASK]", "[PAD][PAD]", "[UNK]"],
    ["a" * 101, "b" * 100, "unbelievablyantidisestablishmentarian"],
    ["\u0301", "e\u0301", "\ufffd", "\u00ad", "\ufeff"],
    ["word"] * 9 + ["internationalization"] * 3,
]


def tweets(path, count):
    sentences = Path(path).read_text("utf-8").split("\n\n")
    words = [[line.split("\t")[0] for line in each.split("\n") if line] for each in sentences]
    return words[:: len(words) // count][:count]


tokenizer = tokenizers.Tokenizer.from_file(str(ROOT / "models/minilm/tokenizer.json"))
tokenizer.no_padding()
cases = []
for words in ODD + tweets(sys.argv[1], 40):
    for max_length in (512, 12, 3):
        tokenizer.enable_truncation(max_length)
        encoding = tokenizer.encode(words, is_pretokenized=True)
        if max_length == 512 or len(encoding.ids) == max_length:
            cases.append({"words": words, "max_length": max_length, "ids": encoding.ids, "word_ids": encoding.word_ids})

golden = {"versions": {"tokenizers": tokenizers.__version__}, "cases": cases}
text = json.dumps(golden, ensure_ascii=True, separators=(",", ":")).replace('{"words"', '\n{"words"')
Path(__file__).with_suffix(".json").write_text(text + "\n")
