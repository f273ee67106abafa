"""Shared fixtures, and the rules by which whole groups of tests are skipped: each says why and what would help."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, nothing about the code.
settings.register_profile("chargesheet", deadline=None)
settings.load_profile("chargesheet")

# Before anything imports the libraries that read them: no network, no screen, one thread a worker.
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", MPLBACKEND="agg", TZ="UTC")
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSERS_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
NO_BROWSER = (
    "no Chromium was found: install it (Debian, Ubuntu: 'apt-get install chromium'; "
    "macOS: 'brew install --cask chromium') or name one with CHROMIUM=/path/to/chromium"
)
CHROMIUM = pytest.StashKey[str | None]()
NO_SHARED = f"the coded articles are not at {SHARED}"


def find_chromium() -> str | None:
    """Return the Chromium to test with: the one that CHROMIUM names, else the first that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise pytest.UsageError(f"CHROMIUM={named} is not a program: name the file to run, or unset CHROMIUM")
        return found
    return next(filter(None, map(shutil.which, BROWSERS + BROWSERS_MACOS)), None)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHROMIUM] = find_chromium()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; keep all tests that load Stanza in one worker."""
    for item in items:
        if {"page", "browser"} & set(item.fixturenames):
            item.add_marker("chromium")
        if "shared" in item.fixturenames:
            item.add_marker("shared")
        if "pipeline" in item.fixturenames:
            item.add_marker("stanza")
        if item.get_closest_marker("chromium") and config.stash[CHROMIUM] is None:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason=NO_SHARED))
        if item.get_closest_marker("stanza") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("stanza"))
    # The longest first, so that no worker is left alone with them at the end.
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in ("e2e", "stanza")])


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of coded articles that stands beside a developer's checkout."""
    return SHARED


@pytest.fixture(scope="session")
def seed() -> Path:
    """The seed article, as it came."""
    return REPOSITORY / "data" / "raw" / "seed_000_f1d404792f7ddc49.txt"


@pytest.fixture(scope="session")
def pipeline():
    """The bundled Stanza pipeline, loaded once."""
    from chargesheet import stanza_models

    return stanza_models.load()


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest):
    """A headless Chromium, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=request.config.stash[CHROMIUM],
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A fresh page without network; the test fails if a script on it raises an error."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    errors = []
    context.on("weberror", lambda event: errors.append(str(event.error)))
    yield context.new_page()
    context.close()
    assert not errors, f"errors on the page: {errors}"
