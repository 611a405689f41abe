"""The engine against what users write: python -m tests.benchmarks.engine [threads] [--json]

Prints milliseconds per model-step (median, min … max) and ratios within rounds; each way is named by the path that
ran. Where JAX can be imported, the same stack by jit, vmap and scan is timed in the same rounds.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from vibcore import data as datasets
from vibcore import model, training
from vibcore.bench import CASE, bench, plain_loop, stack
from vibcore.config import Config, DatasetSpec, beta_grid
from vibcore.parts import diagonal

# the paper's widths on small images
WIDE = replace(CASE, dataset=DatasetSpec("digits"), encoder=(1024, 1024), decoder=(), batch=100, betas=beta_grid(9))
SCAN = 10  # steps that JAX takes between two returns to Python


def jax_stack(config: Config) -> Callable[[int], None] | None:
    """Classes only: Adam on D + βR, all models by vmap, `SCAN` steps by one compiled scan; None without JAX."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    dataset = datasets.load(config.dataset)
    x, y = jnp.asarray(dataset.x[dataset.train]), jnp.asarray(dataset.y[dataset.train])
    betas = jnp.asarray(config.betas)
    weights = {n: jnp.asarray(w.numpy()) for n, w in training.weights(training.init(config, dataset)).items()}
    assert set(weights) == set(model.shapes(config, model.sizes_of(dataset, config)))
    gradients = jax.vmap(jax.grad(jax_loss(config)), (0, 0, None, None, None))

    def step(carry: Any, key: Any) -> Any:
        rows, noise = jax.random.split(key)
        index = jax.random.randint(rows, (config.batch,), 0, len(x))
        eps = jax.random.normal(noise, (config.batch, config.latent_dim))
        return jax_adam(carry, gradients(carry[0], betas, x[index], y[index], eps), config.lr), None

    scan = jax.jit(lambda carry, keys: jax.lax.scan(step, carry, keys)[0])
    zeros = jax.tree_util.tree_map(jnp.zeros_like, weights)
    held = {"carry": (weights, zeros, zeros, jnp.zeros(())), "key": jax.random.key(0)}

    def run(steps: int) -> None:
        for _ in range(-(-steps // SCAN)):
            held["key"], part = jax.random.split(held["key"])
            held["carry"] = scan(held["carry"], jax.random.split(part, SCAN))
        jax.block_until_ready(held["carry"])

    return run


def jax_loss(config: Config) -> Callable[..., Any]:
    """D + βR of one model on a batch: weights, β, x (B, d), classes (B,), eps (B, K)."""
    import jax
    import jax.numpy as jnp

    depths = {"encoder": len(config.encoder) + 1, "decoder": len(config.decoder) + 1}

    def mlp(w: Any, part: str, h: Any) -> Any:
        for i in range(depths[part]):
            h = h @ w[f"{part}.{i}.weight"] + w[f"{part}.{i}.bias"]
            h = h if i == depths[part] - 1 else jax.nn.relu(h)
        return h

    def loss(w: Any, beta: Any, bx: Any, by: Any, eps: Any) -> Any:
        mu, rho = jnp.split(mlp(w, "encoder", bx), 2, -1)
        sigma = jax.nn.softplus(rho - diagonal.SIGMA_SHIFT) + diagonal.SIGMA_FLOOR
        log_q = jax.nn.log_softmax(mlp(w, "decoder", mu + sigma * eps))
        rate = (0.5 * (mu**2 + sigma**2 - 1) - jnp.log(sigma)).sum(-1)
        return (beta * rate - jnp.take_along_axis(log_q, by[:, None], 1)[:, 0]).mean()

    return loss


def jax_adam(carry: Any, g: Any, lr: float) -> Any:
    """Weights, both moments and the step after one more step of Adam."""
    import jax
    import jax.numpy as jnp

    (w, m1, m2, t), tree = carry, jax.tree_util.tree_map
    t = t + 1
    m1 = tree(lambda a, b: 0.9 * a + 0.1 * b, m1, g)
    m2 = tree(lambda a, b: 0.999 * a + 1e-3 * b * b, m2, g)
    rate = lr * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return tree(lambda p, a, b: p - rate * a / (jnp.sqrt(b) + 1e-8), w, m1, m2), m1, m2, t


def show(title: str, found: dict[str, Any]) -> None:
    print(f"\n{title}: {found['threads']} threads, {found['rounds']} rounds")
    for name, t in found["ms_per_model_step"].items():
        print(f"  {name:24s} {t['median']:8.4f} ms  ({t['min']:.4f} … {t['max']:.4f})")
    for name, ratio in found["ratios"].items():
        print(f"  {name:44s} {ratio:6.2f}")


def apart(steps: int = 40) -> None:
    """The whole stack of 25 against 25 separate plain trainings, each of `steps` steps."""
    begin = time.perf_counter()
    stack(CASE, "auto")(steps)
    together = time.perf_counter() - begin
    begin = time.perf_counter()
    for beta in CASE.betas:
        plain_loop(replace(CASE, betas=(beta,)))(steps)
    print(
        f"\n{steps} steps of {len(CASE.betas)} models, set-up included: one stack {together:.2f} s, "
        f"separate trainings {time.perf_counter() - begin:.2f} s"
    )


def on_a_gpu(steps: int = 50) -> None:
    """1,024 models on a GPU, where there is one."""
    if not torch.cuda.is_available():
        print("\nNo GPU here: the stack of 1,024 models is left out.")
        return
    config = replace(CASE, betas=beta_grid(1024))
    dataset = datasets.load(config.dataset)
    state, data = training.init(config, dataset, "cuda"), training.tensors(dataset, config, "cuda")
    training.advance(state, data, 5)
    torch.cuda.synchronize()
    begin = time.perf_counter()
    training.advance(state, data, steps)
    torch.cuda.synchronize()
    each = (time.perf_counter() - begin) / steps / 1024 * 1e3
    print(f"\n1,024 models on a GPU: {each:.5f} ms per model-step ({training.which_path(state)} path)")


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    torch.set_num_threads(numbers[0] if numbers else 2)
    jax_way = jax_stack(CASE)
    if jax_way is None:
        print("JAX cannot be imported here: left out.")
    found = [
        bench(20, CASE, {"JAX jit, vmap, scan": jax_way} if jax_way else None),
        bench(20, WIDE),
    ]
    show("25 models, 2-64-64-4 / 2-64-2, batch 256", found[0])
    show("9 models, 64-1024-1024-4 / 2-10, batch 100", found[1])
    apart()
    on_a_gpu()
    if "--json" in sys.argv:
        print(json.dumps(found))
