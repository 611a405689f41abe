"""Optical digits (Alpaydin & Kaynak 1998): 1,797 images of 8 × 8 pixels."""

from vibcore.data.bundled import bundled_source

SOURCE = bundled_source("load_digits", preset={}, image_shape=(8, 8), largest=16.0)
