"""What the marks of both planes are, in one sentence each: what a reader is shown who asks."""

from __future__ import annotations

Marks = list[list[str]]

DOTS: Marks = [
    ["● filled dots, joined", "one trained model for every stop of β, on test inputs"],
    ["○ hollow dots", "the same models on the inputs that they were trained on"],
    ["large red dot", "the model at the chosen β; an arrow and a value where it lies beyond the picture"],
    ["thin red line", "the way of that model during training, from where it says “start” or comes into the picture"],
    ["red dashes", "points of the same loss as the chosen model: their slope is β"],
]
