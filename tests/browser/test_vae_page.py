"""The VAE page as its users meet it."""

import re

import pytest

from tests.browser.test_explore import pause, step, wait_past

pytestmark = pytest.mark.browser


def test_the_vae_trains_and_shows_its_elbo(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("vae?dataset=digits&encoder=32&decoder=32")
    wait_past(page, 20)
    pause(page)
    page.wait_for_timeout(1500)
    numbers = dict(
        zip(
            page.locator(".lab-numbers dt").all_inner_texts(),
            page.locator(".lab-numbers dd").all_inner_texts(),
            strict=True,
        )
    )
    elbo = next(float(v) for k, v in numbers.items() if k.startswith("ELBO"))
    rate = next(float(v) for k, v in numbers.items() if k.startswith("rate"))
    cost = next(float(v) for k, v in numbers.items() if k.startswith("distortion"))
    assert elbo == pytest.approx(-(rate + cost), abs=0.02)
    assert "ELBO" in page.inner_text(".lab-ticks")


def test_dragging_shows_other_reconstructions_without_the_server(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("vae?dataset=moons")
    wait_past(page, 20)
    pause(page)
    page.wait_for_function("() => Object.values(window.labStage.scene.arrays).some((a) => a.models?.length === 25)")
    page.context.set_offline(True)
    before = page.inner_text(".lab-numbers")
    page.evaluate(
        """() => { const range = document.querySelector('.lab-range'); range.value = 2;
        range.dispatchEvent(new Event('input', { bubbles: true })); }"""
    )
    page.wait_for_function(f"() => document.querySelector('.lab-numbers').innerText !== {before!r}")
    assert page.evaluate("() => window.labStage.scene.chosen") == 2
    assert page.inner_text(".lab-numbers") != before
    page.context.set_offline(False)


def test_vib_and_vae_stand_side_by_side_with_what_they_spend(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("vae?dataset=digits&compare=1")
    wait_past(page, 10)
    captions = " ".join(page.locator(".lab-numbers dt").all_inner_texts())
    assert "VIB: bits about the class" in captions and "VAE: bits about the rest" in captions


def test_the_pages_lead_to_each_other_with_the_same_problem(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?dataset=moons")
    wait_past(page, 5)
    page.get_by_role("link", name="VAE").click()
    page.wait_for_url(re.compile("/vae"))
    page.wait_for_function("() => /Rate and distortion/.test(document.querySelector('.lab-panels')?.innerText)")
    wait_past(page, 5)
    assert step(page) > 0
    page.wait_for_url(re.compile("dataset=moons"))
