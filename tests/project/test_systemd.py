"""``deploy/manage`` runs commands as the units run the product: the same settings, the same credentials."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UNIT = (ROOT / "deploy/systemd/helpdesk-prepare.service").read_text()


def _called(folder: Path, *arguments: str) -> list[str]:
    stand_in = folder / "systemd-run"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stand_in.chmod(0o755)
    done = subprocess.run(
        [str(ROOT / "deploy/manage"), *arguments], env={"PATH": f"{folder}:{os.defpath}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_wrapper_gives_what_the_units_give(tmp_path: Path) -> None:
    called = _called(tmp_path, "setup_code")
    unit = next(word.removeprefix("--unit=") for word in called if word.startswith("--unit="))
    given = {word.removeprefix("--setenv=") for word in called if word.startswith("--setenv=")}
    wanted = re.findall(r"^Environment=(.+)$", UNIT, re.M)
    assert given == {one.replace("%d", f"/run/credentials/{unit}") for one in wanted}
    for line in re.findall(r"^(?:LoadCredential|EnvironmentFile|StateDirectory|UMask)=.+$", UNIT, re.M):
        assert f"--property={line}" in called
    assert {"--uid=helpdesk", "--gid=helpdesk", "--pipe", "--wait"} <= set(called)
    assert called[-4:] == ["--", "/opt/helpdesk/.venv/bin/python", "manage.py", "setup_code"]


def test_wrapper_passes_words_on_as_they_are(tmp_path: Path) -> None:
    """systemd would put variables in place of single dollar signs."""
    assert _called(tmp_path, "shell", "-c", "print('$HOME a  b')")[-2:] == ["-c", "print('$$HOME a  b')"]


def test_set_up_code_is_written_into_the_journal() -> None:
    assert re.search(r"^ExecStart=-.+ manage\.py setup_code --verbosity 0$", UNIT, re.M)
