"""Colours: petroff10 (Petroff 2021, arXiv 2107.02270), told apart by the colour-blind too."""

CLASSES = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
CHOSEN = "#bd1f01"
CURVE = "#3f90da"
COLLAPSE = "#a04fd0"  # readable on the light and on the dark page
MUTED = "#8a8f9c"  # readable on the light and on the dark page
OUTLINE = "#2b2d42"
KNOWN_Y = "#a96b59"
PINS = ("#e76300", "#a04fd0", "#0b8f7a", "#a96b59")  # 3:1 on the light and on the dark page
BETWEEN = "#a9aeba"  # what may be one thing or the other


def tint(colour: str, weight: float) -> str:
    """The colour mixed into mid-grey-white: weight 1 is the background tint of a certain region, 0 is uncertain."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    strength = 0.10 + 0.38 * weight  # alpha: the page shows through, so one scale serves light and dark
    return f"rgba({r},{g},{b},{strength:.3f})"


SHADES = 25  # levels of certainty within a class in a decision map, at most


def shades(classes: int) -> int:
    """Levels of certainty of each class such that all codes fit a byte."""
    return min(SHADES, 256 // classes)


def decision_scale(classes: int) -> list[list[float | str]]:
    """Colour scale of `frames.decision_codes`: each class a ramp from uncertain to certain, with hard joints."""
    scale: list[list[float | str]] = []
    for c in range(classes):
        colour = CLASSES[c % len(CLASSES)]
        scale += [[c / classes, tint(colour, 0.0)], [(c + 1) / classes, tint(colour, 1.0)]]
    return scale
