"""Iris (Fisher 1936): 150 flowers, 4 features, 3 species."""

from vibcore.data.bundled import bundled_source

SOURCE = bundled_source("load_iris", preset={"batch": 64})
