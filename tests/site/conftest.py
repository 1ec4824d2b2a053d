"""The built site, served, and a real Chromium that reads it.

Browser and server live as long as one file's tests, not the whole session: Playwright keeps an
event loop running, and tests elsewhere start their own.
"""

import functools
import http.server
import os
import runpy
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from built_site import ADDRESSES, build, light_build
from playwright.sync_api import Browser, expect
from reader import launched

from wode.book import ROOT

expect.set_options(timeout=60_000)  # how long it takes is no part of a verdict


@pytest.fixture(scope="session")
def builds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Path]]]:
    """The sites that tests ask for, built side by side."""
    asked = {name for test in request.session.items for name in getattr(test, "fixturenames", ())}
    with ThreadPoolExecutor() as threads:
        started = {}
        if "site" in asked and "WODE_SITE" not in os.environ:
            started["site"] = threads.submit(build, tmp_path_factory.mktemp("site"))
        if "addressed" in asked:
            folder = tmp_path_factory.mktemp("addressed")
            targets = folder / "site", folder / "packages"
            started["addressed"] = threads.submit(light_build, *targets, **ADDRESSES)
        yield started


@pytest.fixture(scope="session")
def site(builds: dict[str, Future[Path]]) -> Path:
    """The site in both languages, built once, without an address of its own."""
    if given := os.environ.get("WODE_SITE"):  # a site that is built already, while writing tests
        return Path(given).resolve()
    return builds["site"].result()


@pytest.fixture(scope="session")
def addressed(builds: dict[str, Future[Path]]) -> Path:
    """The site with the environment's addresses, built with the light extra alone."""
    return builds["addressed"].result()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """A static host: files, and its 404 page for anything else."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site on this machine, ending in a slash."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Handler, directory=str(site))
    ) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path. Where there is none its tests are skipped; in CI they fail."""
    tool = runpy.run_path(str(ROOT / "tools" / "browser.py"))
    try:
        return tool["find"]()
    except FileNotFoundError as error:
        (pytest.fail if tool["CI"] else pytest.skip)(f"the site in a browser: {error}")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium) as browser:
        yield browser
