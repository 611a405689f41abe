"""Steps 1 to 3: what a representation is, what is wanted of it, and why that is hard."""

from __future__ import annotations

from dataclasses import replace

from dashboard import numbers
from dashboard.figures import words
from dashboard.lesson.step import Question, Step, Told, place
from dashboard.pages.explore import EXPLORE
from dashboard.panel import Moment
from dashboard.panels.account import ACCOUNT
from dashboard.panels.input_plane import INPUT
from dashboard.panels.latent import LATENT
from dashboard.panels.plane import PLANE
from vibcore import derivation
from vibcore.derivation import Line

RUN = {"stops": 13, "steps": 2500}  # two spirals, one label in ten flipped: seconds for all stops
POINT = "Drag β: the numbers follow. Point at a line: violet shows what it is."
BOUNDS = (numbers.RATE, numbers.KNOWN, numbers.ERROR_MC)
PAGE = replace(
    EXPLORE,
    path="lesson",
    place="lesson.",
    panels=(PLANE, LATENT, INPUT),
    numbers=BOUNDS,
    without=(),
    has_stories=False,
    has_pins=False,
    sentence="Drag β: the numbers beside it follow.",
)


def chain(moment: Moment) -> str:
    """All that x tells, where it is known."""
    reference, size, unit = moment.still.facts.reference, moment.nats_per_unit, moment.unit
    if reference is None:
        return ""
    most, labels = words.plain(reference.i_xy / size), words.plain(reference.h_y / size)
    return f"Here $H(Y)$ = {labels} {unit}, and one label in ten is flipped: $I(X;Y)$ = {most} {unit} is all there is."


WHAT = Step(
    id="what",
    title="What is a representation?",
    text="A point **x** on two spirals, a label **y** that says which one, and a code **z**: two numbers that a "
    "network draws from *x* alone, with noise. The label never reaches the encoder, so the three form a chain, and "
    "nothing done to *z* afterwards brings back what *x* did not tell. On the information plane that is the grey: "
    "no code can stand there.",
    formula=r"Y - X - Z \;\Rightarrow\; {I(Z;Y)\le I(X;Y)},\quad\allowbreak{I(Z;Y)\le I(Z;X)}",
    page=PAGE,
    changes=RUN | {"beta": 0.148},
    done="guess",
    sources="Data-processing inequality: Cover & Thomas 2006, thm 2.8.1. The chain: Alemi et al. 2016, sec. 3; "
    "Frans 2023.",
    facts=chain,
    question=Question(
        "Which of these places on the plane, in bits, can a code of this problem have?",
        ("2 about X, 0.9 about Y", "0.3 about X, 0.5 about Y", "2 about X, 0.4 about Y"),
        2,
        "0.9 bits about Y are more than the 0.52 that x itself tells; 0.5 about Y out of 0.3 about X would be "
        "something from nothing. The third stands in the white: wasteful, and possible.",
    ),
)


def moved(moment: Moment) -> str:
    """Both ends of the price's rise."""
    return f"The run beside it: {place(moment, 0.0424)}; {place(moment, 0.516)}."


WANTED = Step(
    id="wanted",
    title="What we want of it",
    text="Tell all about the label, forget the rest of the input. Both are informations, so they can be weighed: "
    "**β is the price** of a bit about X, paid in bits about Y. A bit of *x* is worth keeping only while it buys β "
    "bits of *y*, so the best code stands where the frontier's slope is β. The red dashes have that slope.",
    formula=r"\max_{p(z\mid x)}\; I(Z;Y)-\beta\, I(Z;X)",
    page=PAGE,
    changes=RUN | {"beta": 0.0424},
    done="guess",
    sources="Tishby, Pereira & Bialek 1999, whose β is 1/β here; Alemi et al. 2016, eq. 3.",
    question=Question(
        "The price rises from β = 0.042 to 0.52. Where does the large dot go?",
        ("to the right and up", "straight down", "to the left and down, along the frontier", "it stays"),
        2,
        "A dearer code keeps less of x, and gives up first what tells least about y: far to the left, and only then "
        "down. Press ] four times, or drag β, and see.",
        moved,
        aim=0.516,
    ),
)


def both_informations(told: Told) -> tuple[Line, ...]:
    """The definitions alone."""
    found = (*derivation.about_y(told.point), *derivation.about_x(told.point, told.codes))
    return tuple(line for line in found if line.key in ("i_zy", "h_y", "h_y_given_z", "i_zx", "h_z", "h_z_given_x"))


HARD = Step(
    id="hard",
    title="Why that is hard",
    text="Both informations ask for what no network has. *p(y|z)*: how often each label stood behind this *z*. "
    "*p(z)*: how often this *z* comes at all. Each is an average over **every** input there is. Here the density of "
    "*x* is known, so it can be done, by force: 2,000 draws of *z*, each against the posteriors of 5,000 inputs, ten "
    "million densities for a single model. In training that would be due at every step.",
    formula=r"p(z)=\mathbb{E}_x\,{p(z\mid x)},\quad {p(y\mid z)}=\frac{\mathbb{E}_x\,{p(y\mid x)}\,{p(z\mid x)}}{p(z)}",
    page=replace(PAGE, panels=(PLANE, ACCOUNT, LATENT), card=False, sentence=POINT),
    changes=RUN | {"beta": 0.0122, "show": "bracket"},
    done="guess",
    sources="Alemi et al. 2016, eqs. 8 and 13; mixtures as bounds: Poole et al. 2019, sec. 2.",
    lines=both_informations,
    question=Question(
        "A batch of 128 inputs stands for p(z), each draw among them. How many bits about X can it show at most?",
        ("any number", "7", "128"),
        1,
        "A draw is at best told apart from the 127 others: log₂ 128 = 7 bits, whatever the code keeps. Without its "
        "own input the batch overstates instead. Enough for a picture, and not for a loss.",
    ),
)
