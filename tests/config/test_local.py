"""The local servers (ADR 5), in folders of their own: the servers of this checkout are not disturbed."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from config import local
from config.local.place import LocalServersError, Place, copy_for_everybody, make_folder
from config.local.postgres import Postgres
from config.local.valkey import Valkey

CHECKOUT = local.BASE_DIR


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of its own, with a short path that any user may enter."""
    folder = Path("/tmp") / f"jb-{os.getpid()}"
    make_folder(folder)
    yield folder.resolve()
    _forget(folder)


def _forget(folder: Path) -> None:
    here = local.place(folder)
    for path in (folder, here.home, here.sockets):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def holder(base: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start another command that holds a lease until its input ends."""
    program = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from config import local
        with local.servers(base=Path({str(base)!r})):
            print("here", flush=True)
            sys.stdin.read()
        """
    )
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start

    for process in started:
        with contextlib.suppress(BrokenPipeError):
            process.communicate(timeout=120)


def _arrive(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"


def _leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=120)
    assert process.returncode == 0


def _until_one_has_ended(base: Path) -> Path | None:
    """A killed process is gone once the kernel has come to it."""
    for _ in range(200):
        if ended := local.ended(base):
            return ended
        time.sleep(0.1)
    return None


def _postgres(base: Path) -> Postgres:
    return Postgres(local.place(base), local.local_settings(base))


def _valkey(base: Path) -> Valkey:
    return Valkey(local.place(base), local.local_settings(base))


def _server_pid(base: Path) -> int:
    return int((_postgres(base).data / "postmaster.pid").read_text().split()[0])


def _connect(base: Path, name: str = "DATABASE_URL", **options: Any) -> psycopg.Connection[Any]:
    url = urlsplit(local.local_settings(base)[name])
    folder, _, database = url.path.removeprefix("/").rpartition("/")
    given = {"host": folder, "port": url.port, "dbname": database, "user": url.username, "password": url.password}
    return psycopg.connect(**(given | options))


def test_two_commands_at_once_share_one_server_and_the_last_stops_it(
    base: Path, holder: Callable[[], subprocess.Popen[str]]
) -> None:
    first, second = holder(), holder()
    _arrive(first)
    _arrive(second)
    pid = _server_pid(base)

    _leave(first)

    assert (_server_pid(base), _postgres(base).is_running(), _valkey(base).is_running()) == (pid, True, True)

    _leave(second)

    assert (_postgres(base).is_running(), _valkey(base).is_running()) == (False, False)


def test_a_dead_holder_does_not_keep_the_servers_alive(base: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    killed = holder()
    _arrive(killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait(120)
    pid = _server_pid(base)

    with local.servers(base=base):
        assert _server_pid(base) == pid

    assert (_postgres(base).is_running(), _valkey(base).is_running()) == (False, False)


def test_a_server_killed_from_outside_is_noticed_and_started_again(base: Path) -> None:
    with local.servers(base=base):
        before = local.ended(base)
        os.kill(_server_pid(base), signal.SIGKILL)
        after = _until_one_has_ended(base)

    assert (before, after) == (None, _postgres(base).log)

    with local.servers(base=base), _connect(base) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_process_number_that_somebody_else_got_is_not_taken_for_the_server(base: Path) -> None:
    with local.servers(base=base, valkey=False):
        pass
    stale = _postgres(base).data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n5432\n/tmp\n\n0 0\nready\n")

    with local.servers(base=base, valkey=False), _connect(base) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_was_written_is_there_at_the_next_start(base: Path) -> None:
    with local.servers(base=base, valkey=False), _connect(base, "DATABASE_OWNER_URL") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    with local.servers(base=base, valkey=False), _connect(base, "DATABASE_OWNER_URL") as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_roles_get_new_passwords_when_the_settings_are_made_anew(base: Path) -> None:
    with local.servers(base=base, valkey=False):
        old = urlsplit(local.local_settings(base)["DATABASE_URL"]).password
    (base / "var" / "local.env").unlink()

    with local.servers(base=base, valkey=False):
        _connect(base).close()

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            _connect(base, password=old)


def test_the_superuser_cannot_sign_in(base: Path) -> None:
    with local.servers(base=base, valkey=False):
        for password in ("", "postgres"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                _connect(base, user="postgres", password=password)


def test_the_servers_listen_on_no_network_port_and_for_nobody_else(base: Path) -> None:
    with local.servers(base=base), _connect(base) as connection:
        sockets = local.place(base).sockets
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert "port 0\n" in (_valkey(base).folder / "valkey.conf").read_text()


def test_the_servers_never_run_as_root(base: Path) -> None:
    with local.servers(base=base):
        server = Path(f"/proc/{_server_pid(base)}").stat()
        expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()

        assert (server.st_uid, _postgres(base).data.stat().st_uid) == (expected, expected)


def test_an_old_cluster_is_refused_with_a_sentence(base: Path) -> None:
    with local.servers(base=base, valkey=False):
        pass
    version = _postgres(base).data / "PG_VERSION"
    written = version.read_text()
    version.write_text("16\n")

    with pytest.raises(LocalServersError, match="is of PostgreSQL 16, not 18"), local.servers(base=base, valkey=False):
        pass

    version.write_text(written)


def test_settings_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = local.env_file(tmp_path).read_text()

    assert local.env_file(tmp_path).read_text() == first
    assert stat.S_IMODE((tmp_path / "var" / "local.env").stat().st_mode) == 0o600
    assert [line.split("=")[0] for line in first.splitlines()[1:]] == [
        "SECRET_KEY",
        "NIK_SEAL_KEYS",
        "NIK_DIGEST_KEY",
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "DEMO",
    ]


def test_a_moved_checkout_keeps_its_keys_and_finds_its_sockets(tmp_path: Path) -> None:
    before = local.local_settings(_folder(tmp_path / "before"))
    (tmp_path / "before").rename(tmp_path / "after")

    after = local.local_settings(tmp_path / "after")

    assert {name: after[name] for name in local.KEYS} == {name: before[name] for name in local.KEYS}
    assert urlsplit(after["DATABASE_URL"]).password == urlsplit(before["DATABASE_URL"]).password
    assert str(local.place(tmp_path / "after").sockets) in after["DATABASE_URL"]


def test_local_keys_are_never_mixed_with_given_ones(tmp_path: Path) -> None:
    assert local.keys(known={}, base=tmp_path) == {}

    local.env_file(tmp_path)

    assert tuple(local.keys(known={}, base=tmp_path)) == local.KEYS
    assert local.keys(known={"SECRET_KEY": "given"}, base=tmp_path) == {}


def test_a_long_path_gets_its_sockets_in_a_short_one() -> None:
    long = Place(base=Path("/srv") / ("x" * 100), as_root=False)
    odd = Place(base=Path("/srv/a folder, so named"), as_root=False)
    short = Place(base=Path("/srv/jemput"), as_root=False)

    assert [where.sockets.parent for where in (long, odd)] == [Path("/tmp"), Path("/tmp")]
    assert long.sockets != odd.sockets
    assert short.sockets == Path("/srv/jemput/var/servers/run")


def test_where_the_servers_user_cannot_enter_they_live_outside_and_nothing_is_opened(tmp_path: Path) -> None:
    closed = _folder(tmp_path / "closed")
    closed.chmod(0o700)
    checkout = _folder(closed / "checkout")

    here = Place(base=checkout, as_root=True)

    assert here.home == Path("/var/tmp") / f"jemput-bola-{here.key}"
    assert Place(base=checkout, as_root=False).home == checkout / "var" / "servers"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_the_servers_run_from_a_closed_checkout_too(tmp_path: Path) -> None:
    closed = _folder(tmp_path / "closed")
    closed.chmod(0o700)
    checkout = _folder(closed / "checkout")
    try:
        with local.servers(base=checkout), _connect(checkout) as connection:
            assert connection.execute("SELECT current_user::text").fetchone() == ("jemput_bola_app",)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        _forget(checkout)


def test_a_copy_of_the_binaries_can_be_run_by_any_user(tmp_path: Path) -> None:
    private = _folder(tmp_path / "private")
    (private / "program").write_text("#!/bin/sh\n")
    for path in (private / "program", private):
        path.chmod(0o700)

    copy_for_everybody(private, _folder(_folder(tmp_path / "wheels") / "stamp") / "copy")

    modes = [stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "wheels").rglob("*"))]
    assert modes == [0o755, 0o755, 0o755]


def test_a_folder_of_somebody_else_is_refused() -> None:
    with pytest.raises(LocalServersError, match="belongs to another user"):
        make_folder(Path("/usr"), owner=(12345, 12345))

    assert Path("/usr").stat().st_uid != 12345


def test_a_link_in_the_place_of_our_folder_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(_folder(tmp_path / "elsewhere"))

    with pytest.raises(LocalServersError, match="belongs to another user"):
        make_folder(link, owner=(os.geteuid(), os.getegid()))


def test_configured_reads_the_environment_and_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert not local.configured(tmp_path)

    (tmp_path / ".env").write_text("# DATABASE_URL=postgresql://a\nDATABASE_URL=\n")
    assert not local.configured(tmp_path)

    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://a\n")
    assert local.configured(tmp_path)

    (tmp_path / ".env").unlink()
    monkeypatch.setenv("DATABASE_URL", "postgresql://a")
    assert local.configured(tmp_path)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
