"""Steps 7 to 10: β up and down, the VAE, where the method breaks, and what it is good for."""

from __future__ import annotations

from dataclasses import replace

from dashboard import numbers
from dashboard.figures import words
from dashboard.lesson.goal import PAGE, POINT, RUN
from dashboard.lesson.step import Question, Step, Told, nearest, place
from dashboard.pages.vae import VAE
from dashboard.panel import Moment
from dashboard.panels.elbo import ELBO
from dashboard.panels.errors import ERROR
from dashboard.panels.history import HISTORY
from dashboard.panels.kl import KL
from dashboard.panels.latent import LATENT
from dashboard.panels.plane import PLANE
from dashboard.panels.rate_distortion import RATE_DISTORTION
from dashboard.panels.reconstructions import RECONSTRUCTIONS
from vibcore import derivation
from vibcore.derivation import Line


def ends(moment: Moment) -> str:
    """What both ends of the slider hold."""
    size, unit, train = moment.nats_per_unit, moment.unit, moment.snapshot.train[0]
    return (
        f"Now: {place(moment, 0.001)}, on fresh inputs; on the training inputs {words.number(train.i_zy_bound, size)} "
        f"{unit} about Y. And {place(moment, 1.0)}."
    )


UP_DOWN = Step(
    id="up-down",
    title="β up, β down",
    text="**Up**: the rings grow and slide together until every posterior lies on the prior's dashed circle: 0 bits, "
    "the *collapse*, at the slope with which the frontier leaves the origin. **Down**: noise is free to shrink, "
    "posteriors become needles, and *z* names the single training input. Its dot then stands above all that *x* tells: "
    "it has learnt flipped labels by heart, and on fresh inputs it falls.",
    formula=r"\beta_c=\sup_{q}\frac{\mathrm{KL}(q_Y\Vert p_Y)}{\mathrm{KL}(q_X\Vert p_X)}",
    page=replace(PAGE, panels=(PLANE, LATENT, KL, ERROR), numbers=(*PAGE.numbers, numbers.DIMS)),
    changes=RUN | {"beta": 0.148},
    done="beta",
    sources="Anantharam et al. 2013; Wu, Fischer, Chuang & Tegmark 2019; memorisation as in Alemi et al. 2016, sec. 4.",
    facts=ends,
    question=Question(
        "One label in ten is flipped. From which β on is it best to keep nothing?",
        ("from 0.10 on", "from 0.63 on", "from 1 on", "never"),
        1,
        "A bit about X here buys at most (1 − 2 · 0.1)² = 0.64 bits about Y, a little less where the arms touch: "
        "0.63. At any higher price the cheapest code is none.",
    ),
)


def two_approximations(told: Told) -> tuple[Line, ...]:
    """The VAE's loss as two bounds of one information."""
    return derivation.same_twice(told.point, told.h_x)


SAME = Step(
    id="vae",
    title="The VAE is the case Y = X",
    text="Ask for the input itself: *CE* becomes the reconstruction *D*, and at β = 1 the loss is the negative ELBO. "
    "But is the objective then not *I(Z;X) − I(Z;X)* = 0? It would be. What is subtracted are two **different** "
    "approximations: *D* stands for *H(X|Z)*, from *q(x|z)*; the rate knows *H(Z|X)* and lets *r* stand for *p(z)*. "
    "One lies below, one above, and each has its own gap.",
    formula=r"H(X)-D\;\le\;I(Z;X)\;\le\;R,\qquad\allowbreak{D+R=-\mathrm{ELBO}}",
    page=replace(
        VAE,
        path="lesson",
        place="lesson.",
        panels=(RATE_DISTORTION, LATENT, *RECONSTRUCTIONS, ELBO),
        numbers=(numbers.VAE_RATE, numbers.COST, numbers.ELBO),
        without=("show",),
        head=None,
        sentence=POINT,
    ),
    changes={"stops": 13, "steps": 1500, "beta": 1.0},
    done="guess",
    sources="Kingma & Welling 2014; Alemi et al. 2018, sec. 2; the question: Frans 2023.",
    lines=two_approximations,
    question=Question(
        "(H(X) − D) − R: what is its sign?",
        ("zero", "negative", "positive"),
        1,
        "The first is at most I(Z;X), the second at least: their difference is minus both gaps together. It is "
        "H(X) + ELBO, and it would be zero only if decoder and prior were both perfect.",
    ),
    links=(("Open this VAE", "vae", "stops=13&steps=1500&beta=1"),),
)


def crowded(moment: Moment) -> str:
    """How little two decades of β change."""
    return f"The run beside it: {place(moment, 0.0065)}; {place(moment, 0.11)}."


BREAKS = Step(
    id="breaks",
    title="When it breaks: a corner",
    text="Now no label is flipped: *y* is a function of *x*. Then every bit kept can be a bit about *y*, up to *H(Y)*: "
    "the frontier is two straight lines, and **one corner is best at every price** between 0 and 1. At β = 1 the "
    "whole slope ties. No sweep of β walks along it: the frontier's dots for all stops lie on one another. A cure is "
    "to price the *square* of the rate, whose optimum moves with β: *R* = 1/(2β).",
    formula=r"\arg\max_R\;\min(R,\,H(Y))-\beta R\;=\;H(Y),\quad\allowbreak{0<\beta<1}",
    page=PAGE,
    changes={"dataset": "moons", "flip": 0.0, "noise": 0.05, "n": 600, "stops": 9, "steps": 1000}
    | {"encoder": (32, 32), "beta": 0.108},
    done="guess",
    sources="Kolchinsky, Tracey & Van Kuyk 2018, sec. 2 and eq. 10; Rodríguez Gálvez et al. 2020.",
    question=Question(
        "β falls from 0.11 to 0.0065, to a sixteenth of the price. How much more does the code know of the label?",
        ("twice as much", "half a bit more", "next to nothing more"),
        2,
        "It knew it all before: at β = 0.11 the code itself keeps one bit, the corner, and what its rate counts beyond "
        "that is the misfit of r(z). Cheaper bits move the dot to the right, and buy nothing.",
        crowded,
        aim=0.00651,
    ),
)


def best_stop(moment: Moment) -> str:
    """The errors of the stop that errs least on fresh inputs, and of the smallest β."""
    known = [(point.error_mc.value, point) for point in moment.snapshot.test if point.error_mc is not None]
    if len(known) < len(moment.snapshot.betas):
        return "What the run beside it shows comes when training rests."
    best = min(known, key=lambda each: each[0])[1]
    least, train, size = nearest(moment, 0.001), moment.snapshot.train[0], moment.nats_per_unit
    bits = [words.number(point.i_zy_bound, size) for point in (best, least)]
    errors = [words.percent(point.error_mc) for point in (best, least, train)]
    return (
        f"The run beside it, on fresh inputs: β = {words.beta_label(best.beta)} errs in {errors[0]}, H(Y) − CE = "
        f"{bits[0]} {moment.unit}; β = 0.001 in {errors[1]}, and {bits[1]} {moment.unit}: sure of itself and wrong. "
        f"Of its training inputs it errs in {errors[2]}, though 15 % of their labels are flipped."
    )


GOOD = Step(
    id="good",
    title="What it is good for",
    text="200 training inputs, 15 % of their labels flipped, and a net that could learn them all by heart. A small "
    "price lets it. A fair price makes a flipped label too dear to remember, as it is one input's own, while what many "
    "inputs share stays cheap: the noise in *z* blurs neighbours into one. The same squeeze makes a net slower to be "
    "fooled by small changes of *x*, and says how many bits a decision took.",
    formula=r"\text{keep a bit of } x \iff \text{it buys } \beta \text{ bits of } y",
    page=replace(PAGE, panels=(ERROR, PLANE, LATENT, HISTORY), card=False),
    changes={"dataset": "moons", "flip": 0.15, "noise": 0.2, "n": 300, "batch": 64, "stops": 9, "steps": 1000}
    | {"beta": 0.276},
    done="guess",
    sources="Alemi et al. 2016, secs 4.1 and 4.2 (error and attacks on MNIST); Shamir, Sabato & Tishby 2010.",
    question=Question(
        "Which β errs least on fresh inputs?",
        ("the smallest", "one in between", "the largest"),
        1,
        "The smallest has memorised, the largest has forgotten everything. Read the solid lines; the dotted ones are "
        "what the training inputs make it believe.",
        best_stop,
    ),
    links=(("Explore by yourself", "explore", ""),),
)
