"""python -m vibcore {sweep,frontier,bench,datasets,fetch,replay}. Results in nats, progress on standard error."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable, Sequence

from vibcore import data, replays, table_options
from vibcore.config import Config, DatasetSpec, beta_grid
from vibcore.data import images
from vibcore.fields import FIELDS
from vibcore.files import check_out, emit, flat, reference_tree, sweep_rows
from vibcore.forms import Number, Whole, flag_type
from vibcore.known import PROBLEM, known_of
from vibcore.options import OF_RUN, SUITED, Layout, Parser, flag, jobs, listed
from vibcore.types import ConfigError

EXAMPLES = {
    "": """examples:
  python -m vibcore datasets
  python -m vibcore sweep --dataset moons --noise 0.2 --out curve.json
  python -m vibcore frontier --dataset gaussian --rho 0.9,0.6 --out frontier.csv
each command has its own --help""",
    "sweep": """examples:
  python -m vibcore sweep --dataset spirals --classes 5 --betas 25 --steps 1500 --out curve.json
  python -m vibcore sweep --dataset moons,circles --seed 0,1,2 --encoder 32-32,64-64 --jobs 4 --out results/
  python -m vibcore sweep --table flowers.csv --label species --gaps median --flip 0 --out curve.json
  python -m vibcore sweep --seed 0,1,2,3 --backend dask --scheduler tcp://host:8786 --out results/
a sweep into a folder goes on where it stopped when it is run again
what is not given is what suits the set, as on the page: labels of tables and images are not flipped""",
    "frontier": """examples:
  python -m vibcore frontier --dataset moons --noise 0.2 --flip 0.05 --out frontier.csv
  python -m vibcore frontier --joint joint.csv      (one row for each x, one column for each y)
  python -m vibcore frontier --joint counts.csv --counts
  python -m vibcore frontier --dataset gaussian --rho 0.9,0.6,0.3""",
    "bench": "example:\n  python -m vibcore bench --seconds 20 --out bench.json",
    "datasets": "example:\n  python -m vibcore datasets --out datasets.csv",
    "fetch": """examples:
  python -m vibcore fetch mnist
  BOTTLENECK_DATA=/srv/data python -m vibcore fetch fashion_mnist
without BOTTLENECK_DATA the file goes to ~/.cache/bottleneck-lab; it is looked for in the same place""",
    "replay": "example:\n  python -m vibcore replay curve.json --out replay.html",
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
    table_options.use_table(chosen, parser().parse_args(["sweep"]))
    configs = [
        config_of(chosen, *each) for each in itertools.product(chosen.dataset, chosen.seed, chosen.encoder or [None])
    ]
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


def config_of(chosen: argparse.Namespace, name: str, seed: int, encoder: tuple[int, ...] | None) -> Config:
    """The config of one run, known to be legal."""
    from vibcore import validation

    if not chosen.beta_min <= chosen.beta_max:
        raise ConfigError("--beta-min", chosen.beta_min, f"at most --beta-max, {chosen.beta_max}", "Exchange them.")
    given = {key: getattr(chosen, key) for key in SUITED if getattr(chosen, key) is not None}
    if encoder is not None:
        given["encoder"] = encoder
    data_seed = seed if chosen.data_seed is None else chosen.data_seed
    spec = data.spec_of(name, **given, seed=data_seed, digest=chosen.digest)
    dataset = chosen.load(spec)
    suited = dict(data.source(name).preset) | given
    rows, batch = len(dataset.train), suited.get("batch", Config.batch)
    if chosen.batch is None and rows < batch:
        print(f"batch {rows}: {name} has no more training rows", file=sys.stderr)
        suited["batch"] = rows
    betas = beta_grid(chosen.stops, chosen.beta_min, chosen.beta_max)
    of_run = {key: value for key, value in suited.items() if key in OF_RUN}
    of_run |= {key: getattr(chosen, key) for key in ("steps", "lr", "posterior")}
    config = Config(spec, chosen.task, betas=betas, seed=seed, **of_run)
    validation.check(config, dataset)
    return config


def frontier(chosen: argparse.Namespace) -> None:
    """The exact frontier of a dataset or of a joint."""
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
    sets = [data.load(data.spec_of(name)) for name in data.names()]
    table = [
        {"name": s.spec.name, "rows": len(s.x), "features": s.x.shape[1], "classes": len(s.class_names) or None}
        for s in sets
    ]
    emit(chosen.out, table, lambda: [list(table[0]), *(list(row.values()) for row in table)])


def fetch(chosen: argparse.Namespace) -> None:
    """Download MNIST or Fashion-MNIST from OpenML to where they are looked for."""
    print(f"saved {images.fetch(chosen.name, images.folder())}", file=sys.stderr)


def parser() -> Parser:
    """The six commands and their flags."""
    top = Parser(
        "python -m vibcore", description=__doc__, epilog=EXAMPLES[""], formatter_class=Layout, allow_abbrev=False
    )
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> Parser:
        made: Parser = commands.add_parser(
            name,
            help=run.__doc__,
            description=run.__doc__,
            epilog=EXAMPLES[name],
            formatter_class=Layout,
            allow_abbrev=False,
        )
        made.set_defaults(run=run)
        if run not in (fetch, replays.replay):
            made.add_argument("--out", default="-", help="file.json, file.csv, or - for JSON on standard output")
        return made

    sweep_flags(command("sweep", sweep))
    which = command("frontier", frontier)
    source = which.add_mutually_exclusive_group(required=True)
    source.add_argument("--dataset", help="a set whose density is known, by name")
    rho = flag_type(FIELDS["rho"].form)
    source.add_argument("--gaussian", metavar="RHO", type=rho, help="short for --dataset gaussian --rho RHO")
    source.add_argument("--joint", help="a CSV of p(x, y): numbers that sum to 1, or counts with --counts")
    which.add_argument("--counts", action="store_true", help="the table holds counts: divide them by their sum")
    problem_flags(which)
    timed = command("bench", bench)
    timed.add_argument("--seconds", type=flag_type(Number(0.1, 3600)), default=20.0, help="time to measure for")
    timed.add_argument("--threads", type=flag_type(Whole(1, 1024)), default=1, help="torch threads")
    command("datasets", list_datasets)
    command("fetch", fetch).add_argument("name", choices=images.NAMES, help="the set")
    played = command("replay", replays.replay)
    played.add_argument("curve", help="the .json of a sweep of one config, or of the page's Export")
    played.add_argument("--out", required=True, help="file.html")
    return top


def problem_flags(of: Parser) -> None:
    """What makes a synthetic problem."""
    for key in PROBLEM:
        flag(of, key)


def sweep_flags(of: Parser) -> None:
    """What makes a config, and how many run at once."""
    usual = Config()
    of.add_argument("--dataset", type=listed(str), default=DatasetSpec.name, help="one name or several, by commas")
    problem_flags(of)
    table_options.add(of)
    flag(of, "n")
    flag(of, "task", usual.task)
    of.add_argument(
        "--betas",
        dest="stops",
        type=flag_type(FIELDS["stops"].form),
        default=len(usual.betas),
        help="number of stops, spaced evenly in the logarithm",
    )
    flag(of, "beta_min", usual.betas[0])
    flag(of, "beta_max", usual.betas[-1])
    flag(of, "steps", usual.steps)
    of.add_argument(
        "--seed",
        type=listed(flag_type(FIELDS["seed"].form)),
        default="0",
        help="of data and training; one or several, by commas",
    )
    flag(of, "data_seed")
    flag(of, "encoder", several=True)
    for key in ("decoder", "latent_dim", "batch"):
        flag(of, key)
    flag(of, "posterior", usual.posterior)
    flag(of, "lr", usual.lr)
    of.add_argument(
        "--threads",
        type=flag_type(Whole(1, 1024)),
        help="torch threads of each run (default: one, but all where batch and widths are large)",
    )
    of.add_argument("--jobs", type=jobs, default=1, help="runs at once; -1: one for each core")
    of.add_argument("--backend", choices=["loky", "dask"], default="loky", help="processes here, or a dask cluster")
    of.add_argument("--scheduler", help="address of the dask scheduler")


if __name__ == "__main__":
    sys.exit(main())
