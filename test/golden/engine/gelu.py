"""GELU in double precision at f32 points, for test/engine/accuracy.test.ts: python3 test/golden/engine/gelu.py"""

import json
import math
import pathlib
import platform
import struct


def f32(value: float) -> float:
    return struct.unpack("<f", struct.pack("<f", value))[0]


points = [f32(i / 97) for i in range(-900, 901)] + [f32(s * 10.0**e) for e in range(-30, 4) for s in (-1, 1)]
values = [0.5 * x * math.erfc(-x / math.sqrt(2)) for x in points]
document = {"python": platform.python_version(), "x": points, "gelu": values}
pathlib.Path(__file__).with_name("gelu.json").write_text(json.dumps(document) + "\n")
