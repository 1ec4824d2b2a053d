"""See that there is a Chromium for the browser tests, or say what is missing: ``tools/browser.py``.

Looked for in this order: the program that ``WODE_CHROMIUM`` names; a Chromium or Chrome that is
installed; Playwright's own. Where there is none, Debian's package is installed under ``CI=true``,
and elsewhere Playwright's own is fetched.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES += ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
MISSING = """\
browser: the browser tests need a Chromium, and none was found. One of these helps:
  .venv/bin/python -m playwright install --with-deps chromium    (asks for sudo on Linux)
  sudo apt-get install chromium                                  (Debian; elsewhere its like)
  export WODE_CHROMIUM=/path/to/chromium                         (one that is somewhere else)
To run the pages alone, which need no browser:  source .venv/bin/activate && pytest docs/"""


def find() -> str | None:
    """The path of a Chromium, or None where there is none.

    Raises:
        FileNotFoundError: WODE_CHROMIUM names a program that is not there.
    """
    if named := os.environ.get("WODE_CHROMIUM"):
        if not (found := shutil.which(named)):
            raise FileNotFoundError(f"WODE_CHROMIUM={named}: expected a program, found none there")
        return found
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright  # slow, and seldom needed

    with sync_playwright() as playwright:
        return shutil.which(playwright.chromium.executable_path)


def fetch() -> None:
    """Get a Chromium the way this machine allows; `find` then tells whether it came."""
    if os.environ.get("CI") == "true" and shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        for arguments in (["update", "-qq"], ["install", "-qq", "--yes", "chromium"]):
            subprocess.run([*root, "apt-get", *arguments], stdin=subprocess.DEVNULL)
    else:
        print("browser: no Chromium here; asking Playwright for its own", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def version(path: str) -> str | None:
    """What the program says of its version, or None where it does not start."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    try:
        if find() is None:
            fetch()
        path = find()
    except FileNotFoundError as error:
        sys.exit(f"browser: {error}")
    if path is None:
        sys.exit(MISSING)
    if (said := version(path)) is None:
        sys.exit(f"browser: {path} does not start; libraries it needs may be missing\n{MISSING}")
    print(f"browser: {said} ({path})")


if __name__ == "__main__":
    main()
