"""Files that chance has spoiled: each is a table or is refused in words that say where and what to do, and soon."""

import re
import time

import numpy as np
import pytest

from tests.cases.test_table_kinds import READ, encoded
from tests.cases.test_table_refusals import REFUSED
from vibcore import tables
from vibcore.config import DatasetSpec
from vibcore.tables import Reading
from vibcore.types import ConfigError

FILES = 300
LONGEST = 20  # seconds, on a machine that does much else: most take a hundredth
BASES = [encoded(data) for data, *_ in (*READ.values(), *REFUSED.values()) if len(encoded(data)) < 50_000]
BITS = [
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"-",
    b"e9",
    b"1" * 400,
    b"=",
    b"(",
    b")",
    b"%",
    b"NA",
    b"nan",
    b"inf",
    b"#",
    b"sep=",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"<",
    b"@",
    b"{",
    b"," * 10,
    b'"' * 9,
    b" " * 200,
    "−".encode(),
    "\u202e".encode(),
    b"1e308",
    b"1e-400",
    b"0x1",
    b"1_0",
    b"\\",
    b"2024-01-01",
    b"9" * 30,
    b"TRUE",
]
READINGS = [
    Reading(),
    Reading(gaps="median"),
    Reading(words="leave out"),
    Reading(target="real"),
    Reading(target="3"),
    Reading(target="classes", gaps="median"),
]


def spoiled(rng):
    """A file of some table or none, after a few accidents."""
    data = BASES[rng.integers(len(BASES))]
    for _ in range(rng.integers(1, 7)):
        data = accident(data, rng)
    return data


def accident(data, rng):
    """Something lost, doubled, exchanged or come in between."""
    at, to = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    bit, some, few = BITS[rng.integers(len(BITS))], int(rng.integers(1, 40)), int(rng.integers(1, 9))
    results = [
        lambda: data[:at] + bit + data[at:],
        lambda: data[:at] + data[at + some :],
        lambda: data[:at] + data[at : at + few] * some + data[at:],
        lambda: data[:at] + rng.bytes(few) + data[at:],
        lambda: data[:to],
        lambda: data[at:],
        lambda: data + BASES[rng.integers(len(BASES))],
        lambda: data.replace(b",", bit),
        lambda: data.replace(b"\n", bit, few),
        lambda: data.replace(b"1", bit, some),
        lambda: b"\n".join(rng.permutation(np.array(data.split(b"\n"), dtype=object)).tolist()),
        lambda: bytes(rng.permutation(np.frombuffer(data, dtype=np.uint8))),
    ]
    odds = [0.2, 0.15, 0.1, 0.1, 0.08, 0.07, 0.06, 0.07, 0.07, 0.06, 0.03, 0.01]
    return results[rng.choice(len(results), p=odds)]()


def outcome(data, reading):
    """A dataset, known to hold numbers alone, or the words of a refusal."""
    try:
        table = tables.read(data, reading)
        made = tables.dataset(table, DatasetSpec("own", flip=0.1, digest=table.digest))
    except ConfigError as error:
        return str(error)
    assert np.isfinite(made.x).all() and np.isfinite(made.y).all()
    assert 60 <= len(made.x) == len(made.y) <= 5000 and made.x.shape[1] == len(made.feature_names) <= 256
    assert len(set(made.feature_names)) == len(made.feature_names)
    assert all(name.isprintable() and len(name) <= 100 for name in (*made.feature_names, *made.class_names))
    assert all(len(note) < 2000 for note in table.notes)
    return ""


@pytest.mark.parametrize("part", range(4))
def test_no_file_breaks_the_reader_and_every_refusal_says_where_and_what_to_do(part):
    rng = np.random.default_rng([17, part])
    refused = 0
    for _ in range(FILES // 4):
        data, reading = spoiled(rng), READINGS[rng.integers(len(READINGS))]
        start = time.perf_counter()
        said = outcome(data, reading)
        assert time.perf_counter() - start < LONGEST
        if said:
            refused += 1
            assert re.fullmatch(r"[^:]+: got .+, expected .+\. [A-Z].+\.", said, re.DOTALL) and len(said) < 600, said
            assert re.match(r"table|label column|own table", said)
    assert FILES // 40 < refused < FILES // 4  # both outcomes are proved


@pytest.mark.parametrize(
    "data",
    [
        b"," * 2**18,
        b'"' * 2**18,
        b"1" * 2**18,
        b"\n" * 2**18,
        b"a\n" * 2**17,
        b"1,2\n" * 2**16,
        b" " * 2**18 + b"1,2\n",
        b"-" * 2**18 + b",1\n",
        b"1 " * 2**17,
        b"'" * 2**18,
        b"(" * 2**17 + b",1",
        b"1." * 2**17,
        b"\xe4" * 2**18,
        b"#\n" * 2**17,
        b"%\n" * 2**17,
        b"--\n" * 2**16,
        b"/*" * 2**17,
        (b"1'" * 60 + b"\n") * 2**11,
        b"\n".join(b"%d.%d,%d" % (i, i, i) for i in range(15_000)),
    ],
    ids=range(19),
)
def test_no_file_takes_long(data):
    start = time.perf_counter()
    outcome(data, Reading())
    assert time.perf_counter() - start < LONGEST
