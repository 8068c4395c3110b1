"""What every file of the repository keeps to."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
DOWNLOAD = re.compile(r"https?://[^ )\">]+\.(whl|tar\.gz|tgz|deb)|--?(extra-)?index[-]url|find[-]links")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_with_hashes_and_name_no_host(name):
    text = (ROOT / name).read_text()
    assert DOWNLOAD.search(text) is None
    assert "://" not in text
    pins = re.findall(r"^([a-z0-9][\w.-]*)(.*)$", text, re.M)
    assert pins
    for package, rest in pins:
        assert re.match(r"==[\w.]+( ;.*)? \\$", rest), package
    assert text.count("\n    --hash=sha256:") >= len(pins)


def test_development_includes_what_runs():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9][\w.-]*==[\w.]+", (ROOT / name).read_text(), re.M))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_no_lock_file_with_addresses_is_kept():
    names = {path.name for path in _tracked()}
    assert names.isdisjoint({"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "package-lock.json"})


def test_no_download_address_or_index_in_any_file():
    texts = (path for path in _tracked() if path.suffix not in {".png", ".woff2", ".mo"})
    found = [str(path.relative_to(ROOT)) for path in texts if DOWNLOAD.search(path.read_text(errors="replace"))]
    assert found == []


@pytest.mark.parametrize("unit", sorted(path.name for path in (ROOT / "deploy/systemd").iterdir()))
def test_systemd_accepts_the_units(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    here = tmp_path / "units"
    shutil.copytree(ROOT / "deploy/systemd", here)
    for path in here.iterdir():  # the programs they name are not installed here
        path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.M))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here / unit)],
        capture_output=True, text=True, env={"SYSTEMD_UNIT_PATH": f"{here}:", "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "helpdesk" in line]
    assert (done.returncode, ours) == (0, [])
