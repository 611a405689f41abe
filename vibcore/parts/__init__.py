"""What the literature argues about, a file each: p(z|x), r(z), q(y|z) and the Lagrangian that weighs them.

A part is a module with the functions of its protocol, and a name in its table here. `gradient` functions are the fast
path's (`fused`); a part without one, `gradient = None`, trains by autograd. Weights are named tensors with a leading
axis of models. Without PyTorch until a part is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from vibcore.types import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

    from vibcore.types import Array

    Weights = dict[str, Tensor]
    Shapes = dict[str, tuple[int, ...]]

# with the outputs of the encoder for a K-dimensional z, which a run is judged by before PyTorch is loaded
POSTERIORS: dict[str, Callable[[int], int]] = {
    "diagonal": lambda k: 2 * k,
    "full": lambda k: k * (k + 3) // 2,
}
MARGINALS = ("standard_normal",)
LIKELIHOODS = ("categorical", "gaussian", "bernoulli")
LAGRANGIANS = ("linear",)


class Posterior(Protocol):
    """p(z|x), from the encoder's head: means mu (..., K), and a `scale` that says how noise spreads about them.

    The scale's trailing shape (*) is the posterior's own: standard deviations (K,), a Cholesky factor (K, K).
    """

    def initial_bias(self, latent_dim: int) -> Tensor:
        """Bias of the head before training, (heads,)."""

    def split(self, head: Tensor) -> tuple[Tensor, Tensor]:
        """Head (..., heads) → mu (..., K) and scale (..., *)."""

    def sample(self, mu: Tensor, scale: Tensor, eps: Tensor) -> Tensor:
        """z ~ p(z|x), reparametrised: eps standard normal of z's shape."""

    def log_det(self, scale: Tensor) -> Tensor:
        """ln |dz/deps|: (..., *) → (...)."""

    def log_prob(self, mu: Tensor, scale: Tensor, z: Tensor) -> Tensor:
        """ln p(z|x): (..., K) → (...)."""

    def log_densities(self, z: Tensor, mu: Tensor, scale: Tensor) -> Tensor:
        """ln p(z_i|x_j) of every pair: z (S, K), mu (N, K), scale (N, *) → (S, N)."""

    def deviations(self, scale: Tensor) -> Tensor:
        """Standard deviation of each dimension of z given x: (..., *) → (..., K)."""

    @property
    def correlation(self) -> Callable[[Tensor, int, int], Tensor] | None:
        """(scale, i, j) → correlation of two dimensions of z given x, (...); None where all are independent."""

    def joined(self, scale: Tensor, deviation: Tensor) -> Tensor:
        """The scale of (z, y), y independent of z given x with a deviation (N, O) of its own: (N, *) → (N, *)."""

    @property
    def forward(self) -> Callable[[Tensor, Tensor, Tensor], Tensor] | None:
        """(head, eps, z): writes z, returns the deviations of independent dimensions."""

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
        """KL(p(z_k|x) ‖ r(z_k)) of each dimension, (M, N, K), nats; None where r is no product, or has no closed form.

        mu, sigma (M, N, K): mean and deviation of each dimension. Where dimensions depend on each other given x,
        `total_correlation` is what the whole costs more.
        """

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


def total_correlation(posterior: Posterior, scale: Tensor) -> Tensor | float:
    """KL(p(z|x) ‖ Π_k p(z_k|x)), nats (Watanabe 1960): (..., *) → (...); 0 where dimensions are independent.

    KL(p ‖ Π r_k) = Σ KL(p_k ‖ r_k) + KL(p ‖ Π p_k): what dimensions cost one by one, and what they say of each other.
    """
    if posterior.correlation is None:
        return 0.0
    return posterior.deviations(scale).log().sum(-1) - posterior.log_det(scale)


def _part(name: str, kind: str, names: Collection[str]) -> object:
    if name not in names:
        raise ConfigError(kind, name, f"one of {', '.join(names)}", "Choose one of these names.")
    return import_module(f"vibcore.parts.{name}")
