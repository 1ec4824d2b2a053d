"""Options of the tests. What is exhaustive takes long and runs in ``make check-all``."""

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path, PurePath
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from wode.book import results

# Before torch is imported: spinning threads make small steps ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import helpers

pytest_plugins = ["pytester"]  # tests/book runs small books of its own
#: What the tests marked ``equals`` compared, by system.
EQUALITY = pytest.StashKey[dict[str, helpers.Compared]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="every page as pasted, notebook, mutation, kill (minutes, not seconds)",
    )
    parser.addoption(
        "--equality",
        action="store_true",
        help="write docs/assets/results/equality.json: how far each system is from its reference",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """All of ``pytest tests/`` runs on up to four cores, a file's tests in one process."""
    if "PYTEST_XDIST_WORKER" in os.environ or config.getoption("usepdb"):
        return
    cores = min(4, os.cpu_count() or 1)
    asked = [config.invocation_params.dir / name for name in config.args]
    free = config.getoption("numprocesses", 0) is None  # 0 without xdist
    if free and cores > 1 and asked == [Path(__file__).parent]:
        config.option.numprocesses = cores
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core for each process


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The site is built once, in the process that reads it; so are a file's servers and models."""
    if config.getvalue("dist") != "load":  # asked for by hand
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Places(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = PurePath(nodeid.partition("::")[0])
            return str(path.parent if path.parent.name == "site" else path)

    return Places(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis tries the same examples everywhere, new ones with ``--exhaustive``.

    So what fails in CI fails again at home. No verdict hangs on a machine's speed, and an example
    may use the folder of the one before it.
    """
    config.addinivalue_line("markers", "equals(system): holds a system against its reference")
    phases = [Phase.explicit, Phase.generate, Phase.target]  # any failure will do
    settings.register_profile(
        "wode",
        phases=phases if "WODE_ANY_FAILURE" in os.environ else tuple(Phase),
        derandomize=not config.getoption("--exhaustive"),
        print_blob=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile("wode")


@pytest.fixture(scope="session")
def exhaustive(pytestconfig: pytest.Config) -> bool:
    return pytestconfig.getoption("--exhaustive")


@pytest.fixture(autouse=True)
def _equality(request: pytest.FixtureRequest) -> Generator[None]:
    """With ``--equality``, what the tests marked ``equals`` compared is kept by system."""
    mark = request.node.get_closest_marker("equals")
    if mark is None or not request.config.getoption("--equality"):
        yield
        return
    vars(helpers.compared).update(vars(helpers.Compared()))
    yield
    (system,) = mark.args
    found = request.config.stash.setdefault(EQUALITY, {})
    before, now = found.get(system, helpers.Compared()), helpers.compared
    found[system] = helpers.Compared(
        before.configurations + now.configurations,
        max(before.outputs, now.outputs),
        max(before.gradients, now.gradients),
    )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    found = session.config.stash.get(EQUALITY, {})
    if found and exitstatus == pytest.ExitCode.OK:
        results.write(
            "equality",
            {system: vars(compared) for system, compared in sorted(found.items())},
            command="python -m pytest tests -m equals --equality -n 0",
            note_zh=(
                "系统与参照实现的最大差别：随机的配置、权重、填充和掩码；"
                "输出和梯度都以最大的数为单位（它小于 1 时以 1 为单位），双精度"
            ),
            note_en=(
                "The largest difference between a system and its reference, over random "
                "configurations, weights, padding and masks; outputs and gradients in units of the "
                "largest number (of 1 where that is smaller), in double precision"
            ),
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, object, object]:
    """The last lines say what was not verified because this machine lacks something."""
    summed = yield
    reports = terminalreporter.getreports("skipped")
    why = Counter(str(report.longrepr[2]) for report in reports)
    for reason, tests in why.items():
        if "--exhaustive" not in reason:
            terminalreporter.line(
                f"not verified, {tests} tests: {reason.removeprefix('Skipped: ')}"
            )
    return summed
