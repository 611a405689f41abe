"""The definitions again, in NumPy and double precision, one model at a time: what the engine's numbers are held to."""

import numpy as np

from vibcore.snapshot import EVALUATION_SEED
from vibcore.streams import stream


def eps(samples: int, rows: int, dimensions: int) -> np.ndarray:
    """The documented draws of every evaluation: (S, N, K), or (S, 1, K) where all rows share them."""
    return stream(EVALUATION_SEED, "evaluation").standard_normal((samples, rows, dimensions), np.float32).astype(float)


def mlp(w: dict, part: str, h: np.ndarray) -> np.ndarray:
    """Linear maps with ReLU between them."""
    depth = sum(name.startswith(part) and name.endswith("weight") for name in w)
    for i in range(depth):
        h = h @ w[f"{part}.{i}.weight"] + w[f"{part}.{i}.bias"]
        h = np.maximum(h, 0) if i < depth - 1 else h
    return h


def encode(w: dict, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """mu and sigma = softplus(rho − 5) + 10⁻⁴, (N, K) each."""
    mu, rho = np.split(mlp(w, "encoder", x), 2, axis=-1)
    return mu, np.log1p(np.exp(rho - 5)) + 1e-4


def odds(w: dict, z: np.ndarray) -> np.ndarray:
    """q(y|z): (..., K) → (..., C)."""
    logits = mlp(w, "decoder", z)
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def rates(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """KL(N(mu, sigma²) ‖ N(0, 1)) a dimension."""
    return -np.log(sigma) + (sigma**2 + mu**2 - 1) / 2


def mean(values: np.ndarray) -> tuple[float, float]:
    """A mean over inputs and its standard error."""
    return float(values.mean()), float(np.sqrt(((values - values.mean()) ** 2).mean() / len(values)))


def account(w: dict, x: np.ndarray, y: np.ndarray, samples: int) -> dict:
    """Rate, distortion, H(Y) − D and both errors of a classifier on inputs (N, d) with labels (N,)."""
    mu, sigma = encode(w, x.astype(float))
    q = odds(w, mu + sigma * eps(samples, *mu.shape))  # (S, N, C)
    cost = -np.log(q[:, np.arange(len(y)), y]).mean(0)
    share = np.array([(y == label).mean() for label in y])
    return {
        "rate": mean(rates(mu, sigma).sum(1)),
        "distortion": mean(cost),
        "i_zy_bound": mean(-np.log(share) - cost),
        "error_1": mean(1.0 * (q[0].argmax(1) != y)),
        "error_mc": mean(1.0 * (q.mean(0).argmax(1) != y)),
        "kl_per_dim": rates(mu, sigma).mean(0).tolist(),
    }


def informations(w: dict, x: np.ndarray, y: np.ndarray, draws: int = 200) -> dict:
    """I(X;Z) and I(Z;Y) of the set alone, each input as likely as any other, by draws of its own: value and error."""
    mu, sigma = encode(w, x.astype(float))
    z = mu + sigma * np.random.default_rng(1).standard_normal((draws, *mu.shape))  # (S, N, K)
    log_p = -0.5 * ((z[:, :, None] - mu) / sigma) ** 2 - np.log(sigma)
    p = np.exp(log_p.sum(-1))  # (S, N, N): the density of every z in every posterior, but for a common factor
    own = p[:, np.arange(len(x)), np.arange(len(x))]
    same = y[:, None] == y
    of_class = (p * same).sum(-1) / p.sum(-1)
    return {
        "i_xz": mean(np.log(own / p.mean(-1)).ravel()),
        "i_zy": mean(np.log(of_class / same.mean(1)).ravel()),
    }
