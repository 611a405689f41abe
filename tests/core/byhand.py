"""The definitions again, in NumPy and double precision, one model at a time: what the engine's numbers are held to."""

import numpy as np

from vibcore.problem import EVALUATION_SEED
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
    """A mean over inputs and its standard error, from the unbiased variance."""
    n = len(values)
    return float(values.mean()), float(np.sqrt(((values - values.mean()) ** 2).sum() / (n - 1) / n))


def one_hot(y: np.ndarray, classes: int) -> np.ndarray:
    """p(y|x) of inputs (N,) whose label is all that is known, or of which it is known already: (N, C)."""
    return np.eye(classes)[y] if y.ndim == 1 else y


def surprise(p: np.ndarray) -> np.ndarray:
    """−E ln p(y) of each input, p(y) the mean of the odds p (N, C): their mean is H(Y)."""
    share = p.mean(0)
    return -(p * np.log(np.where(share > 0, share, 1.0))).sum(1)


def account(w: dict, x: np.ndarray, y: np.ndarray, samples: int) -> dict:
    """Rate, distortion, H(Y) − D and both errors of a classifier on inputs (N, d); y labels (N,) or odds (N, C)."""
    mu, sigma = encode(w, x.astype(float))
    q = odds(w, mu + sigma * eps(samples, *mu.shape))  # (S, N, C)
    p = one_hot(y, q.shape[-1])
    cost = -(p * np.log(q)).sum(-1).mean(0)
    first, voted = (1 - np.take_along_axis(p, q.argmax(1)[:, None], 1)[:, 0] for q in (q[0], q.mean(0)))
    return {
        "rate": mean(rates(mu, sigma).sum(1)),
        "distortion": mean(cost),
        "i_zy_bound": mean(surprise(p) - cost),
        "error_1": mean(first),
        "error_mc": mean(voted),
        "kl_per_dim": rates(mu, sigma).mean(0).tolist(),
    }


def reals(w: dict, x: np.ndarray, target: np.ndarray, samples: int, variance: float | None) -> dict:
    """The same of a Gaussian decoder of real targets (N, O): rate, distortion and H of a Gaussian − D."""
    out = decoded(w, x, samples)
    v = np.exp(w["decoder.log_var"]) if variance is None else np.full(target.shape[1], variance)
    cost = normal_cost(out, target, v).mean(0)
    mu, sigma = encode(w, x.astype(float))
    return {
        "rate": mean(rates(mu, sigma).sum(1)),
        "distortion": mean(cost),
        "i_zy_bound": mean(normal_cost(target.mean(0), target, target.var(0)) - cost),
        "kl_per_dim": rates(mu, sigma).mean(0).tolist(),
    }


def pixels(w: dict, x: np.ndarray, samples: int) -> dict:
    """Rate and distortion of a decoder of pixels as the odds of coins."""
    odds_of = 1 / (1 + np.exp(-decoded(w, x, samples)))
    cost = -(x * np.log(odds_of) + (1 - x) * np.log(1 - odds_of)).sum(-1).mean(0)
    mu, sigma = encode(w, x.astype(float))
    kl = rates(mu, sigma)
    return {"rate": mean(kl.sum(1)), "distortion": mean(cost), "kl_per_dim": kl.mean(0).tolist()}


def decoded(w: dict, x: np.ndarray, samples: int) -> np.ndarray:
    """What the decoder makes of the documented draws of every input, (S, N, O): logits or means."""
    mu, sigma = encode(w, x.astype(float))
    return mlp(w, "decoder", mu + sigma * eps(samples, *mu.shape))


def normal_cost(centre: np.ndarray, x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """−ln N(x; centre, diag v): (..., O) → (...,)."""
    return (0.5 * np.log(2 * np.pi * v) + (x - centre) ** 2 / (2 * v)).sum(-1)


def log_normals(z: np.ndarray, mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """ln N(z_i; mu_j, diag sigma_j²) of every pair, (S, N)."""
    return (-0.5 * ((z[:, None] - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)).sum(-1)


def share_of(logs: np.ndarray) -> np.ndarray:
    """Who of the members may have made each z: (S, N) log densities → odds."""
    e = np.exp(logs - logs.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_mean(logs: np.ndarray, count: int) -> np.ndarray:
    """ln of the sum over members divided by their number."""
    top = logs.max(1)
    return top + np.log(np.exp(logs - top[:, None]).sum(1)) - np.log(count)


def x_ends(table: np.ndarray, rate: tuple[float, float], sample: bool) -> tuple:
    """Lower and upper bound of I(X;Z) with errors; table (n, N) of ln p(z_i|x_j), row i drawn for input i."""
    n, members = table.shape
    share, own = share_of(table), table[np.arange(n), np.arange(n)]
    each = np.where(share > 0, np.log(np.where(share > 0, share, 1.0)) + np.log(members), 0.0)
    lower = drawn_mean(share, each)
    if sample:
        return lower, lower
    left_out = np.where(np.eye(n, members, dtype=bool), -np.inf, table)
    gap = mean((own - log_mean(left_out, members - 1)) - (own - log_mean(table, members)))
    upper = lower[0] + gap[0], lower[1] + gap[1]
    return lower, upper if upper[0] <= rate[0] else rate


def y_ends(table: np.ndarray, p: np.ndarray, bound: tuple[float, float] | None, sample: bool, others: tuple) -> tuple:
    """Lower and upper bound of I(Y;Z): p (N, C) odds of the members; others (n, N'), (N', C) decode in their place."""
    n, members = table.shape
    prior, share = p.mean(0), share_of(table)
    heard = share @ p / np.where(prior > 0, prior, 1.0)  # (n, C)
    heard = np.log(np.where(heard > 0, heard, 1.0))  # a class that none of them may be has no weight
    each = heard @ p.T  # (n, N)
    upper = drawn_mean(share, each)
    if sample:
        return upper, upper
    apart, odds_of = others if others else (np.where(np.eye(n, members, dtype=bool), -np.inf, table), p)
    count = len(odds_of) - (not others)
    told = (share_of(apart) @ odds_of * count + odds_of.mean(0)) / (count + 1)
    without = (p[:n] * (np.log(told) - np.log(np.where(prior > 0, prior, 1.0)))).sum(1)
    gap = mean(without - each[np.arange(n), np.arange(n)])
    lower = upper[0] + gap[0], upper[1] + gap[1]
    return lower if bound is None or bound[0] <= lower[0] else bound, upper


def real_ends(table: np.ndarray, y: np.ndarray, rho: np.ndarray, x: np.ndarray, decoded: np.ndarray | None) -> tuple:
    """Lower and upper bound of I(Y;Z) where y (N, O) was drawn from N(ρ x, 1 − ρ²), x (N, O) those of the members.

    Taken off is what ln p(y|x)/p(y) has by chance too, whose mean is I(X;Y) = −½ Σ ln(1 − ρ²).
    """
    n, members = table.shape
    prior = -normal_cost(np.zeros(1), y[:n], np.ones(1))
    density = np.exp(-normal_cost(rho * x, y[:n, None], 1 - rho**2))  # (n, N)
    apart = np.where(np.eye(n, members, dtype=bool), -np.inf, table)
    told = np.log((share_of(table) * density).sum(1)) - prior
    without = np.log(((share_of(apart) * density).sum(1) * (members - 1) + np.exp(prior)) / members) - prior
    chance = np.log(density[np.arange(n), np.arange(n)]) - prior + 0.5 * np.log(1 - rho**2).sum()
    value, error = mean(told - chance * ((told - told.mean()) @ chance) / (chance @ chance))
    gap = mean(without - told)
    lower = value + gap[0], error + gap[1]
    ahead = (0.0, 0.0) if decoded is None else mean(decoded - without)
    if ahead[0] > 0:  # q(y|z) is the better decoder of the same draws
        lower = lower[0] + ahead[0], lower[1] + ahead[1]
    return lower, (value, error)


def drawn_mean(share: np.ndarray, each: np.ndarray) -> tuple[float, float]:
    """Mean over draws of what each member that may have made z says, and its error over inputs and draws."""
    value = (share * each).sum(1).mean()
    return float(value), float(np.sqrt(((share * each**2).sum(1).mean() - value**2) / (len(share) - 1)))


def intervals(
    w: dict,
    x: np.ndarray,
    p: np.ndarray | None,
    noise: np.ndarray,
    sample: bool = False,
    others: tuple = (),
    decodes: bool = True,
    reals: tuple = (),
) -> dict:
    """Bounds of both informations and of what they bound, (value, error) each: x (N, d) and odds p (N, C) the mixture.

    noise (n, K) draws z for the first n inputs. others: inputs and odds of a decoder that has not seen those. reals:
    targets (N, O) and their correlations with x, where y is real and its density known.
    """
    mu, sigma = encode(w, x.astype(float))
    n = len(noise)
    z = mu[:n] + sigma[:n] * noise
    table = log_normals(z, mu, sigma)
    rate = mean(rates(mu[:n], sigma[:n]).sum(1))
    found = {"rate": rate, "i_xz": x_ends(table, rate, sample), "i_zy": None, "bound": None}
    if reals:
        (y, rho), decoded = reals, None
        if decodes:
            cost = normal_cost(mlp(w, "decoder", z), y[:n], np.exp(w["decoder.log_var"]))
            decoded = normal_cost(np.zeros(1), y[:n], np.ones(1)) - cost
            found["bound"] = mean(decoded)
        return found | {"i_zy": real_ends(table, y, rho, x, decoded)}
    if p is None:
        return found
    if decodes:
        log_prior = np.log(np.where(p.mean(0) > 0, p.mean(0), 1.0))
        found["bound"] = mean((p[:n] * (np.log(odds(w, z)) - log_prior)).sum(1))
    apart = (log_normals(z, *encode(w, others[0].astype(float))), others[1]) if others else ()
    return found | {"i_zy": y_ends(table, p, found["bound"], sample, apart)}


def interval(ends: tuple) -> tuple[float, float]:
    """From 1.96 errors below the lower bound to 1.96 errors above the upper: no information is negative."""
    (lower, below), (upper, above) = ends
    low = max(0.0, lower - 1.959964 * below)
    return low, max(low, upper + 1.959964 * above)


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
