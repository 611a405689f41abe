"""A run and some choices → the stage's document (the still part) and frame (what moves)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.controls import Choices
from dashboard.figures import frames, planes, words
from dashboard.run import Run
from vibcore.densities import Reference
from vibcore.types import Array, Snapshot
