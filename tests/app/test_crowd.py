"""How the server is shared by many pages: messages less often, values in turn, and nobody counted who is gone."""

import gc
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboard import cache
from dashboard.cache import Shared
from dashboard.crowd import CLOSED, LARGEST, LAYOUT, ROOM, SHARE, Crowd
from dashboard.watch import MOST_PENDING, Watch
from vibcore import densities
from vibcore.config import DatasetSpec


class Page:
    """Anything that asks."""


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def clock(now: list[float]) -> Callable[[], float]:
    return lambda: now[0]


def test_time_between_messages_doubles_with_the_pages_and_goes_back_late(clock: Callable[[], float]) -> None:
    crowd, pages, slowdown = Crowd(clock), [Page() for _ in range(4 * ROOM)], 1
    seen = {}
    for count, page in enumerate(pages, 1):
        crowd.note(page)
        seen[count] = slowdown = crowd.slowdown(slowdown)
    assert [seen[n] for n in (1, ROOM, ROOM + 1, 2 * ROOM, 2 * ROOM + 1, 4 * ROOM)] == [1, 1, 2, 2, 4, 4]
    while len(pages) > 2 * ROOM:
        pages.pop()
    gc.collect()
    assert crowd.slowdown(4) == 4, "at the border it stays, as each change lays the page out anew"
    while crowd.count() > 1.4 * ROOM:
        pages.pop()
        del page
        page = pages[-1]
        gc.collect()
    assert crowd.slowdown(4) == 2
    del pages[:], page
    gc.collect()
    assert crowd.count() == 0 and crowd.slowdown(16) == 1


def test_messages_never_take_more_of_the_server_than_as_many_pages_as_have_room(clock: Callable[[], float]) -> None:
    crowd = Crowd(clock)
    pages = [Page() for _ in range(LARGEST * ROOM)]
    for count, page in enumerate(pages, 1):
        crowd.note(page)
        assert count / crowd.slowdown() <= ROOM


def test_a_page_that_asks_no_more_is_not_counted(now: list[float], clock: Callable[[], float]) -> None:
    crowd, page, other = Crowd(clock), Page(), Page()
    crowd.note(page)
    now[0] += CLOSED - 1
    crowd.note(other)
    assert crowd.count() == 2
    now[0] += 2
    assert crowd.count() == 1


def test_pages_that_open_at_once_get_their_controls_one_after_another(
    now: list[float], clock: Callable[[], float]
) -> None:
    crowd = Crowd(clock)
    assert [crowd.layout_delay() for _ in range(4)] == pytest.approx([0, LAYOUT, 2 * LAYOUT, 3 * LAYOUT])
    now[0] += 2.5 * LAYOUT
    assert crowd.layout_delay() == pytest.approx(1.5 * LAYOUT), "behind those who came before"
    now[0] += 10
    assert crowd.layout_delay() == 0, "a lone visitor never waits"


def test_values_in_training_take_their_share_and_no_more(now: list[float], clock: Callable[[], float]) -> None:
    crowd, spent = Crowd(clock), 0.0
    begin = now[0]
    while now[0] < begin + 60:
        with crowd.valuing() as is_free, crowd.valuing() as is_second_free:
            assert not is_second_free, "one at a time"
            now[0] += 0.1 if is_free else 0.01
            spent += 0.1 * is_free
    assert spent / (now[0] - begin) == pytest.approx(SHARE, rel=0.05)


def test_with_many_visitors_all_end_at_the_picture_with_new_points_and_lose_none() -> None:
    old, new, newest = object(), object(), object()
    pictures: Any = [SimpleNamespace(step=i, test=test) for i, test in enumerate([old, old, new, new, newest, newest])]
    alone, crowded = Watch(), Watch(slowdown=4)
    for watch in (alone, crowded):
        watch.pending_snapshots.extend(pictures)
    assert [picture.step for picture in alone.drain()] == [0, 1, 2, 3, 4, 5]
    assert [picture.step for picture in crowded.drain()] == [0, 1, 2, 3, 4]
    assert [picture.step for picture in crowded.drain()] == [5]
    assert crowded.drain() == []


def test_a_page_that_asks_late_gets_the_newest_pictures_as_many_as_one_message_shows() -> None:
    for slowdown in (1, 4):
        watch = Watch(slowdown=slowdown)
        watch.pending_snapshots.extend(SimpleNamespace(step=i, test=i) for i in range(200))  # type: ignore[misc]
        steps = [picture.step for picture in watch.drain()]
        assert steps == list(range(200 - MOST_PENDING * slowdown, 200))


def test_of_visitors_who_ask_at_once_one_makes_it_and_a_failure_stops_nobody_else() -> None:
    shared: Shared[int] = Shared(8)
    made: list[int] = []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        if len(made) == 1:
            raise OSError
        return 7

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(shared.get, "key", make) for _ in range(8)]
    failed = [each for each in asked if each.exception()]
    assert len(failed) == 1 and len(made) == 2
    assert {each.result() for each in asked if each not in failed} == {7}


def test_one_frontier_one_entropy_and_one_population_serve_samples_of_every_size_and_seed() -> None:
    spec = DatasetSpec("moons", noise=0.3)
    other = replace(spec, n=300, seed=7)
    for known in (cache.reference, cache.input_entropy, cache.population):
        assert known(spec) is known(other)
        assert known(spec) is not known(replace(spec, noise=0.31))
    one, same = densities.reference(spec), densities.reference(other)
    assert one is not None and same is not None and one.i_xy == same.i_xy
    assert np.array_equal(one.frontier.i_y, same.frontier.i_y) and np.array_equal(one.frontier.i_x, same.frontier.i_x)
    assert densities.input_entropy(spec) == densities.input_entropy(other)
