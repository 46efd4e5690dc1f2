"""Two tiny random token models and what transformers' TokenClassificationPipeline makes of texts with them, for
test/tasks/token-classification.test.ts.

python3 -m venv .venv && .venv/bin/pip install transformers==5.24.0 torch==2.15.0
.venv/bin/python test/golden/tasks/token_classification.py

One is DistilBERT, lower-cased, with BIO labels; one BERT, cased, with labels of other forms. Weights are stored as F16
and read back as f32 by both sides. Texts and vocabulary are our own.
"""

import json
import pathlib
import random

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForTokenClassification,
    BertTokenizer,
    DistilBertConfig,
    DistilBertForTokenClassification,
    DistilBertTokenizer,
    TokenClassificationPipeline,
)

HERE = pathlib.Path(__file__).parent
MAX_LENGTH = 20

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = "anna rivers lives in the old town of san marco near lake como not do and we met her at noon it is for".split()
CASED = "Anna Rivers San Marco Lake Como Zoë A B C T I é".split()
VOCAB = [
    *["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    *LETTERS,
    *[f"##{letter}" for letter in LETTERS],
    *".,!?'-()#@/:;\"&",
    *WORDS,
    *CASED,
    *["##ing", "##ers", "##town", "##ville", "##é", "##2", "2", "0", "ß", "##ß"],
    *["東", "京", "山", "😀", "👩", "##👩", "é", "e\u0301", "\u0301", "##\u0301", "ש"],
]
VOCAB = list(dict.fromkeys(VOCAB))

BIO = ["O", "B-person", "I-person", "B-place", "I-place"]
OTHER = ["O", "PER", "B-LOC-x", "I-LOC-x", "LOC-x", "S-ORG", "I-O"]

MODELS = {
    "token-distilbert": (
        lambda: DistilBertForTokenClassification(
            DistilBertConfig(
                vocab_size=len(VOCAB),
                dim=32,
                hidden_dim=64,
                n_heads=2,
                n_layers=2,
                max_position_embeddings=32,
                id2label=dict(enumerate(BIO)),
            )
        ),
        lambda vocab: DistilBertTokenizer(vocab, model_max_length=MAX_LENGTH),
    ),
    "token-bert": (
        lambda: BertForTokenClassification(
            BertConfig(
                vocab_size=len(VOCAB),
                hidden_size=32,
                intermediate_size=64,
                num_attention_heads=4,
                num_hidden_layers=2,
                max_position_embeddings=32,
                id2label=dict(enumerate(OTHER)),
            )
        ),
        lambda vocab: BertTokenizer(vocab, do_lower_case=False, model_max_length=MAX_LENGTH),
    ),
}

TEXTS = [
    "",
    " \t\n",
    "!",
    "Anna Rivers lives in the old town of San Marco.",
    "We met her near Lake Como, at noon!",
    "Don't go: it's Anna's, isn't it? (We've met; I'm sure.)",
    "rivertown riverville xyzzy2 walking, talkers & e-mail @anna/#como",
    "Zoë and Zoe\u0301 ate cre\u0300me bru\u0302le\u0301e in İzmir, Straße 20",
    "😀😀 anna 😀 👩‍🚀 met 👍🏽 in 東京 and 富士山!",
    "anna\u200b rivers\u00a0lives\u00adhere \x00now",
    "[SEP] anna [MASK] [UNK] in [CLS] town",
    "שלום anna ש привет привет",
    "\U00020000\U0001f600a \U0001d49c\u0301nna",
    "a" * 120 + " anna",
    "We do not know. Anna do not . . ' ' \" san marco \" ' s",
    "anna rivers lives in the old town of san marco near lake como and we met her at noon , not in riverville : "
    "old anna is at lake como for 20 walking days",
    "Walking talkers ☃ and 😀 townsville, rivertown riverville and San Marco é e\u0301 東京 lakes near Anna do not met her",
]
PIECES = ["anna", "Anna ", "Rivers", "san", "marco", "ville", "ing", " ", " ", ", ", ".", "'", "é", "e\u0301", "東", "😀", "👩", "☃"]
generator = random.Random(11)
TEXTS += ["".join(generator.choices(PIECES + [f"{word} " for word in WORDS], k=generator.randint(2, 24))) for _ in range(14)]

STRATEGIES = ["simple", "first", "average", "max"]
OPTIONS = [
    {},
    {"ignore_labels": []},
    *({"aggregation_strategy": strategy} for strategy in STRATEGIES),
    {"aggregation_strategy": "simple", "ignore_labels": []},
    {"aggregation_strategy": "first", "ignore_labels": ["person", "LOC-x", "PER"]},
    *({"aggregation_strategy": strategy, "stride": 4} for strategy in STRATEGIES),
    {"aggregation_strategy": "simple", "stride": 0},
    {"aggregation_strategy": "average", "stride": 15},
]

JOINED = [
    ["a", mark] for mark in [*".?!,;'", "' b", "n't", "'m", "do not", "'s", "'ve", "'re", "'ll", "' ' b", "##", ""]
] + [
    ["##a", "##b"],
    ["x", "####y"],
    ["", "##b"],
    ["a b .c"],
    ["a ' b"],
    ["a do not n't 's ' ' "],
    ["x . . y"],
    ["a", ".", "b", ",", "'", "s", "##t"],
]


def make(name: str) -> TokenClassificationPipeline:
    make_model, make_tokenizer = MODELS[name]
    directory = HERE / name
    directory.mkdir(exist_ok=True)
    tokenizer = make_tokenizer({token: id for id, token in enumerate(VOCAB)})
    tokenizer.save_pretrained(directory)
    model = make_model()
    for parameter_name, parameter in model.named_parameters():
        # Wider than transformers' initial weights, under which every token has one label.
        wide = 1.0 if parameter_name == "classifier.weight" else 0.25
        parameter.data = (parameter.data + torch.randn_like(parameter) * wide).half().float()
    # No label better than the others on the mean, so that all of them occur.
    batch = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        logits = model.eval()(**batch).logits[batch["attention_mask"] == 1]
        model.classifier.bias -= logits.mean(0)
        model.classifier.bias.data = model.classifier.bias.half().float()
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(directory)
    save_file({key: value.half() for key, value in model.state_dict().items()}, directory / "model.safetensors")
    read = type(model).from_pretrained(directory, dtype=torch.float32)
    return TokenClassificationPipeline(model=read, tokenizer=AutoTokenizer.from_pretrained(directory), device="cpu")


def entity(found: dict) -> list:
    """[label, score, word, start, end] and, without aggregation, the index."""
    label = found.get("entity", found.get("entity_group"))
    index = [int(found["index"])] if "index" in found else []
    return [label, round(float(found["score"]), 7), found["word"], found["start"], found["end"], *index]


torch.set_num_threads(1)
torch.manual_seed(3)
models = {}
for name in MODELS:
    pipeline = make(name)
    models[name] = [
        {"options": options, "results": [[entity(found) for found in pipeline(text, **options)] for text in TEXTS]}
        for options in OPTIONS
    ]
decoder = tokenizers.decoders.WordPiece(prefix="##", cleanup=True)
document = {
    "versions": {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "tokenizers": tokenizers.__version__,
    },
    "joined": [[pieces, decoder.decode(pieces)] for pieces in JOINED],
    "texts": TEXTS,
    "models": models,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
