"""Every chart in one sentence with the numbers of now, for who cannot see it: a list over the models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.figures import words
from vibcore.types import Array, Interval, Point, Snapshot

Texts = dict[str, list[str]]


def explore(snapshot: Snapshot, nats_per_unit: float, unit: str, odds: Array | None) -> Texts:
    """For the panels of Explore: `alt_` and the panel's id."""
    test, train = snapshot.test, snapshot.train
    found = {
        "alt_plane": [plane(t, s, nats_per_unit, unit) for t, s in zip(test, train, strict=True)],
        "alt_time": [f"At step {snapshot.step:,}: {informations(p, nats_per_unit, unit)}." for p in test],
        "alt_beta": [
            f"β = {words.beta_label(p.beta)}: {error(p)} on test inputs; on training inputs {error(s)}."
            for p, s in zip(test, train, strict=True)
        ],
        "alt_account": [account(p, nats_per_unit, unit) for p in test],
        "alt_kl": dimensions(test, nats_per_unit, unit),
        "alt_latent": shown(
            snapshot,
            [
                f"Latent plane of β = {words.beta_label(p.beta)}: an input costs {{cost}} {unit} in the mean."
                for p in test
            ],
            nats_per_unit,
        ),
        "alt_input": shown(
            snapshot,
            [
                f"Input plane of β = {words.beta_label(p.beta)}: {error(p)} on test inputs; an "
                f"input costs {{cost}} {unit} in the mean."
                for p in test
            ],
            nats_per_unit,
        ),
    }
    if odds is not None:
        told = dict(zip(snapshot.models, np.diagonal(odds, axis1=1, axis2=2), strict=True))
        found["alt_odds"] = [right(told.get(i)) for i in range(len(test))]
    return found


def vae(snapshot: Snapshot, nats_per_unit: float, unit: str, errors: dict[int, float]) -> Texts:
    """For the panels of the VAE page, whose ids begin with `vae.`."""
    test, betas = snapshot.test, [words.beta_label(p.beta) for p in snapshot.test]
    sums = [
        f"rate {words.number(p.rate, nats_per_unit)} {unit}, "
        f"distortion {words.number(p.distortion, nats_per_unit)} {unit}, "
        f"D + R {words.plain((p.rate.value + p.distortion.value) / nats_per_unit)} {unit} on test inputs"
        for p in test
    ]
    decoded = [
        f"β = {beta}: mean square error {errors[i]:.3g} for a feature."
        if i in errors
        else f"β = {beta}: no reconstruction is shown yet."
        for i, beta in enumerate(betas)
    ]
    return {
        "alt_vae.plane": [f"β = {beta}: {text}." for beta, text in zip(betas, sums, strict=True)],
        "alt_vae.beta": [f"β = {beta}: {text}." for beta, text in zip(betas, sums, strict=True)],
        "alt_vae.time": [f"At step {snapshot.step:,}: {text}." for text in sums],
        "alt_vae.kl": dimensions(test, nats_per_unit, unit),
        "alt_vae.latent": shown(
            snapshot,
            [f"Latent plane of β = {beta}: an input costs {{cost}} {unit} in the mean." for beta in betas],
            nats_per_unit,
        ),
        "alt_vae.decoded": decoded,
        "alt_vae.grid": decoded,
    }


def compared(vib: Snapshot, nats_per_unit: float, unit: str, bits: Array) -> Texts:
    """For what the VAE page shows beside a VAE: bits (M, 2 tasks, class, either, rest) in the page's unit."""

    def spent(row: Array) -> str:
        parts = [
            f"{name} at least {words.plain(c)} {unit} about the class and {words.plain(r)} {unit} about the rest, "
            f"{words.plain(either)} {unit} about one or the other"
            if np.isfinite([c, either, r]).all()
            else f"{name} not known yet"
            for name, (c, either, r) in zip(("VIB", "VAE"), row, strict=True)
        ]
        return f"Spent: {parts[0]}; {parts[1]}."

    return {
        "alt_vae.bits": [spent(row) for row in bits],
        "alt_vae.vib": shown(
            vib,
            [
                f"Latent plane of the VIB, β = {words.beta_label(p.beta)}: an input costs {{cost}} {unit} in the mean."
                for p in vib.test
            ],
            nats_per_unit,
        ),
    }


def plane(test: Point, train: Point, nats_per_unit: float, unit: str) -> str:
    """The chosen model's place on both splits."""
    return (
        f"β = {words.beta_label(test.beta)}: {informations(test, nats_per_unit, unit)} on test inputs; "
        f"{informations(train, nats_per_unit, unit)} on training inputs."
    )


def informations(point: Point, nats_per_unit: float, unit: str) -> str:
    """Both bounds, and which side of the truth they are on."""
    text = f"at most {words.number(point.rate, nats_per_unit)} {unit} about X"
    if point.i_zy_bound is None:
        return text
    known = words.number(point.i_zy_bound, nats_per_unit)
    if point.i_zy_bound.kind == "gain":
        return f"{text}, {known} {unit} gained about Y over a Gaussian guess"
    return f"{text}, at least {known} {unit} about Y"


def error(point: Point) -> str:
    """The error that is known: averaged, else of one draw."""
    if point.error_mc is not None:
        return f"{words.percent(point.error_mc)} wrong with 12 draws of z voting"
    return f"{words.percent(point.error_1)} wrong with one draw of z" if point.error_1 else "no error is known"


def account(point: Point, nats_per_unit: float, unit: str) -> str:
    """Bounds and what lies behind them."""

    def of(name: str, interval: Interval | None) -> str:
        return f"{name} {words.span(interval, nats_per_unit)} {unit}" if interval else f"{name} not known yet"

    parts = [f"rate {words.number(point.rate, nats_per_unit)} {unit}", of("I(X;Z)", point.i_xz)]
    if point.i_zy_bound is not None:
        parts += [f"H(Y) − CE {words.number(point.i_zy_bound, nats_per_unit)} {unit}", of("I(Z;Y)", point.i_zy)]
    return f"On test inputs: {', '.join(parts)}."


def dimensions(points: Sequence[Point], nats_per_unit: float, unit: str) -> list[str]:
    """What the latent dimensions cost, the first twelve by number."""
    return [
        "Cost of each latent dimension: "
        + ", ".join(f"z{k + 1} {words.plain(kl / nats_per_unit)}" for k, kl in enumerate(p.kl_per_dim[:12]))
        + (", …" if len(p.kl_per_dim) > 12 else "")
        + f" {unit}."
        for p in points
    ]


def shown(snapshot: Snapshot, texts: list[str], nats_per_unit: float) -> list[str]:
    """Texts with the mean cost of the drawn inputs, where they are drawn; a dash for the others."""
    costs = dict(zip(snapshot.models, snapshot.kl.mean(1) / nats_per_unit, strict=True))
    return [text.format(cost=words.plain(costs[i]) if i in costs else "–") for i, text in enumerate(texts)]


def right(diagonal: Array | None) -> str:
    """How sure the decoder is of the true class, in the worst and in the best."""
    if diagonal is None or np.isnan(diagonal).all():
        return "The table of odds is not shown yet."
    return f"Odds of the true class: {np.nanmin(diagonal):.0f} % to {np.nanmax(diagonal):.0f} %, by class."
