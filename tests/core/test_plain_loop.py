"""Training against the loop that one would write from the papers: one model, documented draws, Adam written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from vibcore import data as datasets
from vibcore import training
from vibcore.config import Config, Dataset, DatasetSpec
from vibcore.problem import Split
from vibcore.streams import stream

STEPS = 40  # six epochs and three blocks of noise
MOONS = Config(
    DatasetSpec("moons", 300, 0.2, 0.05, seed=3),
    encoder=(8, 6),
    decoder=(7,),
    latent_dim=3,
    batch=32,
    betas=(0.02,),
    lr=0.03,
    seed=11,
    clip=0.4,
    averaging=0.8,
)
CASES = {
    "classes": MOONS,
    "own input": replace(MOONS, task="reconstruct", encoder=(8,), decoder=(), variance=0.3, clip=5.0),
    "pixels": replace(MOONS, dataset=DatasetSpec("digits", flip=0.0), task="reconstruct", encoder=(8,), lr=0.01),
    "real targets": replace(MOONS, dataset=DatasetSpec("gaussian", 300, rho=(0.9, 0.5)), clip=3.0),
}


def initial(config: Config, dims: dict[str, list[int]]) -> dict[str, torch.Tensor]:
    """Uniform on ±√(6/in) before a ReLU and ±√(3/in) before an output; biases 0, but for sigma = softplus(0)."""
    rng, found = stream(config.seed, "weights"), {}
    for part, widths in dims.items():
        for i in range(len(widths) - 1):
            last = i == len(widths) - 2
            reach = np.sqrt((3.0 if last else 6.0) / widths[i])
            u = rng.random((widths[i], widths[i + 1]), dtype=np.float32)
            found[f"{part}.{i}.weight"] = torch.from_numpy((2 * u - 1) * np.float32(reach)).double()
            found[f"{part}.{i}.bias"] = torch.zeros(widths[i + 1], dtype=torch.float64)
    found[f"encoder.{len(dims['encoder']) - 2}.bias"][config.latent_dim :] = 5.0
    return found


def chain(w: dict[str, torch.Tensor], part: str, h: torch.Tensor) -> torch.Tensor:
    depth = sum(name.startswith(part) and name.endswith("weight") for name in w)
    for i in range(depth):
        h = h @ w[f"{part}.{i}.weight"] + w[f"{part}.{i}.bias"]
        h = h if i == depth - 1 else h.clamp(min=0)
    return h


def loss(w: dict, config: Config, kind: str, x: torch.Tensor, y: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    """−log q(y|z) + β KL(N(mu, sigma²) ‖ N(0, 1)), averaged over the batch, by torch's own distributions."""
    mu, rho = chain(w, "encoder", x).chunk(2, -1)
    sigma = F.softplus(rho - 5) + 1e-4
    out = chain(w, "decoder", mu + sigma * eps)
    if kind == "categorical":
        cost = F.cross_entropy(out, y, reduction="none")
    elif kind == "bernoulli":
        cost = -(y * F.logsigmoid(out) + (1 - y) * F.logsigmoid(-out)).sum(-1)
    else:
        scale = (
            torch.exp(w["decoder.log_var"] / 2)
            if config.variance is None
            else torch.tensor(config.variance**0.5, dtype=torch.float64)
        )
        cost = -torch.distributions.Normal(out, scale).log_prob(y).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    rate = torch.distributions.kl_divergence(torch.distributions.Normal(mu, sigma), prior).sum(-1)
    return (cost + config.betas[0] * rate).mean()


def plain_loop(config: Config, dataset: Dataset) -> tuple[dict, dict]:
    """Weights and their average after STEPS steps."""
    x = torch.from_numpy(dataset.x[dataset.train]).double()
    target = dataset.x if config.task == "reconstruct" else dataset.y
    y = torch.from_numpy(target[dataset.train])
    y = y.double() if y.is_floating_point() else y
    kind = dataset.likelihood(config.task)
    outputs = y.shape[1] if y.ndim > 1 else len(dataset.class_names)
    w = initial(
        config,
        {
            "encoder": [x.shape[1], *config.encoder, 2 * config.latent_dim],
            "decoder": [config.latent_dim, *config.decoder, outputs],
        },
    )
    if kind == "gaussian" and config.variance is None:
        w["decoder.log_var"] = torch.zeros(outputs, dtype=torch.float64)
    average = {name: value.clone() for name, value in w.items()}
    m, v = ({name: torch.zeros_like(value) for name, value in w.items()} for _ in range(2))
    each = len(x) // config.batch  # batches an epoch
    for step in range(STEPS):
        order = stream(config.seed, "batches", step // each).permutation(len(x))
        rows = order[step % each * config.batch :][: config.batch]
        block = stream(config.seed, "noise", step // 16).standard_normal(
            (16, config.latent_dim, config.batch), np.float32
        )
        leaves = {name: value.requires_grad_() for name, value in w.items()}
        loss(leaves, config, kind, x[rows], y[rows], torch.from_numpy(block[step % 16].T).double()).backward()
        length = torch.stack([(leaf.grad**2).sum() for leaf in leaves.values()]).sum().sqrt()
        shrink = min(1.0, config.clip / float(length))
        t = step + 1
        for name, leaf in leaves.items():
            g = leaf.grad * shrink
            m[name] = 0.9 * m[name] + 0.1 * g
            v[name] = 0.999 * v[name] + 0.001 * g**2
            moved = config.lr * (m[name] / (1 - 0.9**t)) / (torch.sqrt(v[name] / (1 - 0.999**t)) + 1e-8)
            w[name] = leaf.detach() - moved
            keep = min(config.averaging, (1 + t) / (10 + t))
            average[name] = keep * average[name] + (1 - keep) * w[name]
    return w, average


@pytest.mark.parametrize("name", CASES)
def test_training_is_the_loop_that_the_papers_describe(name: str) -> None:
    """Initial weights, batches, noise, loss, clipping, Adam (Kingma & Ba 2015, alg. 1) and average, to rounding."""
    config = CASES[name]
    dataset = datasets.load(config.dataset)
    expected, average = plain_loop(config, dataset)
    data = training.tensors(dataset, config)
    if data.target.is_floating_point():
        data = Split(data.x, data.target.double())
    state = training.init(config, dataset, dtype=torch.float64)
    training.advance(state, data, STEPS)
    for averaged, of in ((False, expected), (True, average)):
        for part, value in training.weights(state, averaged).items():
            torch.testing.assert_close(value[0], of[part].detach(), rtol=0, atol=1e-8)
