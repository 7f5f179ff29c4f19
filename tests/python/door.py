"""A Doorward of one's own, and how a test asks it and says what it found.

Every server runs on a free loopback port with a data directory under one temporary folder. Whatever ends the test ends
its servers, too, and a failure shows what the last of them wrote.
"""

import contextlib
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import visitor
from cluster import Cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / "target/debug/doorward"
ADMIN = "ada@example.org"
PASSWORD = "kettle violin harbour moss"
PATIENCE = 30.0
# Debian's `redis-tools` has the server under another name, and none that starts by itself.
VALKEY = ["bash", "-c", 'exec -a redis-server redis-check-rdb "$@"', "redis-server"]

_running = []


class Failed(Exception):
    """What was promised is not so."""


def check(what, holds, found=""):
    """Says that `what` holds, or ends the test with what was found instead."""
    if not holds:
        raise Failed(f"{what}\n{found}" if found != "" else what)
    print(f"ok  {what}", flush=True)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, holds, patience=PATIENCE):
    """Waits until `holds()` answers something true, and hands that back."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := holds():
            return answer
        time.sleep(0.02)
    raise Failed(f"waited {patience} s in vain: {what}")


def environment(more=()):
    """The environment of this process without anything that sets up Doorward, and `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")}
    return kept | dict(more)


class Databases:
    """Where the data lies when `E2E_DATABASE=postgresql` has a step played on PostgreSQL and a Valkey: one database a
    directory."""

    def __init__(self):
        self.cluster, self.key, self.valkey, self.names = None, None, None, {}

    def variables(self, data, folder):
        """What a command on this data directory is told of it."""
        if os.environ.get("E2E_DATABASE") != "postgresql":
            return {}
        if self.cluster is None:
            self.cluster, self.key, self.valkey = Cluster(), folder / "root.key", free_port()
            Program([*VALKEY, "--port", self.valkey, "--bind", "127.0.0.1", "--save", ""], folder)
            subprocess.run([BINARY, "root-key", self.key], check=True, env=environment(), timeout=PATIENCE)
        if data not in self.names:
            self.names[data] = f"e2e_{len(self.names)}"
            self.cluster.make(self.names[data])
        return {
            "DOORWARD_DATABASE": self.cluster.url(self.names[data]), "DOORWARD_ROOT_KEY_FILE": str(self.key),
            "DOORWARD_VALKEY": f"redis://127.0.0.1:{self.valkey}/{list(self.names).index(data) % 16}",
        }

    def hold(self, folder):
        """Checks that the data is where it is meant to be: in files, or at the server alone."""
        files = [str(path) for path in folder.rglob("doorward.db")]
        where = "in a file" if self.cluster is None else "at the server alone"
        check(f"the data lies {where}", bool(files) == (self.cluster is None), files)

    def end(self):
        """Ends the server, if there is one."""
        if self.cluster is not None:
            self.cluster.end()


databases = Databases()


class Program:
    """A process of its own group, whose output goes to files."""

    def __init__(self, words, folder, env=()):
        name = f"{len(_running)}-{pathlib.Path(words[0]).name}"
        self.words = [str(word) for word in words]
        self.stdout, self.stderr = folder / f"{name}.out", folder / f"{name}.err"
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment(env),
                cwd=folder, start_new_session=True,
            )
        _running.append(self)

    def ended(self):
        """The exit code, or nothing while it runs."""
        return self.process.poll()

    def end(self, how=signal.SIGTERM, patience=PATIENCE):
        """Asks the whole group to end and waits for it; answers the exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        return self.process.wait(patience)

    def output(self):
        """All that it has written."""
        return "\n".join(path.read_text(errors="replace") for path in (self.stdout, self.stderr))


class Door(Program):
    """A serving Doorward."""

    def __init__(self, folder, words=("protect",), data=None, env=(), before=(), port=None, tls=None):
        self.folder, self.data = folder, data or folder / f"data-{secrets.token_hex(4)}"
        self.tls = tls
        self.port = port or free_port()
        listen = ["--data", self.data, "--listen", f"127.0.0.1:{self.port}"]
        env = databases.variables(self.data, folder) | dict(env)
        super().__init__([*before, BINARY, *words, *listen], folder, env)

    def wait(self):
        """Waits until it answers."""
        wait_until("the server answers", self._answers)
        return self

    def _answers(self):
        if self.ended() is not None:
            raise Failed(f"`{' '.join(self.words)}` ended with {self.ended()}")
        try:
            return self.visitor().ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def visitor(self, **more):
        """Somebody new who asks this server."""
        return visitor.Visitor(self.port, tls=self.tls, **more)

    def administrator(self):
        """The first account, signed in over REST."""
        ada = self.visitor()
        ada.expect(201, "POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
        return ada

    def holder(self, **scope):
        """A program that holds a new token of the administrator's, who may do all unless `scope` says less."""
        body = {"name": f"holder {secrets.token_hex(3)}", "apps": [], "permissions": []}
        scope = scope or {"apps": ["*"], "permissions": ["*"]}
        made = self.administrator().expect(201, "POST", "/api/v1/tokens", body | scope)
        return self.visitor(token=made.json["secret"])

    @property
    def home(self):
        """The URL of the home host."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def line(self, word):
        """The rest of the line that begins with `word` among those printed at the start."""
        found = re.search(rf"^{word} +(.*)$", self.stdout.read_text(), re.MULTILINE)
        return found and found[1]


def first_account(folder):
    """The variables that make the first account at an unattended first start."""
    path = folder / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)
    return {"DOORWARD_ADMIN_EMAIL": ADMIN, "DOORWARD_ADMIN_PASSWORD_FILE": str(path)}


def run(words, data, folder, stdin="", env=()):
    """Runs a command of Doorward's to its end; answers the finished process with its texts."""
    return subprocess.run(
        [str(word) for word in (BINARY, *words, "--data", data)], input=stdin, capture_output=True, text=True,
        env=environment(databases.variables(data, folder) | dict(env)), cwd=folder, timeout=PATIENCE, check=False,
    )


def main(test, seconds):
    """Runs `test(folder)` for at most so many seconds; the process ends with 0 when all checks hold, else with 1."""
    def stop(number, _frame):
        raise Failed(f"stopped by {signal.Signals(number).name}: a test may take {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.alarm(seconds)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="doorward-test-"))
    code = 1
    try:
        test(folder)
        code = 0
    except Failed as failed:
        print(f"FAILED  {failed}", flush=True)
    except Exception:
        traceback.print_exc()
    finally:
        signal.alarm(0)
        for program in _running:
            program.end(signal.SIGKILL)
        databases.end()
    try:
        if code:
            _show_last()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


def _show_last(lines=60):
    for program in _running[-2:]:
        print(f"--- {' '.join(program.words)}", *program.output().splitlines()[-lines:], sep="\n", flush=True)
