"""What one visitor's session holds. Plain state: `session` alone keeps it and changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashboard.controls import Choices
from dashboard.crowd import CROWD
from dashboard.lesson.step import Walk
from dashboard.pins import Pin
from dashboard.player import Player
from vibcore.config import DatasetSpec
from vibcore.sheets import Sheet
from vibcore.tables import Reading, Table
from vibcore.window import Window

if TYPE_CHECKING:
    from dashboard.jobs import Job
    from dashboard.keeper import Keeper
    from dashboard.leads import Lead
    from dashboard.pin_runs import Work
    from dashboard.run import Run
    from dashboard.take_home import Making


@dataclass
class Session:
    """What one visitor sees and does; kept by `session` alone, so that no other visitor can reach it."""

    choices: Choices
    refused: list[str]  # what the link asked for and could not have
    player: Player = field(default_factory=Player)
    widget_epoch: int = 0  # of the sidebar's widgets: a new one takes the values of `choices`
    drawn: object = None  # what the sidebar's widgets were drawn for
    refusal: tuple[str, str] | None = None  # the control whose new value could not be had, and why
    interval: float | None = None  # seconds at which the page on screen reruns its live part by itself
    slowdown: int = 1  # how many times its own pace that is, see `crowd`
    jitter: float = field(default_factory=CROWD.jitter)
    layout_delay: float | None = None  # seconds until the page that opens may ask for its controls
    phase: int = 0  # 1: its first picture is seen, so controls are laid out; 2: they are, so PyTorch may be loaded
    notice: str = ""  # what restarted last, and why
    runs: dict[str, Run] = field(default_factory=dict)  # by key of a page's run
    own: Own | None = None
    upload: Upload | None = None
    wished: Choices | None = None  # what a link shows of a table that is not here yet
    documents: dict[str, Document] = field(default_factory=dict)  # by task
    said: dict[str, float] = field(default_factory=dict)  # the stop that each stage has chosen last
    works: dict[Pin, Work] = field(default_factory=dict)  # what is known of pinned runs
    at: int = 0  # a step of the run where a link stops; 0: none, or it was there
    lead: Lead | None = None  # one model that is led through β
    wants_lead: bool = False  # a link asks for it
    walk: Walk = field(default_factory=Walk)  # through the lesson
    making: Making | None = None  # the file to take home that was asked for last
    keeping: Job[int] | None = None  # of a run into the user's list, see `kept`
    keeper: Keeper | None = None  # of a run of the list that is on screen
    go_to: str | None = None  # path of the page that what was opened is on
    heard: tuple[str, int] = ("", 0)  # the stage that pressed last, and how many of its presses were counted


@dataclass
class Own:
    """A visitor's own table; nobody else can reach it, and it goes with the session."""

    table: Table
    source: str  # the file's name
    reading: Reading = field(default_factory=Reading)  # how it was read
    windows: dict[DatasetSpec, Window] = field(default_factory=dict)  # of the spec that is shown


@dataclass
class Upload:
    """The file that a visitor gave last, read once, and how they want it read: remembered across pages."""

    file: str  # what tells uploads apart
    name: str
    sheet: Sheet | None  # None where it was refused
    refusal: str = ""
    reading: Reading = field(default_factory=Reading)
    read: Reading | None = None  # the reading that `own` was made by


@dataclass
class Document:
    """The still part of the stage: what it was made for, its text, and whether the browser was sent it."""

    made_for: object
    text: str
    version: str
    sent: bool = False
