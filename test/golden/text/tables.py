"""Writes src/text/unicode-data.ts: what Python `tokenizers` does with every Unicode scalar, asked of the library.

    python test/golden/text/tables.py        (tokenizers 0.23.3)

Its parts use different versions of Unicode (the categories of 8, the decompositions of 12.1, the lower case of 17),
so no engine's own tables can stand in. Only decompositions are left to the engine, as Unicode promises that those
of assigned characters never change; the table says which characters have one.
"""

import os
import string
import unicodedata

import tokenizers
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.normalizers import BertNormalizer

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HERE = os.path.dirname(os.path.abspath(__file__))


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False) | on
    return BertNormalizer(**flags).normalize_str


clean, chinese = bert(clean_text=True), bert(handle_chinese_chars=True)
strip, lower = bert(strip_accents=True), bert(lowercase=True)
nfd = normalizers.NFD().normalize_str
pieces = pre_tokenizers.BertPreTokenizer().pre_tokenize_str

flags = {name: [] for name in ("removed", "space", "cjk", "decomposed", "mark", "punctuation", "white", "word")}
lowered = []

single = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
single.add_tokens([AddedToken("zz", single_word=True)])


for c in SCALARS:
    s = chr(c)
    cleaned, plain = clean(s), nfd(s)
    if cleaned == "":
        flags["removed"].append(c)
    elif cleaned != s:
        assert cleaned == " "
        flags["space"].append(c)
    if chinese(s) != s:
        flags["cjk"].append(c)
    if plain != s:
        flags["decomposed"].append(c)
    elif strip(s) == "":
        flags["mark"].append(c)
    parts = len(pieces("a" + s + "b"))
    if parts == 2:
        flags["white"].append(c)
    elif parts == 3:
        flags["punctuation"].append(c)
    if "zz" not in single.encode(s + "zz").tokens:
        flags["word"].append(c)
    if lower(s) != s:
        small = lower(s)
        if c == 0x130:  # the one that grows; src/text/normalizer.ts names it
            assert small == "i\u0307"
        else:
            assert len(small) == 1
            lowered.append((c, ord(small)))



def swaps(a, b):
    """Whether class(a) > class(b) > 0, where the class is the canonical combining class."""
    return a != b and nfd(a + b) == b + a


# unicodedata only names one mark of each class; the classes of all marks come from how the library orders them.
examples = {1: "\u0334"}
for c in SCALARS:
    k = unicodedata.combining(chr(c))
    if k not in examples and swaps(chr(c), examples[1]):
        examples[k] = chr(c)
classes = sorted(examples)
for low, high in zip(classes, classes[1:]):
    assert swaps(examples[high], examples[low])
ordered = []
for c in SCALARS:
    s = chr(c)
    if nfd(s) != s:
        continue
    if not (swaps(s, examples[1]) or swaps(examples[240], s)):
        continue
    (own,) = [k for k in classes if not swaps(s, examples[k]) and not swaps(examples[k], s)]
    ordered.append((c, own))


def base36(n):
    digits = string.digits + string.ascii_lowercase
    out = ""
    while True:
        n, r = divmod(n, 36)
        out = digits[r] + out
        if n == 0:
            return out


def runs(points):
    """Maximal [first, last] runs of consecutive code points (a run goes on over the surrogates)."""
    out = []
    for c in points:
        if out and (out[-1][1] == c - 1 or (out[-1][1] == 0xD7FF and c == 0xE000)):
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def encode_runs(points):
    """Distance from the end of the last run, then length less one, each in base 36."""
    at, out = 0, []
    for first, last in runs(points):
        out += [base36(first - at), base36(last - first)]
        at = last
    return " ".join(out)


def encode_pairs(pairs, step_of):
    """Runs of equal value: distance, 2 x (length less one) + (stride less one), zigzag of the value; base 36."""
    out, at, i = [], 0, 0
    while i < len(pairs):
        best = (0, 1)
        for stride in (1, 2):
            j = i
            while (
                j + 1 < len(pairs)
                and pairs[j + 1][0] - pairs[j][0] == stride
                and step_of(pairs[j + 1]) == step_of(pairs[i])
            ):
                j += 1
            if j - i > best[0]:
                best = (j - i, stride)
        count, stride = best
        value = step_of(pairs[i])
        zigzag = value * 2 if value >= 0 else -value * 2 - 1
        out += [base36(pairs[i][0] - at), base36(count * 2 + stride - 1), base36(zigzag)]
        i += count + 1
        at = pairs[i - 1][0]
    return " ".join(out)


lines = [
    "// biome-ignore-all format: a generated file",
    f"// Written by test/golden/text/tables.py from tokenizers {tokenizers.__version__}; do not edit.",
    "",
    "/** Runs of code points: distance from the end of the last run, length less one; base 36. */",
    "export const RUNS = {",
]
for name, points in flags.items():
    lines.append(f"  {name}:\n    '{encode_runs(points)}',")
lines += [
    "};",
    "",
    "/** Lower case: distance, 2 x (length less one) + (stride less one), zigzag of what is added; base 36. */",
    f"export const LOWER =\n  '{encode_pairs(lowered, lambda p: p[1] - p[0])}';",
    "",
    "/** Canonical combining classes above 0, coded as LOWER is. */",
    f"export const COMBINING =\n  '{encode_pairs(ordered, lambda p: p[1])}';",
    "",
]
with open(os.path.join(HERE, "../../../src/text/unicode-data.ts"), "w", encoding="ascii", newline="\n") as f:
    f.write("\n".join(lines))
print({k: (len(v), len(runs(v))) for k, v in flags.items()}, "lower", len(lowered), "combining", len(ordered))
mark = set(flags["mark"])
print("combining but not stripped:", [hex(c) for c, _ in ordered if c not in mark])
