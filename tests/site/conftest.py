"""The built site, served, and a real Chromium that reads it.

Browser and server live as long as one file's tests, not the whole session: Playwright keeps an
event loop running, and tests elsewhere start their own.
"""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_site import build
from playwright.sync_api import Browser, Playwright, sync_playwright

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_MISSING = (
    "No Chromium for the site's tests. Set WODE_CHROMIUM to one, install your system's "
    "(Debian: apt-get install chromium), or fetch Playwright's own: playwright install chromium"
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in both languages, built once, without an address of its own."""
    if given := os.environ.get("WODE_SITE"):  # a site that is built already, while writing tests
        return Path(given).resolve()
    return build(tmp_path_factory.mktemp("site"))


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


def chromium(playwright: Playwright) -> str:
    """The browser to use: named by WODE_CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("WODE_CHROMIUM")
    system = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    for path in [named] if named else [*system, playwright.chromium.executable_path]:
        if path and Path(path).is_file():
            return path
    raise FileNotFoundError(_MISSING)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            path = chromium(playwright)
        except FileNotFoundError as error:
            pytest.fail(str(error), pytrace=False)
        chrome = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield chrome
        chrome.close()
