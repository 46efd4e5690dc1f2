"""Writes the goldens of test/text from Python `tokenizers` and `transformers`.

    python test/golden/text/generate.py        (tokenizers 0.23.3, transformers 5.24.0)

- cased/vocab.txt: a small cased vocabulary of our own.
- cases.json: texts and what each tokenizer makes of them, one case a line; offsets in UTF-16 units.
- vocab-txt.json: the same for vocab.txt + tokenizer_config.json, read by transformers.
- scalars.json: every Unicode scalar alone and inside a word, as sha256 (8 digits) of each block of 256; runs of
  equal digests are counted.

All texts are our own.
"""

import hashlib
import json
import os
import shutil
import tempfile

import tokenizers
import transformers
from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "../../../models/sentiment/tokenizer.json"), encoding="utf-8") as f:
    BASE = json.load(f)
BASE["truncation"] = BASE["padding"] = None
VERSIONS = {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__}


def variant(normalizer=None, added=()):
    """The default model's tokenizer.json with other normalizer settings and more added tokens."""
    settings = dict(BASE["normalizer"], **(normalizer or {}))
    spec = dict(BASE, normalizer=settings, added_tokens=list(BASE["added_tokens"]))
    fresh = 30522
    for content, flags in added:
        token = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False) | flags
        token["content"], token["id"] = content, BASE["model"]["vocab"].get(content)
        if token["id"] is None:
            token["id"], fresh = fresh, fresh + 1
        spec["added_tokens"].append(token)
    return spec


ADDED = [
    ("<plain>", {}),
    ("<n>", {"normalized": True}),
    ("Foo Bar", {"normalized": True, "single_word": True}),
    ("foo", {"single_word": True}),
    ("<l>", {"lstrip": True}),
    ("<r>", {"rstrip": True}),
    ("<lr>", {"lstrip": True, "rstrip": True, "special": True}),
    ("École", {"normalized": True}),
    ("字一", {"normalized": True, "rstrip": True}),
    ("ab", {}),
    ("abc", {}),
    ("😀", {"single_word": True, "lstrip": True}),
]
SPECS = {
    "uncased": {},
    "accents kept": {"normalizer": {"strip_accents": False}},
    "cased": {"normalizer": {"lowercase": False}},
    "cased, accents stripped": {"normalizer": {"lowercase": False, "strip_accents": True}},
    "CJK whole": {"normalizer": {"handle_chinese_chars": False}},
    "not cleaned": {"normalizer": {"clean_text": False}},
    "added": {"added": ADDED},
}

TEXTS = [
    "",
    " ",
    "It's a charming and often affecting journey.",
    "A quiet, moving film; not one minute too long!",
    "Über-große Straßen: naïve café, crème brûlée, Ångström, señor, Øresund, Łódź, ẞ.",
    "ΟΔΥΣΣΕΥΣ ΣΊΣΥΦΟΣ ΐ ᾂ ς σ Σ",
    "İstanbul ısı DŽ ǅ ŉ ﬁn Æon",
    "日本語のテキスト、漢字 and English混ざり。",
    "\U00020000\U0002a6d6 \U0002b740\U0002b820 \U0002ceb0 \U0002f800 豈 \U00030000㐀",
    "한국어 문장입니다 각 힣 ㄱ ᄒ\u1161\u11ab",
    "a\tb\nc\rd\u000be\u000cf\u0085g\u00a0h\u1680i\u2003j\u2028k\u2029l\u202fm\u205fn\u3000o\u200bp\ufeffq",
    "a\x00b\x01c\x1fd\x7fe\x9ff\u00adg\ufffdh\u2060i\ue000j\U000e0061k\U0010ffffl",
    "e\u0301 e\u0323\u0301 e\u0301\u0323 o\u0338\u0327 q\u0307\u0323 \u0301x \u0344 \u0f73\u0f71 ཱི",
    "x\u302e\u0301 y\u0301\u1dfb\u0327 z\U0001d165\U0001d16d\u0327 \U0001e000\u0301\U0001e944\u0334 \u08d4\u0316 \u1b44\u3099",
    "👩\u200d🚀 👩🏽\u200d💻 ❤\ufe0f 🇩🇪 😀😀 👨\u200d👩\u200d👧\u200d👦!",
    "w" * 100 + " " + "w" * 101 + " " + "é" * 100 + " " + "é" * 101 + " " + "😀" * 100 + " " + "😀" * 101,
    "unaffable embeddings tokenization hyperparameterization antidisestablishmentarianism",
    "$5.00 + 3% = 5^1~ `code` <tag> a|b {x} [y] \\z @user #tag _under_ «quote» — … ¿? 。、「」 ' “x” ‘y’",
    "don't can't it's rock'n'roll U.S.A. e-mail 1,000.50 3rd 2nd",
    "[CLS] inside [SEP] text [MASK]ed [UNK] [PAD] [mask] [CLS",
    "##ing ##s # ## un##able",
    "नमस्ते दुनिया สวัสดี עִבְרִית العَرَبِيَّة தமிழ் ქართული Ⴀ Ꭰ ꭰ Ა ა",
    "\U00010400\U00010428 \U0001e900 \U00016e40 \U00010d50 \U00011938 \U0001f130 \U0001d400",
    "foo Foo Bar  foo bar foo barz xfoo foo, <plain>x<n> <N> a <l>  b <r>  c <lr>  d École école 字一 x 字一字一 abcd 😀😀 x 😀",
    "  <l> <r>  <r> <l> <lr><lr>  \n<lr>",
]
PAIRS = [
    ("Who wrote this?", "The answer is 42."),
    ("", "second only"),
    ("first only", ""),
    ("", ""),
    ("漢字 [SEP]", "naïve 😀 text"),
]
LONG = "The long road went on and on, past mills and meadows, over bridges, under trees; nobody remembered where it had begun."
OTHER = "Nobody asked either: they walked, unhurried, until the lamps were lit."


def units(text):
    """UTF-16 place of each code point."""
    places = [0]
    for c in text:
        places.append(places[-1] + (2 if ord(c) > 0xFFFF else 1))
    return places


def plain(e, texts, brief=False):
    places = [units(t) for t in texts]
    # Special tokens have offsets 0, 0; windows carry no sequence ids, but a pair's texts have type ids 0 and 1.
    offsets = [
        x
        for (a, b), kind, special in zip(e.offsets, e.type_ids, e.special_tokens_mask)
        for x in ((0, 0) if special else (places[kind][a], places[kind][b]))
    ]
    if brief:
        return {"ids": e.ids, "offsets": offsets}
    return {
        "ids": e.ids,
        "tokens": e.tokens,
        "offsets": offsets,
        "typeIds": e.type_ids,
        "wordIds": e.word_ids,
        "mask": e.special_tokens_mask,
        "overflowing": [plain(o, texts, brief=True) for o in e.overflowing],
    }


def case(tokenizer, name, text, pair=None, special=True, max_length=None, stride=None, strategy="longest_first"):
    tokenizer.no_padding()
    tokenizer.no_truncation()
    out = {"tokenizer": name, "text": text}
    if pair is not None:
        out["pair"] = pair
    if not special:
        out["addSpecialTokens"] = False
    if max_length is not None:
        tokenizer.enable_truncation(max_length, stride=stride, strategy=strategy)
        out |= {"maxLength": max_length, "stride": stride, "truncation": strategy}
    texts = [text] if pair is None else [text, pair]
    return out | plain(tokenizer.encode(text, pair, add_special_tokens=special), texts)


def write(name, head, lines):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as f:
        head = json.dumps(head, ensure_ascii=True)
        body = ",\n".join(json.dumps(x, ensure_ascii=True, separators=(",", ":")) for x in lines)
        f.write(head[:-1] + ', "cases": [\n' + body + "\n]}\n")


def cases():
    out = []
    for name, settings in SPECS.items():
        tokenizer = Tokenizer.from_str(json.dumps(variant(**settings)))
        for text in TEXTS:
            out.append(case(tokenizer, name, text))
    tokenizer = Tokenizer.from_str(json.dumps(variant()))
    for text, pair in PAIRS:
        out.append(case(tokenizer, "uncased", text, pair))
        out.append(case(tokenizer, "uncased", text, pair, special=False))
    out.append(case(tokenizer, "uncased", TEXTS[2], special=False))
    for max_length, stride in ((3, 0), (4, 1), (8, 3), (16, 5), (25, 2), (26, 2), (27, 2), (64, 8)):
        out.append(case(tokenizer, "uncased", LONG, max_length=max_length, stride=stride))
        out.append(case(tokenizer, "uncased", LONG, max_length=max_length, stride=stride, special=False))
    for max_length, stride in ((7, 0), (17, 3), (30, 4), *((n, 1) for n in range(31, 41)), (41, 6), (64, 8)):
        out.append(case(tokenizer, "uncased", LONG, OTHER, max_length=max_length, stride=stride))
        out.append(case(tokenizer, "uncased", OTHER, LONG, max_length=max_length, stride=stride))
    for strategy in ("only_first", "only_second"):
        out.append(case(tokenizer, "uncased", LONG, OTHER, max_length=36, stride=2, strategy=strategy))
    specs = {
        name: {"normalizer": settings.get("normalizer", {}), "added": variant(**settings)["added_tokens"]}
        for name, settings in SPECS.items()
    }
    write("cases.json", VERSIONS | {"specs": specs}, out)


CASED = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]
CASED += [p + c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789éÉüßñİıΣσς漢字日本" for p in ("", "##")]
CASED += "The the A a London Paris film Film It is was not never Café café Über uber quiet moving New York naïve".split()
CASED += ["##" + w for w in "ing ed s ly on fé ve München".split()]

VOCAB_TXT = [
    {"do_lower_case": False},
    {"do_lower_case": True},
    {},
    {"do_lower_case": False, "strip_accents": True},
    {"do_lower_case": True, "strip_accents": False},
    {"do_lower_case": False, "tokenize_chinese_chars": False},
    {"do_lower_case": False, "model_max_length": 16, "cls_token": {"content": "[CLS]", "__type": "AddedToken"}},
]
VOCAB_TEXTS = [
    "The film was never Quiet, not moving in London; It is a Café in München.",
    "İstanbul ΣΑΣ ς Über UBER naïve Zoë",
    "漢字 日本語の film",
    "[CLS] The [MASK] film[SEP] [mask]",
]


def vocab_txt():
    os.makedirs(os.path.join(HERE, "cased"), exist_ok=True)
    path = os.path.join(HERE, "cased/vocab.txt")
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(dict.fromkeys(CASED)) + "\n")
    out = []
    for config in VOCAB_TXT:
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(path, directory)
            with open(os.path.join(directory, "tokenizer_config.json"), "w") as f:
                json.dump({"tokenizer_class": "BertTokenizer", **config}, f)
            with open(os.path.join(directory, "config.json"), "w") as f:
                json.dump({"model_type": "bert"}, f)
            tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
            for text in VOCAB_TEXTS:
                found = case(tokenizer.backend_tokenizer, json.dumps(config), text)
                del found["tokenizer"], found["overflowing"]
                out.append({"config": config} | found)
    write("vocab-txt.json", VERSIONS, out)


def characters(normalizer):
    """No difference hides behind [UNK]: every character of planes 0 and 1 but ideographs, syllables and private use."""
    vocab = {t: i for i, t in enumerate(CASED[:5])}
    for point in range(0x20000):
        if 0x3400 <= point <= 0x9FFF or 0xAC00 <= point <= 0xF8FF:
            continue
        for token in (chr(point), "##" + chr(point)):
            vocab.setdefault(token, len(vocab))
    added = [dict(t, id=vocab[t["content"]]) for t in BASE["added_tokens"]]
    bert = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    return dict(
        BASE,
        model=dict(BASE["model"], vocab=vocab),
        added_tokens=added,
        post_processor=bert,
        normalizer=dict(BASE["normalizer"], **normalizer),
    )


def digests(spec, last):
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    runs = []
    for block in range(0, last, 256):
        points = [c for c in range(block, block + 256) if not 0xD800 <= c < 0xE000]
        texts = [t for c in points for t in (chr(c), f"a{chr(c)}b")]
        lines = []
        for text, e in zip(texts, tokenizer.encode_batch(texts, add_special_tokens=False)):
            places = units(text)
            lines.append(",".join(map(str, [*e.ids, *(places[x] for pair in e.offsets for x in pair)])))
        digest = hashlib.sha256(";".join(lines).encode()).hexdigest()[:8]
        if runs and runs[-1][0] == digest:
            runs[-1][1] += 1
        else:
            runs.append([digest, 1])
    return " ".join(d if n == 1 else f"{d}*{n}" for d, n in runs)


def scalars():
    settings = [
        {},
        {"strip_accents": False},
        {"lowercase": False},
        {"clean_text": False, "handle_chinese_chars": False},
    ]
    out = [{"vocabulary": "uncased", "normalizer": {}, "last": 0x110000, "digests": digests(variant(), 0x110000)}]
    for normalizer in settings:
        entry = {"vocabulary": "characters", "normalizer": normalizer, "last": 0x20000}
        out.append(entry | {"digests": digests(characters(normalizer), 0x20000)})
    write("scalars.json", VERSIONS, out)


cases()
vocab_txt()
scalars()
