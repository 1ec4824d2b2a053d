"""See that there is a Chromium for the browser tests, or say what is missing: ``tools/browser.py``.

Looked for in this order: the program that ``WODE_CHROMIUM`` names; a Chromium or Chrome that is
installed; Playwright's own. Where there is none, Debian's package is installed under ``CI=true``
and for root in a container, and elsewhere Playwright's own is fetched. Where none can be had, the
browser tests are skipped; under ``CI=true`` they fail.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES += ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
MISSING = """\
browser: the browser tests need a Chromium: {}. One of these helps:
  .venv/bin/python -m playwright install --with-deps chromium    (asks for sudo on Linux)
  sudo apt-get install chromium                                  (Debian; elsewhere its like)
  export WODE_CHROMIUM=/path/to/chromium                         (one that is somewhere else)
Without one they are skipped, and fail under CI=true; all else runs."""
FIRST_PROCESS = Path("/proc/1/comm")
CI = os.environ.get("CI") == "true"


def find() -> str:
    """The path of a Chromium that starts.

    Raises:
        FileNotFoundError: there is none, or WODE_CHROMIUM names a program that is not there, or
            none of those that were found starts; the message says which.
    """
    if named := os.environ.get("WODE_CHROMIUM"):
        if not (path := shutil.which(named)):
            raise FileNotFoundError(f"WODE_CHROMIUM={named}: expected a program, found none there")
        paths = [path]
    else:
        paths = [path for name in NAMES if (path := shutil.which(name))]
    if path := next(filter(version, paths), None):
        return path
    if not named:
        from playwright.sync_api import sync_playwright  # slow, and seldom needed

        with sync_playwright() as playwright:
            own = shutil.which(playwright.chromium.executable_path)
        if own and version(own):
            return own
        paths += [own] if own else []
    if not paths:
        raise FileNotFoundError("no Chromium was found")
    raise FileNotFoundError(
        f"{' and '.join(paths)}: does not start; libraries it needs may be missing"
    )


def fetch() -> None:
    """Get a Chromium the way this machine allows; `find` then tells whether it came."""
    if shutil.which("apt-get") and (CI or (os.geteuid() == 0 and in_container())):
        sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        for arguments in (["update", "-qq"], ["install", "-qq", "--yes", "chromium"]):
            subprocess.run([*sudo, "apt-get", *arguments], stdin=subprocess.DEVNULL)
        if any(version(path) for name in NAMES if (path := shutil.which(name))):
            return  # Ubuntu's package of that name is none
    print("browser: no Chromium here; asking Playwright for its own", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def in_container() -> bool:
    """Whether the first process is some program, not the one that starts a whole system."""
    return FIRST_PROCESS.is_file() and FIRST_PROCESS.read_text().strip() not in ("systemd", "init")


def version(path: str) -> str | None:
    """What the program says of its version, or None where it does not start."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    """Say which Chromium there is, or what to do; the tests skip or fail, so this is no error."""
    try:
        path = find()
    except FileNotFoundError:
        if not os.environ.get("WODE_CHROMIUM"):
            fetch()
        try:
            path = find()
        except FileNotFoundError as error:
            print(MISSING.format(error), file=sys.stderr)
            return
    print(f"browser: {version(path)} ({path})")


if __name__ == "__main__":
    main()
