"""MNIST and Fashion-MNIST: drawn from their files evenly and repeatably, fetched whole or not at all."""

import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vibcore import data as datasets
from vibcore.__main__ import main
from vibcore.config import DatasetSpec
from vibcore.data import images
from vibcore.types import ConfigError

REAL = Path(__file__).parents[3] / "shared" / "data"
needs_mnist = pytest.mark.skipif(not (REAL / "mnist.npz").is_file(), reason="the MNIST file is not here")
both = pytest.mark.parametrize("name", images.NAMES)
CLEAN = DatasetSpec("mnist", n=300, flip=0.0)


def rows_of(count, first):
    """Images that tell their row: its number in the first two pixels; labels in turn."""
    x = np.zeros((count, 28, 28), np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.divmod(np.arange(first, first + count), 256)
    return x, (np.arange(count) % 10).astype(np.uint8)


def content(train=1000, test=500):
    (x_train, y_train), (x_test, y_test) = rows_of(train, 0), rows_of(test, train)
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def numbers(dataset):
    """The row of the file that each image is."""
    pixels = np.rint(dataset.x[:, :2] * 255).astype(int)
    return pixels[:, 0] * 256 + pixels[:, 1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BOTTLENECK_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def small(folder):
    """Both files, small: rows 0–999 are for training, 1000–1499 for testing."""
    for name in images.NAMES:
        np.savez_compressed(folder / f"{name}.npz", **content())
    return folder


def refusal(call, *arguments):
    with pytest.raises(ConfigError) as caught:
        call(*arguments)
    return str(caught.value)


@both
def test_a_dataset_has_the_shapes_and_types_it_promises(small, name):
    found = datasets.load(DatasetSpec(name, n=301))
    assert found.x.shape == (301, 784) and found.x.dtype == np.float32 and found.x.min() >= 0 and found.x.max() <= 1
    assert found.y.shape == (301,) and found.y.dtype == np.int64 and set(found.y) == set(range(10))
    assert found.image_shape == (28, 28) and len(set(found.feature_names)) == 784
    assert len(set(found.class_names)) == 10
    assert found.class_names[9] == {"mnist": "9", "fashion_mnist": "Ankle boot"}[name]


@pytest.mark.parametrize("n", [60, 301, 1500])
def test_rows_are_drawn_once_and_tested_on_test_rows_alone(small, n):
    found = datasets.load(replace(CLEAN, n=n))
    drawn = numbers(found)
    assert len(np.unique(drawn)) == n
    np.testing.assert_array_equal(np.sort(np.concatenate([found.train, found.test])), np.arange(n))
    assert (drawn[found.train] < 1000).all() and (drawn[found.test] >= 1000).all()
    assert len(found.test) == round(n / 3)
    np.testing.assert_array_equal(found.y, drawn % 10)  # every image keeps its label
    for part in (found.train, found.test):
        counts = np.bincount(found.y[part], minlength=10)
        assert counts.max() - counts.min() <= 1


def test_a_class_that_runs_out_is_replaced_by_the_others_evenly(folder):
    arrays = content()
    arrays["y_train"][:] = np.arange(1000) % 9  # of the last class there are ten
    arrays["y_train"][:10] = 9
    np.savez(folder / "mnist.npz", **arrays)
    found = datasets.load(CLEAN)
    counts = np.bincount(found.y[found.train])
    assert counts[9] == 10 and counts.sum() == 200 and np.ptp(counts[:9]) <= 1


def test_equal_specs_give_equal_arrays_and_other_seeds_do_not(small):
    before = np.random.get_state(legacy=False)["state"]["key"].copy()
    spec = replace(CLEAN, flip=0.1)
    one, same, other = (datasets.load(s) for s in (spec, replace(spec), replace(spec, seed=1)))
    for field in ("x", "y", "train", "test"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
        assert not np.array_equal(getattr(one, field), getattr(other, field))
    np.testing.assert_array_equal(np.random.get_state(legacy=False)["state"]["key"], before)


def test_labels_are_flipped_as_often_as_asked(small):
    found = datasets.load(replace(CLEAN, n=1500, flip=0.3))
    assert (found.y != numbers(found) % 10).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 1500))


def test_sets_are_listed_where_their_files_are(folder):
    assert not any(map(images.is_present, images.NAMES)) and not set(images.NAMES) & set(datasets.names())
    np.savez(folder / "fashion_mnist.npz", **content())
    assert [n for n in images.NAMES if images.is_present(n)] == ["fashion_mnist"] and datasets.names()[
        -1
    ] == "fashion_mnist"
    (folder / "mnist.npz").mkdir()
    assert not images.is_present("mnist")


@both
def test_a_set_that_is_not_there_says_how_to_get_it(folder, name):
    says = (
        f"dataset: got '{name}', expected the file {folder / name}.npz. "
        f"Run python -m vibcore fetch {name}, or set BOTTLENECK_DATA."
    )
    assert refusal(datasets.check, DatasetSpec(name)) == says
    assert refusal(datasets.load, DatasetSpec(name)) == says


def test_the_folder_is_the_users_cache_unless_said(monkeypatch):
    monkeypatch.delenv("BOTTLENECK_DATA")
    monkeypatch.setenv("HOME", "/home/someone")
    assert images.folder() == Path("/home/someone/.cache/bottleneck-lab")


WRONG = [
    (
        {"x_train": np.zeros((90, 784), np.uint8)},
        "got 'x_train uint8 (90, 784)', expected uint8 (rows, 28, 28), in the",
    ),
    ({"x_test": np.zeros((90, 28, 28))}, "got 'x_test float64 (90, 28, 28)', expected uint8 (rows, 28, 28), in the"),
    ({"y_train": np.zeros(7, np.uint8)}, "got 'y_train uint8 (7,)', expected uint8 (1000,), in the layout of Keras"),
    ({"y_test": np.zeros(500)}, "got 'y_test float64 (500,)', expected uint8 (500,), in the layout of Keras"),
    ({"y_test": np.full(500, 10, np.uint8)}, "got 'label 10 in y_test', expected labels from 0 to 9, in the layout"),
    ({"x_test": None}, "got 'no x_test', expected arrays x_train, y_train, x_test, y_test, in the layout of Keras"),
    ({"x_train": np.array([{}])}, "got 'a broken file (Object arrays cannot be loaded when allow_pickle=False)', exp"),
]


@pytest.mark.parametrize(("change", "says"), WRONG, ids=range(len(WRONG)))
def test_a_file_of_another_layout_is_refused(folder, change, says):
    arrays = {key: value for key, value in (content() | change).items() if value is not None}
    np.savez(folder / "mnist.npz", **arrays)
    said = refusal(datasets.load, CLEAN)
    assert said.startswith(f"mnist: {says}")
    assert said.endswith(f"Replace {folder}/mnist.npz: run python -m vibcore fetch mnist.")


@pytest.mark.parametrize(
    "damage",
    [lambda b: b"no archive", lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b[:200] + b"\x00" * 900 + b[1100:]],
    ids=["text", "empty", "cut", "overwritten"],
)
def test_a_broken_file_is_refused(small, damage):
    path = small / "mnist.npz"
    path.write_bytes(damage(path.read_bytes()))
    assert "a broken file (" in refusal(datasets.load, CLEAN)


def test_a_file_that_unpacks_to_too_much_is_refused_unread(folder, monkeypatch):
    with zipfile.ZipFile(folder / "mnist.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_train.npy", bytes(images.LARGEST + 10**6))
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    assert refusal(datasets.load, CLEAN).startswith("mnist: got '201 MB unpacked', expected at most 200 MB, in the")


@pytest.mark.parametrize(
    ("train", "test", "says"),
    [(150, 100, "'200 rows', expected at most 150"), (200, 99, "'100 rows', expected at most 99")],
)
def test_more_rows_than_the_file_has_are_refused(folder, train, test, says):
    np.savez(folder / "mnist.npz", **content(train, test))
    assert refusal(datasets.load, CLEAN) == f"dataset n: got {says} in that part of the file. Lower n."


def openml(monkeypatch, answer):
    """OpenML as a function of the name asked for; its first 100 rows are for training."""
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda name, **_: answer(name))
    monkeypatch.setattr(images, "TRAIN", 100)


def rows_of_openml(_, count=130):
    x, y = rows_of(count, 0)
    return SimpleNamespace(data=x.reshape(count, -1).astype(np.int64), target=np.array([str(c) for c in y], object))


@both
def test_a_fetched_set_is_the_one_that_is_loaded(folder, monkeypatch, capsys, name):
    asked = []
    openml(monkeypatch, lambda n: asked.append(n) or rows_of_openml(n))
    assert main(["fetch", name]) == 0
    assert capsys.readouterr().err == f"saved {folder}/{name}.npz\n"
    assert asked == [{"mnist": "mnist_784", "fashion_mnist": "Fashion-MNIST"}[name]]
    assert [p.name for p in folder.iterdir()] == [f"{name}.npz"]
    drawn = numbers(found := datasets.load(DatasetSpec(name, n=60, flip=0.0)))
    assert (drawn[found.train] < 100).all() and (drawn[found.test] >= 100).all()
    np.testing.assert_array_equal(found.y, drawn % 10)


def offline(_):
    warnings.warn("Retrying...", stacklevel=2)  # an error in these tests, unless it is kept quiet
    raise OSError("Name or service not known")


@pytest.mark.parametrize(
    ("answer", "says"), [(offline, "Name or service not known"), (lambda n: rows_of_openml(n, 90), "90 images")]
)
def test_a_fetch_that_fails_ends_in_one_line_and_leaves_the_old_file(folder, monkeypatch, capsys, answer, says):
    (folder / "mnist.npz").write_bytes(b"old")
    openml(monkeypatch, answer)
    assert main(["fetch", "mnist"]) == 2
    assert capsys.readouterr().err == (
        f"python -m vibcore fetch: mnist: got 'no download ({says})', expected mnist_784 from openml.org. "
        f"Check the network, or put Keras' mnist.npz into {folder}.\n"
    )
    assert [(p.name, p.read_bytes()) for p in folder.iterdir()] == [("mnist.npz", b"old")]


def test_a_file_that_could_not_be_finished_leaves_the_old_one(folder, monkeypatch, capsys):
    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    (folder / "mnist.npz").write_bytes(b"old")
    openml(monkeypatch, rows_of_openml)
    monkeypatch.setattr(np, "savez_compressed", full)
    assert main(["fetch", "mnist"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert [(p.name, p.read_bytes()) for p in folder.iterdir()] == [("mnist.npz", b"old")]


def test_a_fetch_of_what_is_unknown_or_into_what_is_no_folder_is_refused(folder, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fetch", "cifar"])
    assert "invalid choice: 'cifar'" in capsys.readouterr().err
    (folder / "file").write_text("")
    monkeypatch.setenv("BOTTLENECK_DATA", str(folder / "file"))
    openml(monkeypatch, lambda _: pytest.fail("it was downloaded"))
    assert main(["fetch", "mnist"]) == 2
    assert "expected one to write in" in capsys.readouterr().err


@needs_mnist
def test_the_real_mnist_is_drawn_evenly_from_its_own_parts(monkeypatch):
    monkeypatch.setenv("BOTTLENECK_DATA", str(REAL))
    assert "mnist" in datasets.names()
    found = datasets.load(DatasetSpec("mnist", n=3000, flip=0.0))
    for part, size in ((found.train, 200), (found.test, 100)):
        np.testing.assert_array_equal(np.bincount(found.y[part]), np.full(10, size))
    assert found.x.mean() == pytest.approx(0.1307, abs=0.005)  # of all of MNIST: 0.1307
    means = np.stack([found.x[found.train][found.y[found.train] == c].mean(0) for c in range(10)])
    nearest = ((found.x[found.test][:, None] - means) ** 2).sum(2).argmin(1)
    assert (nearest == found.y[found.test]).mean() > 0.75  # labels belong to their images: nearest means reach 0.82
