"""Wine (Aeberhard & Forina 1992): 178 wines, 13 features, 3 cultivars."""

from vibcore.data.bundled import bundled_source

SOURCE = bundled_source("load_wine", preset={"batch": 64})
