"""python -m vibcore {sweep,frontier,bench,datasets,fetch}. Results in nats, progress on standard error."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable, Sequence

from vibcore import data, table_options
from vibcore.data import images
from vibcore.files import check_out, emit, flat, reference_tree, sweep_rows
from vibcore.known import PROBLEM, known_of
from vibcore.options import JOBS, RHO, SEED, WIDTHS, Layout, Parser, listed, number, whole
from vibcore.types import Config, ConfigError, Dataset, DatasetSpec, beta_grid

BATCH = 128  # unless asked for another
FLIP = 0.05  # of drawn sets
EXAMPLES = {
    "": """examples:
  python -m vibcore datasets
  python -m vibcore sweep --dataset moons --noise 0.2 --out curve.json
  python -m vibcore frontier --gaussian 0.9,0.6 --out frontier.csv
each command has its own --help""",
    "sweep": """examples:
  python -m vibcore sweep --dataset spirals --classes 5 --betas 25 --steps 1500 --out curve.json
  python -m vibcore sweep --dataset moons,circles --seed 0,1,2 --encoder 32-32,64-64 --jobs 4 --out results/
  python -m vibcore sweep --table flowers.csv --label species --gaps median --flip 0 --out curve.json
  python -m vibcore sweep --seed 0,1,2,3 --backend dask --scheduler tcp://host:8786 --out results/
a sweep into a folder goes on where it stopped when it is run again
without --flip, labels of drawn sets are flipped with odds of 0.05, those of tables and images never""",
    "frontier": """examples:
  python -m vibcore frontier --dataset moons --noise 0.2 --flip 0.05 --out frontier.csv
  python -m vibcore frontier --joint joint.csv      (one row for each x, one column for each y)
  python -m vibcore frontier --joint counts.csv --counts
  python -m vibcore frontier --gaussian 0.9,0.6,0.3""",
    "bench": "example:\n  python -m vibcore bench --seconds 20 --out bench.json",
    "datasets": "example:\n  python -m vibcore datasets --out datasets.csv",
    "fetch": """examples:
  python -m vibcore fetch mnist
  BOTTLENECK_DATA=/srv/data python -m vibcore fetch fashion_mnist
without BOTTLENECK_DATA the file goes to ~/.cache/bottleneck-lab; it is looked for in the same place""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0, 1 for what broke on the way, 2 for what cannot be had."""
    chosen = parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except ConfigError as error:
        return complain(chosen, error, 2)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, MemoryError) as error:
        return complain(chosen, error, 1)
    except KeyboardInterrupt:
        return complain(chosen, "stopped", 130)
    return 0


def complain(chosen: argparse.Namespace, error: object, status: int) -> int:
    """One line on standard error."""
    text = " ".join(str(error).split()) or type(error).__name__
    print(f"python -m vibcore {chosen.command}: {text}", file=sys.stderr)
    return status


def sweep(chosen: argparse.Namespace) -> None:
    """Train one config into a file, or the product of many into a folder."""
    table_options.take(chosen, parser().parse_args(["sweep"]))
    configs = [config_of(chosen, *each) for each in itertools.product(chosen.dataset, chosen.seed, chosen.encoder)]
    folder = chosen.out.endswith("/") or os.path.isdir(chosen.out)
    if not folder:
        check_out(chosen.out)
        if len(configs) > 1 or chosen.backend != "loky" or chosen.jobs != 1:
            raise ConfigError("--out", chosen.out, "a folder, as results/, for several runs", "End it with a slash.")
    from vibcore import sweeps as engine  # PyTorch takes seconds to load: only once the request is known to be legal

    if folder:
        where = chosen.backend, chosen.scheduler, chosen.threads
        try:
            files = engine.sweep(configs, chosen.out, chosen.jobs, engine.bar, *where, load=chosen.load)
        except engine.WorkersLost as error:
            sys.exit(complain(chosen, error, 1))
        print(f"{len(set(files))} results in {chosen.out}", file=sys.stderr)
        return
    result = engine.run_config(configs[0], engine.bar, chosen.threads, chosen.load)
    emit(chosen.out, result, lambda: sweep_rows(result))


def config_of(chosen: argparse.Namespace, name: str, seed: int, encoder: tuple[int, ...]) -> Config:
    """The config of one run, known to be legal."""
    from vibcore import validation

    if not chosen.beta_min <= chosen.beta_max:
        raise ConfigError("--beta-min", chosen.beta_min, f"at most --beta-max, {chosen.beta_max}", "Exchange them.")
    data_seed = seed if chosen.data_seed is None else chosen.data_seed
    drawn = data.source(name).density is not None
    flip = chosen.flip if chosen.flip is not None else FLIP if drawn else 0.0
    spec = DatasetSpec(name, chosen.n, chosen.noise, flip, chosen.classes, data_seed, chosen.rho, chosen.digest)
    dataset = chosen.load(spec)
    config = Config(spec, chosen.task, encoder, chosen.decoder, chosen.latent_dim,
                    beta_grid(chosen.betas, chosen.beta_min, chosen.beta_max), chosen.steps,
                    batch_of(chosen, dataset), chosen.lr, seed)  # fmt: skip
    validation.check(config, dataset)
    return config


def batch_of(chosen: argparse.Namespace, dataset: Dataset) -> int:
    """The batch asked for, else the usual one, or all training rows where they are fewer: then with a word."""
    if chosen.batch is not None:
        return int(chosen.batch)
    rows = len(dataset.train)
    if rows < BATCH:
        print(f"batch {rows}: {dataset.spec.name} has no more training rows", file=sys.stderr)
    return min(BATCH, rows)


def frontier(chosen: argparse.Namespace) -> None:
    """The exact frontier of a dataset, a joint or canonical correlations."""
    check_out(chosen.out)
    tree = reference_tree(known_of(chosen))
    columns = ["i_x", "i_y", "beta"]
    emit(chosen.out, tree, lambda: [columns, *map(list, zip(*(tree[c] for c in columns), strict=True))])


def bench(chosen: argparse.Namespace) -> None:
    """What a model-step costs on this machine."""
    check_out(chosen.out)
    from vibcore.bench import bench as measure
    from vibcore.threads import limited

    with limited(chosen.threads):
        found = measure(chosen.seconds)
    emit(chosen.out, found, lambda: [["name", "value"], *flat(found)])


def list_datasets(chosen: argparse.Namespace) -> None:
    """Every dataset with its default size."""
    check_out(chosen.out)
    sets = [data.load(DatasetSpec(name)) for name in data.names()]
    table = [{"name": s.spec.name, "rows": len(s.x), "features": s.x.shape[1], "classes": len(s.class_names) or None}
             for s in sets]  # fmt: skip
    emit(chosen.out, table, lambda: [list(table[0]), *(list(row.values()) for row in table)])


def fetch(chosen: argparse.Namespace) -> None:
    """Download MNIST or Fashion-MNIST from OpenML to where they are looked for."""
    print(f"saved {images.fetch(chosen.name, images.folder())}", file=sys.stderr)


def parser() -> Parser:
    """The five commands and their flags."""
    top = Parser(
        "python -m vibcore", description=__doc__, epilog=EXAMPLES[""], formatter_class=Layout, allow_abbrev=False
    )
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> Parser:
        made: Parser = commands.add_parser(name, help=run.__doc__, description=run.__doc__, epilog=EXAMPLES[name],
                                           formatter_class=Layout, allow_abbrev=False)  # fmt: skip
        made.set_defaults(run=run)
        if run is not fetch:
            made.add_argument("--out", default="-", help="file.json, file.csv, or - for JSON on standard output")
        return made

    sweep_flags(command("sweep", sweep))
    which = command("frontier", frontier)
    source = which.add_mutually_exclusive_group(required=True)
    source.add_argument("--dataset", help="a synthetic set, by name")
    source.add_argument("--joint", help="a CSV of p(x, y): numbers that sum to 1, or counts with --counts")
    source.add_argument("--gaussian", type=RHO, help="canonical correlations, as 0.9,0.6")
    which.add_argument("--counts", action="store_true", help="the table holds counts: divide them by their sum")
    problem_flags(which)
    which.set_defaults(**dict.fromkeys(PROBLEM))  # None: not given, so that it can be refused where it means nothing
    timed = command("bench", bench)
    timed.add_argument("--seconds", type=number(0.1, 3600), default=20.0, help="time to measure for")
    timed.add_argument("--threads", type=whole(1, 1024), default=1, help="torch threads")
    command("datasets", list_datasets)
    command("fetch", fetch).add_argument("name", choices=images.NAMES, help="the set")
    return top


def problem_flags(of: Parser) -> None:
    """What makes a synthetic problem."""
    of.add_argument("--noise", type=number(0, 1), default=0.18, help="standard deviation around the classes' curves")
    of.add_argument("--flip", type=number(0, 1), default=0.05, help="odds of a label to be another's")
    of.add_argument("--classes", type=whole(2, 100), default=5, help="of spirals and blobs")


def sweep_flags(of: Parser) -> None:
    """What makes a config, and how many run at once."""
    of.add_argument("--dataset", type=listed(str), default="spirals", help="one name or several, by commas")
    problem_flags(of)
    of.set_defaults(flip=None)  # see the examples' last line
    table_options.add(of)
    of.add_argument("--rho", type=RHO, default="0.9", help="correlations of the gaussian set")
    of.add_argument("--n", type=whole(1, 10**6), default=1500, help="number of inputs")
    of.add_argument("--task", choices=["classify", "reconstruct"], default="classify", help="what z is for")
    of.add_argument("--betas", type=whole(1, 500), default=25, help="number of stops, spaced evenly in the logarithm")
    of.add_argument("--beta-min", type=number(1e-12, 1e6), default=1e-4, help="the smallest")
    of.add_argument("--beta-max", type=number(1e-12, 1e6), default=1.5, help="the largest")
    of.add_argument("--steps", type=whole(1, 10**8), default=1500, help="of training")
    of.add_argument("--seed", type=listed(SEED), default="0", help="of data and training; one or several, by commas")
    of.add_argument("--data-seed", type=SEED, help="of the data alone, where it should not follow --seed")
    of.add_argument(
        "--encoder", type=listed(WIDTHS), default="32-32", help="hidden widths, as 32-32, or none; several by commas"
    )
    of.add_argument("--decoder", type=WIDTHS, default="32", help="hidden widths, as 32, or none")
    of.add_argument("--latent-dim", type=whole(1, 64), default=2, help="size of z")
    of.add_argument("--batch", type=whole(1, 10**6), help=f"inputs in a step (default: {BATCH}, or all that there are)")
    of.add_argument("--lr", type=number(1e-12, 1e30), default=0.005, help="step size of Adam")
    of.add_argument(
        "--threads",
        type=whole(1, 1024),
        help="torch threads of each run (default: one, but all where batch and widths are large)",
    )
    of.add_argument("--jobs", type=JOBS, default=1, help="runs at once; -1: one for each core")
    of.add_argument("--backend", choices=["loky", "dask"], default="loky", help="processes here, or a dask cluster")
    of.add_argument("--scheduler", help="address of the dask scheduler")


if __name__ == "__main__":
    sys.exit(main())
