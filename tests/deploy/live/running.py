"""Real processes for the tests of this folder: PostgreSQL, NATS, our servers, nginx.

The programs are FECHATTER_SERVER_BINARY and NOTIFY_SERVER_BINARY (environment).
"""

import atexit
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ROOT / "deploy/local/services"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

# Hashing at production strength, and the limits of one address, would be all that is measured.
WIDE = "1000000"
QUICK = {
    "FECHATTER_AUTH__PASSWORD_MEMORY_KIB": "64",
    "FECHATTER_AUTH__PASSWORD_ITERATIONS": "1",
    "FECHATTER_AUTH__SIGN_UP": "open",
    "FECHATTER_AUTH__WORKSPACE_JOIN": "open",
    "FECHATTER_FILES__FREE_MIB_MIN": "0",
    "FECHATTER_DATABASE__MIGRATIONS": str(ROOT / "migrations"),
    **{
        f"FECHATTER_LIMITS__{name}_{unit}": WIDE
        for name, units in {
            "SIGN_IN": ("PER_MINUTE", "BURST"),
            "ACCOUNT": ("PER_MINUTE", "BURST"),
            "ADDRESS": ("PER_MINUTE", "BURST"),
            "MEMBER_CHANGES": ("PER_MINUTE", "BURST"),
            "CHATS": ("PER_MINUTE", "BURST"),
            "USER_ROWS": ("PER_SECOND", "BURST"),
            "WORKSPACE_ROWS": ("PER_SECOND", "BURST"),
        }.items()
        for unit in units
    },
}
OF_BOTH = {
    "FECHATTER_SERVER__ADDRESS": "127.0.0.1",
    "FECHATTER_ADMIN__PORT": "0",
    "FECHATTER_HTTP__TRUSTED_PROXIES": "127.0.0.1",
    "FECHATTER_HTTP__CONNECTIONS_PER_ADDRESS_MAX": "20000",
    "FECHATTER_LIMITS__USER_PER_SECOND": WIDE,
    "FECHATTER_LIMITS__USER_BURST": WIDE,
    "FECHATTER_LIMITS__STRANGER_PER_SECOND": WIDE,
    "FECHATTER_LIMITS__STRANGER_BURST": WIDE,
}
STREAMS = {
    "FECHATTER_LIMITS__STREAMS_PER_MINUTE": WIDE,
    "FECHATTER_LIMITS__STREAMS_BURST": WIDE,
    "FECHATTER_EVENTS__PRESENCE_CHANGES_MAX": "0",
}


# ctest ends a test that takes too long so.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def eventually(is_so, seconds=60):
    """Evaluates the condition until it holds, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.01)
    return found


def skip(name, reason):
    """Says loudly that a whole file of tests does not run, and ends it well."""
    print(f"=== SKIPPED: {name}: {reason}", flush=True)
    sys.exit(0)


def program(name):
    return shutil.which(name, path=PATH)


def binary(variable):
    path = os.environ.get(variable, "")
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"{variable} names no program: '{path}'")
    return path


def run(*command, env=None, **options):
    """The output of a program that must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "PATH": PATH, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


_kept_ports = []


def free_port():
    """A port of 127.0.0.1 that no other test of this machine gets before this program ends."""
    while True:
        port = int(run(SERVICES, "free-port"))
        if port not in _kept_ports:
            _kept_ports.append(port)
            return port


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Process:
    """A child that is started, stopped and killed, with a log."""

    def __init__(self, command, log, env=None):
        self.command = [str(part) for part in command]
        self.log_path = Path(log)
        self.env = env or {}
        self.child = None

    def spawn(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(
                self.command,
                env={**os.environ, "PATH": PATH, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def runs(self):
        return self.child is not None and self.child.poll() is None

    def end(self, how=signal.SIGTERM, seconds=60):
        """The exit code; killed when it takes longer."""
        if self.child is None:
            return None
        if self.runs():
            self.child.send_signal(how)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()

    def kill(self):
        return self.end(signal.SIGKILL)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Server(Process):
    """One of our servers, on a port that stays the same."""

    def __init__(self, variable, name, folder, env):
        self.port = free_port()
        super().__init__(
            [binary(variable)],
            folder / f"{name}.log",
            {**OF_BOTH, **env, "FECHATTER_SERVER__PORT": str(self.port)},
        )

    def answers(self, path="/health"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status == 200
        return False

    def start(self):
        self.spawn()
        eventually(lambda: not self.runs() or self.answers(), 60)
        if not self.runs():
            raise RuntimeError(f"{self.command[0]} ended at its start:\n{self.log()[-4000:]}")
        return self


class System:
    """PostgreSQL, NATS and several of each server, in a scratch folder."""

    def __init__(self, servers=2, notifies=2, server=None, notify=None):
        self.servers, self.notifies = [], []
        atexit.register(self.stop)  # also when the test is ended
        self.folder = Path(tempfile.mkdtemp(prefix="fechatter-live-"))
        self.folder.chmod(0o711)
        self.keys = self.folder / "keys"
        self.keys.mkdir()
        self.ports = {"postgres": free_port(), "nats": free_port()}
        self.more = {"server": server or {}, "notify": notify or {}}
        try:
            self.start_services()
            self.make_keys()
            self.migrate()
            self.servers = [self.new_server(n) for n in range(servers)]
            self.notifies = [self.new_notify(n) for n in range(notifies)]
        except BaseException:
            self.stop()
            raise

    def start_services(self):
        run(SERVICES, "start-postgres", self.folder, self.ports["postgres"], "--fast")
        run(SERVICES, "start-nats", self.folder, self.ports["nats"])

    def url(self, name):
        return (self.folder / name).read_text().strip()

    def make_keys(self):
        run(binary("FECHATTER_SERVER_BINARY"), "keys", "--private", self.keys / "private.pem",
            "--public", self.keys / "public.pem")

    def migrate(self):
        return run(binary("FECHATTER_SERVER_BINARY"), "migrate", env={
            **self.server_env(), "FECHATTER_DATABASE__MIGRATION_URL": self.url("owner_url")})

    def server_env(self):
        return {
            **QUICK,
            "DATABASE_URL": self.url("database_url"),
            "NATS_URL": self.url("nats_url"),
            "FECHATTER_FILES__FOLDER": str(self.folder / "files"),
            "FECHATTER_AUTH__PRIVATE_KEY": str(self.keys / "private.pem"),
            **self.more["server"],
        }

    def notify_env(self):
        return {
            **STREAMS,
            "DATABASE_URL": self.url("notify_database_url"),
            "NATS_URL": self.url("notify_nats_url"),
            "FECHATTER_AUTH__PUBLIC_KEY": str(self.keys / "public.pem"),
            **self.more["notify"],
        }

    def new_server(self, number):
        return Server("FECHATTER_SERVER_BINARY", f"fechatter_server_{number}", self.folder,
                      self.server_env())

    def new_notify(self, number):
        return Server("NOTIFY_SERVER_BINARY", f"notify_server_{number}", self.folder,
                      self.notify_env())

    def start(self):
        try:
            for process in self.servers + self.notifies:
                process.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        """More than once does no harm."""
        for process in self.notifies + self.servers:
            process.kill()
        if self.folder.exists():
            self.stop_services()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_services(self):
        run(SERVICES, "stop-nats", self.folder, "--immediate")
        run(SERVICES, "stop-postgres", self.folder, "--immediate")
