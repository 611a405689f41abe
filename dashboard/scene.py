"""What the still part of a page is about: a run's problem and what of it is drawn. Known without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from vibcore.config import Config, Dataset
from vibcore.data import has_density
from vibcore.window import Window


@dataclass(frozen=True)
class Scene:
    """A run before its training: config, drawn inputs and the latent dimensions on screen."""

    config: Config
    window: Window
    dims: tuple[int, ...]

    @property
    def dataset(self) -> Dataset:
        return self.window.dataset

    @property
    def likelihood(self) -> str:
        return self.config.likelihood or self.dataset.likelihood(self.config.task)

    @property
    def is_gain(self) -> bool:
        """Whether H(Y) is that of a Gaussian guess: then H(Y) − CE bounds I(Z;Y) only if Y is Gaussian."""
        return self.dataset.y.ndim > 1 and not has_density(self.dataset.spec)

    @property
    def class_names(self) -> list[str]:
        """Names of the colours: the classes, or the thirds of a real-valued target."""
        return list(self.dataset.class_names) or ["low", "middle", "high"]


def scene(config: Config, window: Window, wanted: tuple[int, ...], costliest: tuple[int, ...] = ()) -> Scene:
    """The scene with the visitor's pair of latent dimensions, where the model has them, else the costliest known."""
    k = config.latent_dim
    dims = wanted if wanted and max(wanted) < k else costliest or tuple(range(min(2, k)))
    return Scene(config, window, dims)
