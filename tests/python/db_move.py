"""A whole installation moves from a file to PostgreSQL and back, with equal digests; and moves that are killed.

The people and tokens are rows as the product writes them, put into the file by one transaction: ten thousand people with
ten tokens each, and ten times as many when `E2E_MOVE` is `full`; the kills have a tenth of them. The moments of the kills
are of chance, with a seed that is printed and that `E2E_SEED` sets.
"""

import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import time

from cluster import Cluster
from door import BINARY, Door, Failed, Program, check, first_account, free_port, main, run, wait_until

FULL = os.environ.get("E2E_MOVE") == "full"
PEOPLE, TOKENS_EACH = 100_000 if FULL else 10_000, 10
PATIENCE = 1800 if FULL else 200
KILLS = 10
SEED = int(os.environ.get("E2E_SEED") or 20)


def uuid7(micros, number, kind):
    """The id of something that was made then: the time, a number, and what keeps kinds apart."""
    low = (number & 0xFFFFFFFFFFFF) | (kind << 48)
    return (micros // 1000).to_bytes(6, "big") + bytes([0x70 | kind, 0]) + (0x8000000000000000 | low).to_bytes(8, "big")


def furnish(data, people):
    """Puts people with their tokens into the file of a data directory that nobody serves."""
    start, began = 1_700_000_000_000_000, time.monotonic()
    hashed = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nobodyknowsthispasswordnobodyknowsthispassw"

    def users():
        for number in range(people):
            name, at = f"person-{number}", start + number * 1000
            row = (name, f"{name}@example.org", f"Person {number} Ünïcode", 1, "member", hashed, 1, at)
            yield uuid7(at, number, 1), *row, at + 5 if number % 97 == 0 else None

    def tokens():
        for number in range(people * TOKENS_EACH):
            owner, at = number // TOKENS_EACH, start + number * 700
            ident = uuid7(start + owner * 1000, owner, 1)
            digest = hashlib.sha256(b"token %d" % number).digest()
            row = (f"token {number}", "dwt_%04d" % (number % 10000), "*", "*", at, at + 9 if number % 3 else None)
            yield uuid7(at, number, 2), digest, 1, ident, *row, None, at + 10 if number % 11 == 0 else None

    file = sqlite3.connect(data / "doorward.db")
    with file:
        names = ("id, handle, email, name, email_verified, role, password_hash, password_version, created_at, "
                 "disabled_at")
        file.executemany(f"INSERT INTO users ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", users())
        names = ("id, digest, key_id, owner_id, name, prefix, apps, permissions, created_at, used_at, expires_at, "
                 "revoked_at")
        file.executemany(f"INSERT INTO tokens ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tokens())
    file.close()
    print(f"    {people} people and {people * TOKENS_EACH} tokens made in {time.monotonic() - began:.1f} s", flush=True)


class Moves:
    """The commands of one installation, which is in a data directory or at the server."""

    def __init__(self, folder, cluster, key):
        self.folder, self.cluster, self.key, self.number = folder, cluster, key, 0

    def fresh_database(self):
        self.number += 1
        self.cluster.make(f"moved_{self.number}")
        return self.cluster.url(f"moved_{self.number}")

    def env(self, database=None, to=None):
        """What a command is told: the address with the password is seen by no other process."""
        env = {"DOORWARD_ROOT_KEY_FILE": str(self.key)}
        return env | ({"DOORWARD_DATABASE": database} if database else {}) | ({"DOORWARD_MOVE_TO": str(to)} if to else {})

    def start(self, data, database, to):
        words = (BINARY, "db", "move", "--json", "--data", data)
        return Program(words, self.folder, self.env(database, to))

    def move(self, data, database, to):
        """Moves it to the end; answers the digests and rows by table, the seconds and the greatest memory in MB."""
        began, program = time.monotonic(), self.start(data, database, to)
        peak = 0
        while program.ended() is None:
            if time.monotonic() - began > PATIENCE:
                raise Failed(f"a move takes more than {PATIENCE} s")
            peak = max(peak, resident(program.process.pid))
            time.sleep(0.02)
        check(f"the move to {'the server' if database is None else 'a file'} ends well", program.ended() == 0, program.output())
        check("no password is shown", self.cluster.password not in program.output())
        answer = json.loads(program.stdout.read_text())
        lines = told(program)
        count = len(answer["tables"])
        counted = [re.match(r" *(\d+)/(\d+)  \S+ +\d+ rows", line) for line in lines]
        check("each table is told of, counted", [found and found[0].split()[0] for found in counted]
              == [f"{number}/{count}" for number in range(1, count + 1)], lines)
        tables = {table["name"]: (table["rows"], table["sha256"]) for table in answer["tables"]}
        return tables, time.monotonic() - began, peak

    def status(self, data, database=None):
        ended = run(["db", "status", "--json"], data, self.folder, env=self.env(database))
        return (json.loads(ended.stdout)["move"] or {}).get("state")

    def refused(self, what, code, words, data, database=None, command=("serve", "--listen", "127.0.0.1:0")):
        ended = run(command, data, self.folder, env=self.env(database))
        said = ended.stderr.strip()
        check(f"{what}: exit code {code}", ended.returncode == code, f"exit code {ended.returncode}: {said}")
        check(f"{what}: `{said.splitlines()[-1]}`", words in said and self.cluster.password not in said, said)


def told(program):
    """The lines on tables that a move has written."""
    return [line for line in program.stderr.read_text().splitlines() if line.startswith(" ") or line[:1].isdigit()]


def resident(pid):
    """The memory of a process, in MB."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


def served(door, token):
    """Checks that an installation is the one that it was."""
    check("the account that was there signs in", door.administrator().ask("GET", "/api/v1/me").status == 200)
    door.visitor(token=token).expect(200, "GET", "/api/v1/me")


def there_and_back(moves, folder, data, people):
    """The whole way, with every source refusing and the last target serving."""
    env = moves.env() | first_account(folder)
    door = Door(folder, ("protect",), data=data, env=env).wait()
    token = door.holder(permissions=["*"], apps=["*"]).token
    blocked = run(["db", "move", "--to", moves.cluster.url()], data, folder, env=moves.env())
    check("a folder that is served is not moved: 73", blocked.returncode == 73, blocked.stderr)
    door.end()
    furnish(data, people)
    database, back, none = moves.fresh_database(), folder / "back", folder / "none"
    there, *spent = moves.move(data, None, database)
    figures("PostgreSQL", there, *spent)
    check("all people and tokens are counted", (there["users"][0], there["tokens"][0])
          == (people + 1, people * TOKENS_EACH + 1), there)
    moves.refused("a file that was left", 64, "was moved to `postgresql://", data)
    moves.refused("a command on it", 64, "was moved to", data, command=("user", "list"))
    moves.refused("a migration of it", 64, "was moved to", data, command=("db", "migrate"))
    check("both say so", (moves.status(data), moves.status(none, database)) == ("gone", "arrived"))
    again = moves.start(data, None, database)
    done = again.process.wait(PATIENCE) == 0 and '"already_there": true' in again.output()
    check("a move that is done is done", done, again.output())
    and_back, *spent = moves.move(none, database, back)
    figures("a file", and_back, *spent)
    check("there and back, all digests are equal", *alike(there, and_back, 1))
    check("the log is the same, and says of both moves", *logs(data, back))
    moves.refused("a server that was left", 64, "was moved to", none, database)
    door = Door(folder, ("serve",), data=back, env=moves.env()).wait()
    served(door, token)
    door.end()
    other = folder / "other.key"
    check("another root key is made", run(["root-key", other], none, folder).returncode == 0)
    wrong = run(["serve", "--listen", "127.0.0.1:0"], back, folder, env={"DOORWARD_ROOT_KEY_FILE": str(other)})
    check("with other root keys it is not served: 65", wrong.returncode == 65, wrong.stderr)


def alike(before, after, moved):
    """Whether all tables are the same, but for so many moves that the log tells of at their end."""
    events = before["events"][0] + moved == after["events"][0]
    rest = [{name: table for name, table in tables.items() if name != "events"} for tables in (before, after)]
    return events and rest[0] == rest[1], (before, after)


def logs(before, after):
    """Whether one file's log is another's with two moves behind it. Numbers are given later."""
    columns = "id, at, actor, proof, address, action, resource, outcome, reasons, detail, request, count"
    rows = []
    for data in (before, after):
        file = sqlite3.connect(data / "doorward.db")
        rows.append(file.execute(f"SELECT {columns} FROM events ORDER BY id").fetchall())
        file.close()
    moves = rows[1][len(rows[0]):]
    acts = [(row[2], row[5], row[7]) for row in moves]
    return rows[1][:len(rows[0])] == rows[0] and acts == [("local operator", "installation:move", "done")] * 2, moves


def figures(place, tables, took, peak):
    rows = sum(rows for rows, _ in tables.values())
    print(f"    to {place}: {rows} rows in {took:.1f} s ({rows / took:.0f}/s), at most {peak} MB", flush=True)
    check("the memory is bounded", peak < 250, peak)


class Source:
    """What is moved ten times, and is killed: a file or a server in turn, on which replicas may be at work."""

    def __init__(self, moves, folder, data):
        self.moves, self.folder = moves, folder
        self.data, self.database = data, None
        self.number = 0

    def target(self):
        self.number += 1
        return self.moves.fresh_database() if self.database is None else self.folder / f"kills-{self.number}"

    def moves_before(self):
        """How many moves have ended since the first began, before the one to the newest target."""
        return self.number - 1

    def arrive(self, target):
        self.data, self.database = (self.folder / "none", target) if self.database is None else (target, None)


def killed(moves, folder, data, people):
    """Ten kills at moments of chance while rows are copied, each followed by the end of the same move."""
    env = moves.env() | first_account(folder)
    Door(folder, ("protect",), data=data, env=env).wait().end()
    furnish(data, people)
    chance, source = random.Random(SEED), Source(moves, folder, data)
    target = source.target()
    digests, took, _ = moves.move(source.data, source.database, target)
    source.arrive(target)
    print(f"    the kills: seed {SEED}; undisturbed, a move takes {took:.2f} s", flush=True)
    landed = 0
    for number in range(KILLS * 6):
        if landed >= KILLS:
            break
        target, fresh_kills = source.target(), 0
        for longest in (took / 2, took) if number % 4 == 3 else (took,):
            fresh_kills += kill_once(source, target, chance.uniform(0.02, longest))
        fresh, *_ = moves.move(source.data, source.database, target)
        # Nothing is compared when the last kill came behind the end; then the next move does that.
        if fresh_kills and fresh:
            check(f"run again, all digests are equal ({landed + fresh_kills} kills)", *alike(digests, fresh, source.moves_before()))
        landed += fresh_kills
        source.arrive(target)
    check(f"{landed} kills came between the two marks", landed >= KILLS)
    last, *_ = moves.move(source.data, source.database, target := source.target())
    source.arrive(target)
    check("moved once more, all digests are equal", *alike(digests, last, source.moves_before()))
    door = Door(folder, ("serve",), data=folder / "replica" if source.database else source.data,
                env=moves.env(source.database)).wait()
    check("what was killed so often is served", door.administrator().ask("GET", "/api/v1/me").status == 200)
    door.end()


def kill_once(source, target, moment):
    """Kills a move after so many seconds; answers whether it was copying, and checks that neither side is served then."""
    moves, where = source.moves, (source.data, source.database)
    program = moves.start(*where, target)
    time.sleep(moment)
    program.end(signal.SIGKILL)
    state, lines = moves.status(*where), len(told(program))
    to = "the server" if source.database is None else "a file"
    print(f"    killed after {moment:.3f} s on the way to {to}: {lines} tables copied, the source is {state or 'free'}", flush=True)
    if state == "leaving":
        moves.refused("a source on its way", 69, "db move --cancel", *where)
        there = (moves.folder / "none", target) if source.database is None else (target, None)
        moves.refused("a target that is not whole", 65, "has not wholly arrived", *there)
    return state == "leaving"


def given_up(moves, folder, data):
    """A move that is given up leaves its source as it was, and a replica at work is told why nothing is written."""
    env = moves.env() | first_account(folder)
    Door(folder, ("protect",), data=data, env=env).wait().end()
    furnish(data, 1000)
    database = moves.fresh_database()
    moves.move(data, None, database)
    door = Door(folder, ("serve",), data=folder / "at-work", env=moves.env(database)).wait()
    check("what has moved to a server is served", door.administrator().ask("GET", "/api/v1/me").status == 200)
    visitor = door.holder(permissions=["*"], apps=["*"])
    program = moves.start(folder / "none", database, folder / "given-up")
    wait_until("the move has begun", lambda: moves.status(folder / "none", database) == "leaving")
    program.end(signal.SIGKILL)
    state = moves.status(folder / "none", database)
    check("it was stopped on its way", state == "leaving", state)
    answer = visitor.ask("POST", "/api/v1/groups", {"name": "late"})
    check("a replica writes nothing meanwhile: 503", answer.status == 503, answer)
    visitor.expect(200, "GET", "/api/v1/me")
    ended = run(["db", "move", "--cancel"], folder / "none", folder, env=moves.env(database))
    check("it is given up", ended.returncode == 0 and moves.status(folder / "none", database) is None, ended.stderr)
    visitor.expect(201, "POST", "/api/v1/groups", {"name": "late"})
    again = run(["db", "move", "--cancel"], folder / "none", folder, env=moves.env(database))
    check("what is not under way cannot be given up", again.returncode == 1, again.stderr)
    moves.move(folder / "none", database, folder / "given-up")
    wait_until("a replica that is left answers nobody", lambda: visitor.ask("GET", "/api/v1/me").status == 503, 3)
    check("and is not ready", door.visitor().ask("GET", "/readyz").status == 503)
    door.end()


def test(folder):
    key = folder / "root.key"
    check("a root key is made", run(["root-key", key], folder / "none", folder).returncode == 0)
    cluster = Cluster()
    try:
        moves = Moves(folder, cluster, key)
        given_up(moves, folder, folder / "small")
        killed(moves, folder, folder / "killed", PEOPLE // 10)
        there_and_back(moves, folder, folder / "data", PEOPLE)
    finally:
        cluster.end()


if __name__ == "__main__":
    main(test, seconds=PATIENCE * 2)
