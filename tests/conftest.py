"""Options of the tests. What is exhaustive takes long and runs in ``make check-all``."""

import os

import pytest

# Before torch is imported: spinning threads make small steps ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

pytest_plugins = ["pytester"]  # tests/book runs small books of its own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="every page from the clipboard, every notebook, every mutation (minutes, not seconds)",
    )


@pytest.fixture(scope="session")
def exhaustive(pytestconfig: pytest.Config) -> bool:
    return pytestconfig.getoption("--exhaustive")
