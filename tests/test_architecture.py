"""The layers hold: who may import whom, and what the command line may not cost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("gantui.cli.app, gantui.cli.dashboard", ["torch", "textual", "typer", "rich", "numpy", "PIL"]),
        ("gantui.cli.commands", ["torch", "textual", "rich.progress", "sklearn", "numpy", "PIL"]),
        ("gantui.tui.draw.once", ["torch", "textual"]),
        ("gantui.runs.pictures", ["torch", "textual", "rich", "numpy", "PIL"]),
        ("gantui.report.page", ["torch", "textual", "rich", "typer", "sklearn"]),
        ("gantui.runs.samples", ["torch", "textual", "rich", "numpy"]),
        ("gantui.runs.status", ["torch", "textual", "rich"]),
        ("gantui.engine.process", ["torch", "textual", "rich"]),
        ("gantui.engine.trainer", ["textual", "rich", "sklearn", "scipy", "plotext", "typer"]),
        ("gantui.evaluation.measure", ["textual", "rich", "sklearn", "scipy", "plotext", "typer"]),
    ],
)
def test_importing_a_module_leaves_out_what_its_layer_has_no_business_with(module: str, absent: list[str]) -> None:
    code = f"import sys, {module}; print(*[name for name in {absent} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_the_import_contracts_are_kept() -> None:

    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_readme_and_ci_run_the_same_tests() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if "pytest" in line]
    assert lines, "the README says how to run the tests"
    assert lines[0] in (ROOT / ".ci/run").read_text().splitlines()
