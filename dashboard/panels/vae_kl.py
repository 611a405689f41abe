"""Latent dimensions of a VAE: what each costs, and which a linear decoder keeps."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go

from dashboard.panel import Still
from dashboard.panels.kl import KL, kl_bars
from dashboard.panels.rate_distortion import facts
from vibcore.exact import linear


def figure(still: Still) -> go.Figure:
    """The bars, as high as most of what a model may spend."""
    return kl_bars(still.scene.config.latent_dim, still.unit, 0.6 * (facts(still).right / still.nats_per_unit))


def subtitle(still: Still) -> str:
    """Which β a direction of the data survives, where that is exactly known."""
    scene = still.scene
    if scene.likelihood != "gaussian" or scene.config.variance is None or scene.config.decoder:
        return "test inputs"
    spread = linear.variances(scene.dataset.x[scene.dataset.train])[: scene.config.latent_dim]
    limits = ", ".join(f"{v / scene.config.variance:.3g}" for v in spread[:4])
    return f"linear decoder: kept while β < λ/σ² = {limits}{' …' if len(spread) > 4 else ''}"


VAE_KL = replace(KL, figure=figure, subtitle=subtitle, low=True)
