"""What the literature argues about, a file each: p(z|x), r(z), q(y|z) and the Lagrangian that weighs them.

A part is a module with the functions of its protocol, and a name in its table here. `gradient` functions are the fast
path's (`fused`); a part without one, `gradient = None`, trains by autograd. Weights are named tensors with a leading
axis of models. Without PyTorch until a part is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from vibcore.types import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from vibcore.types import Array

    Weights = dict[str, Tensor]
    Shapes = dict[str, tuple[int, ...]]

POSTERIORS = ("diagonal",)
MARGINALS = ("standard_normal",)
LIKELIHOODS = ("categorical", "gaussian", "bernoulli")
LAGRANGIANS = ("linear",)


class Posterior(Protocol):
    """p(z|x), from the encoder's head."""

    def heads(self, latent_dim: int) -> int:
        """Outputs of the encoder."""

    def initial_bias(self, latent_dim: int) -> Tensor:
        """Bias of the head before training, (heads,)."""

    def split(self, head: Tensor) -> tuple[Tensor, Tensor]:
        """Head (..., heads) → mu and sigma, (..., K) each, sigma > 0."""

    def sample(self, mu: Tensor, sigma: Tensor, eps: Tensor) -> Tensor:
        """z ~ p(z|x), reparametrised: eps standard normal of z's shape."""

    def log_prob(self, mu: Tensor, sigma: Tensor, z: Tensor) -> Tensor:
        """ln p(z|x): (..., K) → (...)."""

    @property
    def forward(self) -> Callable[[Tensor, Tensor, Tensor], Tensor] | None:
        """(head, eps, z): writes z, returns sigma."""

    @property
    def gradient(self) -> Callable[..., None] | None:
        """The head's gradient, see `diagonal.gradient`."""


class Marginal(Protocol):
    """r(z), the code that a posterior is priced by."""

    def parameters(self, latent_dim: int) -> Shapes:
        """Learned parameters "marginal.…" of one model, none where r(z) is fixed."""

    def log_prob(self, weights: Weights, z: Tensor) -> Tensor:
        """ln r(z): (M, ..., K) → (M, ...)."""

    def kl_per_dim(self, weights: Weights, mu: Tensor, sigma: Tensor) -> Tensor | None:
        """KL(p(z|x) ‖ r(z)) by dimension, (M, N, K), nats; None where there is no closed form."""

    def sample(self, weights: Weights, eps: Tensor) -> Tensor:
        """z ~ r(z) from standard normal eps (1, n, K) → (M, n, K)."""

    @property
    def gradient(self) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None:
        """(mu, sigma) → derivatives of the closed KL by both."""


class Likelihood(Protocol):
    """q(y|z), from the decoder's output."""

    def parameters(self, outputs: int, variance: float | None) -> Shapes:
        """Learned parameters "decoder.…" of one model beside its linear maps."""

    def distortion(self, weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> Tensor:
        """−ln q(y|z), nats: output (M, B, O), target (B,) or (B, O) → (M, B)."""

    def scores(
        self, weights: Weights, output: Tensor, target: Tensor, variance: float | None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Distortion averaged over S draws of z, and the errors of the first draw and of the average, None if unknown.

        output (M, S, N, O) → (M, N) each.
        """

    def mean(self, output: Tensor) -> Tensor:
        """Mean of q: class or pixel probabilities, or the output itself, (..., O)."""

    def sample(self, weights: Weights, mean: Tensor, eps: Tensor, variance: float | None) -> Tensor:
        """A draw of q, or its mean where draws show less: mean (M, n, O), eps (1, n, O) standard normal."""

    def surprise(self, target: Array) -> Array | None:
        """−ln p̂(y) of every row (N,), p̂ fitted to the targets at hand; None where nothing simple fits."""

    @property
    def gradient(self) -> Callable[..., None] | None:
        """The output's gradient, see `categorical.gradient`."""


class Lagrangian(Protocol):
    """D + β h(R), and h′(R) for the fast path (None: 1 everywhere)."""

    def price(self, rate: Tensor) -> Tensor:
        """h(R) of every model's rate, (M,) → (M,)."""

    @property
    def slope(self) -> Callable[[Tensor], Tensor] | None:
        """h′(R), (M,) → (M,); None where it is 1."""


@dataclass(frozen=True)
class Parts:
    """The four parts of a run."""

    posterior: Posterior
    marginal: Marginal
    likelihood: Likelihood
    lagrangian: Lagrangian

    @property
    def have_gradients(self) -> bool:
        """Whether every part has its gradient written out, so that the fast path can train them."""
        written = self.posterior.forward, self.posterior.gradient, self.marginal.gradient, self.likelihood.gradient
        return None not in written


def posterior(name: str) -> Posterior:
    return cast(Posterior, _part(name, "posterior", POSTERIORS))


def marginal(name: str) -> Marginal:
    return cast(Marginal, _part(name, "marginal", MARGINALS))


def likelihood(name: str) -> Likelihood:
    return cast(Likelihood, _part(name, "likelihood", LIKELIHOODS))


def lagrangian(name: str) -> Lagrangian:
    return cast(Lagrangian, _part(name, "lagrangian", LAGRANGIANS))


def _part(name: str, kind: str, names: tuple[str, ...]) -> object:
    if name not in names:
        raise ConfigError(kind, name, f"one of {', '.join(names)}", "Choose one of these names.")
    return import_module(f"vibcore.parts.{name}")
