"""A PostgreSQL of a test's own, which ends with it."""

import csv
import pathlib
import subprocess
import urllib.parse

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "postgresql.sh"


class Cluster:
    """A server that `tests/postgresql.sh` keeps for as long as this process holds its end of a pipe."""

    def __init__(self):
        self.script = subprocess.Popen(["sh", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.script.stdout.readline().split()
        if len(words) != 3:
            raise RuntimeError("PostgreSQL did not start")
        self.folder, self.port, self.password = pathlib.Path(words[0]), int(words[1]), words[2]

    def url(self, database="postgres"):
        """The database, as one connection string: over TLS, checked by name, with a password."""
        root = urllib.parse.quote(str(self.folder / "server.pem"), safe="")
        place = f"postgres:{self.password}@localhost:{self.port}/{database}"
        return f"postgresql://{place}?sslmode=verify-full&sslrootcert={root}"

    def make(self, database):
        """Makes an empty database."""
        self.rows(f"CREATE DATABASE {database}")

    def rows(self, statement):
        """What a statement answers, in texts."""
        words = ["psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--host", self.folder, "--port", self.port]
        asked = [str(word) for word in (*words, "--username", "postgres", "--command", statement, "postgres")]
        answer = subprocess.run(asked, check=True, timeout=30, capture_output=True, text=True)
        return list(csv.reader(answer.stdout.splitlines()))

    def tell(self, word):
        """Has the server stopped, killed or started; comes back when it is done."""
        self.script.stdin.write(f"{word}\n")
        self.script.stdin.flush()
        self.script.stdout.readline()

    def end(self):
        """Ends the server and takes its folder away."""
        self.script.stdin.close()
        self.script.wait(30)
