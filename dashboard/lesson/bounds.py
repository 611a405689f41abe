"""Steps 4 to 6: both bounds, and the loss that they make."""

from __future__ import annotations

from dataclasses import replace

from dashboard.figures import words
from dashboard.lesson.goal import PAGE, POINT, RUN
from dashboard.lesson.step import Question, Step, Switch, Told, nearest
from dashboard.panel import Moment
from dashboard.panels.account import ACCOUNT
from dashboard.panels.draws import DRAWS
from dashboard.panels.history import HISTORY
from dashboard.panels.latent import LATENT
from dashboard.panels.plane import PLANE
from vibcore import derivation
from vibcore.derivation import Line

BARS = replace(PAGE, panels=(PLANE, ACCOUNT, LATENT), card=False, sentence=POINT)


def first_bound(told: Told) -> tuple[Line, ...]:
    """From I(Z;Y) to what is trained."""
    return derivation.about_y(told.point, told.is_turned)


def gaps_of_decoders(moment: Moment) -> str:
    """What the decoder misses at a small and at a middling β."""
    size, unit = moment.nats_per_unit, moment.unit
    said = [
        f"{words.span(point.decoder_slack, size)} {unit} at β = {words.beta_label(point.beta)}"
        for point in (nearest(moment, beta) for beta in (0.001, 0.148))
    ]
    return f"The gap on fresh inputs: {' and '.join(said)}."


FIRST = Step(
    id="first",
    title="First bound: a decoder",
    text="Let a second network *q(y|z)* stand for *p(y|z)*. A predictor that is not the best has the higher "
    "cross-entropy, so *q* can only **under**state what *z* knows, by exactly the divergence of the two. Training *q* "
    "is looking for the best predictor, and *H(Y)* is the data's: lower CE, and *I(Z;Y)* has nowhere to go but up.",
    formula=r"I(Z;Y)=H(Y)-{H(Y\mid Z)}\;\ge\;H(Y)-\mathbb{E}\,[-\ln {q(y\mid z)}]",
    page=BARS,
    changes=RUN | {"beta": 0.00348, "show": "bracket"},
    done="turn",
    sources="Alemi et al. 2016, eqs. 9–12; Frans 2023.",
    lines=first_bound,
    switch=Switch(
        "Replace the decoder by the Bayes decoder",
        "p(y|z) from the posteriors of 5,000 inputs whose p(y|x) is known: the bound with it, between its own bounds.",
        "bayes",
    ),
    question=Question(
        "On fresh inputs, where is the decoder's gap larger?",
        ("at β = 0.001", "at β = 0.15", "the same at both"),
        0,
        "Cheap bits let the decoder learn its training labels by heart, the flipped ones too: it is sure of itself "
        "where the Bayes decoder is not, and fresh labels make it pay.",
        gaps_of_decoders,
    ),
)


def second_bound(told: Told) -> tuple[Line, ...]:
    """From I(Z;X) to what is trained."""
    return derivation.about_x(told.point, told.codes, told.is_turned)


SECOND = Step(
    id="second",
    title="Second bound: a fixed prior",
    text="*H(Z|X)* is the encoder's own noise: a closed form. *H(Z)* is not, so let a fixed *r(z)*, a round "
    "Gaussian, stand for *p(z)*. By the same divergence it can only **over**state *H(Z)*, and so *I(Z;X)*. The rate "
    "asks of every posterior to look like *r*, whichever *x* it came from; at zero all do, and nothing passes.",
    formula=r"I(Z;X)=H(Z)-{H(Z\mid X)}\;\le\;\mathbb{E}\,\mathrm{KL}({p(z\mid x)}\,\Vert\,r(z))",
    page=replace(BARS, panels=(LATENT, ACCOUNT, PLANE)),
    changes=RUN | {"beta": 0.148, "show": "bracket"},
    done="turn",
    sources="Alemi et al. 2016, eqs. 13–14; closed form: Kingma & Welling 2014, app. B; moments: Bishop 2006, "
    "sec. 10.7.",
    lines=second_bound,
    switch=Switch(
        "Fit r(z) to the moments of p(z)",
        "r*(z) has p(z)'s mean and covariance: the Gaussian of least rate for this encoder, as it is now.",
        "fitted",
    ),
    question=Question(
        "All stops are trained. How much of the gap does a prior with p(z)'s own mean and covariance close?",
        ("nearly all", "about half", "next to nothing"),
        2,
        "While the encoder is trained it pays for every difference between p(z) and r(z), so the moments are r's "
        "already. What is left is shape: clusters are no Gaussian. Reset, pause after a few steps, and the fit "
        "closes more.",
    ),
)


def whole_loss(told: Told) -> tuple[Line, ...]:
    """Both bounds in the objective."""
    return derivation.together(told.point, told.beta)


def networks(moment: Moment) -> str:
    """How many numbers the bottleneck adds."""
    from vibcore.codes import parameter_counts  # not above: it needs PyTorch, which pages open without

    plain, bottlenecked = parameter_counts(moment.run.problem)
    return (
        f"The plain net *y = f(x)* through as narrow a layer has {plain:,} parameters, the bottlenecked one "
        f"{bottlenecked:,}: {bottlenecked - plain:,} more, all in the row that says how wide the noise is."
    )


LOSS = Step(
    id="loss",
    title="The loss",
    text="Both bounds in the objective, the constant dropped: that is all that is trained. Draw *x*, then "
    "*z = μ(x) + σ(x) ε* with ε from a fixed Gaussian, so that the gradient passes through μ and σ; the dots of one "
    "colour are draws of one input. No extra network is needed: *f* is cut in two, and *z* is priced against a "
    "constant.",
    formula=r"\min\;\mathbb{E}\,[-\ln {q(y\mid z)}]+\beta\,\mathbb{E}\,\mathrm{KL}({p(z\mid x)}\,\Vert\,r(z))",
    page=replace(PAGE, panels=(PLANE, DRAWS, LATENT, HISTORY), card=False, sentence=POINT),
    changes=RUN | {"beta": 0.0424},
    done="guess",
    sources="Alemi et al. 2016, eqs. 15–17; reparametrisation: Kingma & Welling 2014, sec. 2.4; no extra network: "
    "Frans 2023.",
    lines=whole_loss,
    facts=networks,
    question=Question(
        "z is written as μ + σε and not simply drawn from N(μ, σ²). What for?",
        ("fewer parameters", "a gradient for μ and σ", "less noise in z"),
        1,
        "The draw is the same. Written so, the chance is in ε, which has no parameters, and z is a smooth function of "
        "μ and σ: one draw gives an unbiased gradient of the loss.",
    ),
)
