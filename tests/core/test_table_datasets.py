"""From a table to a dataset: split, standardised, filled, and real labels as normal scores."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.core.test_tables import OWN, TABLE, encoded, lines, refusal, spoiled
from vibcore import data as datasets
from vibcore import tables
from vibcore.config import Config, DatasetSpec
from vibcore.data import bundled
from vibcore.tables import Reading
from vibcore.targets import Target
from vibcore.types import ConfigError


def test_a_dataset_of_a_table_is_standardised_and_split_as_the_built_in_ones():
    found = tables.dataset(TABLE, OWN)
    expected = bundled.from_table(TABLE.x, TABLE.y, OWN, ["a", "b"], ["x", "y", "z"])
    for field in ("x", "y", "train", "test"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
    assert (found.spec, found.feature_names, found.class_names) == (OWN, ("a", "b"), ("x", "y", "z"))
    assert found.x.dtype == np.float32 and found.image_shape is None


def test_equal_specs_give_equal_arrays_and_other_seeds_do_not():
    spec = replace(OWN, flip=0.2)
    one, same, other = (tables.dataset(TABLE, s) for s in (spec, replace(spec), replace(spec, seed=1)))
    for field in ("x", "y", "train", "test"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert not np.array_equal(one.y, other.y) and not np.array_equal(one.train, other.train)


def test_labels_of_a_table_are_flipped_as_often_as_asked():
    table = tables.read(encoded(lines(3000)))
    spec = DatasetSpec("own", flip=0.3, digest=table.digest)
    flipped = tables.dataset(table, spec).y != table.y
    assert flipped.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 3000))


@pytest.mark.parametrize("constant", ["7", "0.1", "1e99", "1e-320"])
def test_a_feature_that_never_changes_stays_a_number(constant):
    table = tables.read(encoded(lines(row=lambda i: f"{i / 2},{constant},{i % 3}")))
    assert "The same in every row: b." in table.notes
    found = tables.dataset(table, replace(OWN, digest=table.digest))
    assert np.isfinite(found.x).all() and np.ptp(found.x[:, 1]) == 0


def test_a_value_far_from_all_that_training_sees_is_refused():
    """It can only stand in the test rows: among those of training it would raise their deviation."""
    says = (
        r"table column 'a': got 'a value far from all others', expected at most 1e\+06 deviations.*\. Correct that row"
    )
    specs = [replace(OWN, seed=seed) for seed in range(6)]
    table = tables.read(spoiled(11, "1e40,2,x"))  # its a is 4.5 otherwise
    held_out = [9 in tables.dataset(TABLE, spec).test for spec in specs]
    assert {*held_out} == {True, False}
    for spec, out in zip((replace(s, digest=table.digest) for s in specs), held_out, strict=True):
        if out:
            with pytest.raises(ConfigError, match=says):
                tables.dataset(table, spec)
        else:
            assert np.isfinite(tables.dataset(table, spec).x).all()


def test_a_spec_of_another_table_is_refused():
    other = replace(OWN, digest="0" * 64)
    says = f"own table: got '000000000000…', expected the digest of this table, {TABLE.digest[:12]}…. Give the table"
    assert refusal(tables.dataset, TABLE, other).startswith(says)
    assert refusal(tables.dataset, TABLE, replace(OWN, flip=0.5)).startswith("dataset flip: got 0.5")


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "G" * 64, "0" * 64 + "\n"])
def test_an_own_table_is_legal_with_a_digest_alone(digest):
    datasets.check(OWN)
    says = f"dataset digest: got {digest[:12]!r}, expected the 64 hexadecimal digits of an own table's sha256. Read"
    assert refusal(datasets.check, replace(OWN, digest=digest)).startswith(says)


def test_an_own_table_cannot_be_loaded_by_its_name():
    says = "dataset: got 'own', expected a set that is known by its name. Read it with vibcore.tables.read and give"
    assert refusal(datasets.load, OWN).startswith(says)
    assert "own" not in datasets.names()


def test_a_config_with_a_table_survives_json():
    config = Config(OWN)
    assert Config.from_json(config.to_json()) == config


def test_real_labels_are_normal_scores_so_that_information_about_them_has_a_gaussian_entropy_to_be_measured_from():
    rng = np.random.default_rng(5)
    price = np.round(np.exp(rng.normal(size=300)), 2)  # skewed, with ties
    table = tables.read(encoded(["size,price", *(f"{p + rng.normal():.3f},{p}" for p in price)]))
    assert table.class_names == () and any("predicted as a number" in note for note in table.notes)
    made = tables.dataset(table, DatasetSpec("own", digest=table.digest))
    scores = made.y[:, 0].astype(float)
    assert made.y.shape == (300, 1) and made.y.dtype == np.float32 and set(made.labels) == {0, 1, 2}
    assert scores.mean() == pytest.approx(0, abs=1e-6) and scores.var() == pytest.approx(1, abs=0.01)
    order = np.argsort(scores)
    assert (np.diff(table.y[order]) >= 0).all()  # equal or rising: y is a function of its score
    np.testing.assert_allclose(np.sort(scores), stats.norm.ppf((np.arange(300) + 0.5) / 300), atol=1e-6)


def test_real_labels_are_cut_at_their_quantiles_by_choice():
    rows = encoded(lines(120, "a,y", lambda i: f"{i % 7},{i * 37 % 120 + 0.5}"))
    targets: tuple[Target, ...] = ("2", "3", "4", "5")
    for count, target in enumerate(targets, 2):
        table = tables.read(rows, Reading("y", target=target))
        assert np.bincount(table.y).tolist() == [120 // count] * count
        assert len(table.class_names) == count and table.class_names[0].startswith("≤ ")
        low, high = (table.y == 0), (table.y == count - 1)
        assert low.sum() == high.sum() and (table.x[:, 0] == [i % 7 for i in range(120)]).all()


def test_a_sample_of_many_rows_keeps_every_class_in_its_share():
    table = tables.read(
        encoded(lines(20_000, row=lambda i: f"{i / 2},{i % 7},{'x' if i % 1000 == 0 else 'yz'[i % 2]}"))
    )
    counts = np.bincount(table.y)
    assert 4990 <= len(table.y) <= 5000 and counts[0] == pytest.approx(6 + 14 / 4, abs=2)
    assert counts[1] == pytest.approx(5000 * 9980 / 20_000, abs=10)
    assert any("of 20,000 rows are drawn at random, of every class its share" in note for note in table.notes)
    assert (np.diff(table.x[:, 0]) > 0).all()
