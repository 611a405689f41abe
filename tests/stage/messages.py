"""What the browser's scripts are held against: messages packed by Python, and curves drawn by NumPy, as JSON."""

import base64
import json
from typing import Any

import numpy as np

from dashboard.figures import frames
from dashboard.stage import deflated, join, pack

ARRAYS: dict[str, tuple[Any, list[int] | None]] = {
    "half": (np.array([[0.5, -2.0, 1e-7], [65504.0, 6e-5, 0.1]], np.float16), [3, 7]),
    "point_class": (np.arange(5, dtype=np.uint8), None),
    "single": (np.linspace(-1, 1, 7, dtype=np.float32), None),
    "whole": (np.array([[1, -2], [3, 4]], np.int32), [0, 1]),
}


def main() -> None:
    document = json.dumps({"title": "β é"}, ensure_ascii=False)
    messages = [
        pack("", {"version": "one", "texts": {}, "moment": True}, {"half": (ARRAYS["half"][0][:1], [7])}),
        pack(document, {"version": "one", "chosen": 4, "texts": {"status": ["a", "b"]}}, ARRAYS),
    ]
    rings = frames.rings(np.array([0.5, -1.0]), np.array([0.3, 2.0]), frames.RADII)
    tilted = frames.rings(np.array([0.5, -1.0]), np.array([0.3, 2.0, -0.6]), frames.RADII)
    bells = frames.bells(np.array([0.5]), np.array([0.3]))[0]
    expected = {
        name: {"values": array.astype(float).ravel().tolist(), "shape": array.shape, "models": models}
        for name, (array, models) in ARRAYS.items()
    }
    joined = join([deflated(message) for message in messages])
    said = {"joined": base64.b64encode(joined).decode(), "document": document, "arrays": expected}
    gap = {"rings": rings, "tilted": tilted, "bells": bells}
    said |= {name: np.where(np.isnan(path), None, path).tolist() for name, path in gap.items()}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
