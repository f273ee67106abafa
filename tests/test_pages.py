"""The narrative and the notebooks' pages in a real browser, at the width of a desk and of a phone."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from test_notebook import HOSTILE, results  # noqa: F401


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["narrative", "notebooks/accusations"])
def test_pages_are_readable(page, results, name, width, scheme):  # noqa: F811
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    address = (results / f"{name}.html").as_uri()
    page.goto(address)
    assert messages == []
    assert {url for url in requests if not url.startswith("data:")} == {address}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps([(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found], indent=1)


def test_hostile_text_is_text(page, results):  # noqa: F811
    page.goto((results / "narrative.html").as_uri())
    shown = " ".join(page.inner_text("main").split())
    assert " ".join(HOSTILE.split()) in shown
    assert page.locator("main script, main img[src=x]").count() == 0


def test_a_phone_gets_the_narrow_figure(page, results):  # noqa: F811
    sizes = {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto((results / "narrative.html").as_uri())
        sizes[width] = page.evaluate("document.querySelector('figure img').naturalWidth")
    assert sizes[390] < sizes[1280] / 2
