"""Numbers → the words and digits that stand beside the pictures. Pure; no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

from vibcore.types import Estimate, Interval, Point, Snapshot

IN_USE = 0.01  # nats: a latent dimension that costs less has fallen back to the prior


def number(estimate: Estimate | None, size: float, digits: int = 2) -> str:
    """A value in the page's unit, or a dash where it is not known."""
    return "–" if estimate is None else f"{round(estimate.value / size, digits) + 0.0:.{digits}f}"  # + 0: never “-0.00”


def span(interval: Interval | None, size: float) -> str:
    """An information from low to high in the page's unit: its 95 % interval; a dash where it is not known."""
    return "–" if interval is None else ends(interval.low, interval.high, size)


def ends(low: float, high: float, size: float, digits: int = 2) -> str:
    """Two numbers in the page's unit, or one where both are written alike."""
    first, last = (f"{round(value / size, digits) + 0.0:.{digits}f}" for value in (low, high))
    return first if first == last else f"{first}–{last}"


def percent(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{100 * estimate.value:.1f} %"


def beta_label(beta: float) -> str:
    return f"{beta:.3g}"


def key_numbers(points: Sequence[Point], below: Sequence[Estimate | None], size: float) -> dict[str, list[str]]:
    """Text of every key number for every model of the stack, from the test split."""
    return {
        "number_rate": [number(p.rate, size) for p in points],
        "number_known": [number(p.i_zy_bound, size) for p in points],
        "number_error_mc": [percent(p.error_mc) for p in points],
        "number_error_1": [percent(p.error_1) for p in points],
        "number_below": ["–" if gap is None else f"{number(gap, size)} ± {gap.stderr / size:.2f}" for gap in below],
        "number_dims": [f"{sum(kl > IN_USE for kl in p.kl_per_dim)} of {len(p.kl_per_dim)}" for p in points],
    }


def point_text(point: Point, size: float, unit: str) -> str:
    """What hovering a dot of the information plane says."""
    lines = [f"<b>β = {beta_label(point.beta)}</b>", f"rate {number(point.rate, size)} {unit} ≥ I(X;Z)"]
    if point.i_zy_bound is not None:
        lines.append(f"H(Y) − CE {number(point.i_zy_bound, size)} {unit} ≤ I(Z;Y)")
    for name, interval in (("I(X;Z)", point.i_xz), ("I(Z;Y)", point.i_zy)):
        if interval is not None:
            of = " of these very inputs" if interval.of == "sample" else ""
            lines.append(f"{name}{of}: {span(interval, size)} (95 %, {interval.inputs:,} inputs)")
    lines.append(f"bounds on {point.inputs:,} inputs")
    return "<br>".join(lines)


def status(snapshot: Snapshot, playing: bool, seconds: float, trained: int, seed: int, stop_at: int) -> str:
    """The one line under the pictures."""
    m = len(snapshot.betas)
    frozen = [f"β = {beta_label(snapshot.betas[i])} at step {snapshot.diverged[i]:,}"
              for i in range(m) if snapshot.diverged[i] >= 0]  # fmt: skip
    speed = f"{m * trained / seconds:,.0f} model-steps/s" if seconds > 0.05 else "starting"
    doing = "training" if playing else ("finished:" if snapshot.step >= stop_at else "paused:")
    parts = [f"{doing} all {m} stops", f"step {snapshot.step:,}", speed, f"{seconds:.1f} s", f"seed {seed}"]
    if frozen:
        parts.append(f"diverged and frozen: {', '.join(frozen)}; a smaller learning rate helps")
    return " · ".join(parts)


MEMORISED = "train stands above the population’s frontier: memorisation"
NOT_MEMORISED = "rate = I(X;Z) + slack of r(z); I(Z;Y) = H(Y) − CE + slack of q(y|z)"
COLLAPSED = 0.02  # nats: a rate below says that the encoder ignores x


def collapse(points: Sequence[Point], predicted: float) -> str:
    """Whether the collapse that training shows agrees with the predicted β."""
    alive = [p.beta for p in points if p.rate.value > COLLAPSED]
    dead = [p.beta for p in points if p.rate.value <= COLLAPSED]
    if not alive or not dead or max(alive) > min(dead):
        return f"Collapse predicted at β = {predicted:.2f}, not settled yet"
    agrees = "agrees" if max(alive) <= predicted <= min(dead) else "does not agree (yet)"
    return (
        f"Collapse predicted at β = {predicted:.2f}, observed between {beta_label(max(alive))} "
        f"and {beta_label(min(dead))}: {agrees}"
    )
