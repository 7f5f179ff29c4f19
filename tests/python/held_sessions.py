"""Sessions held in a Valkey: they fail closed without it, and nothing that is written to it or brought back in it lets
anybody in."""

import shutil
import signal
import time

from cluster import Cluster
from door import ADMIN, PASSWORD, VALKEY, Door, Program, check, first_account, free_port, main, run, wait_until
from resp import Resp


class Valkey:
    """A server that keeps what it is told to in a file."""

    def __init__(self, folder):
        self.folder, self.port = folder / "valkey", free_port()
        self.folder.mkdir()
        self.start()

    def start(self):
        options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.program = Program([*VALKEY, *map(str, options)], self.folder)
        wait_until("the Valkey answers", self._answers)

    def _answers(self):
        try:
            return self.ask("PING") == b"PONG"
        except OSError:
            return False

    def ask(self, *words):
        return Resp(self.port).ask(*words)

    def stop(self):
        self.program.end(signal.SIGKILL)


def statuses(people, path="/api/v1/me"):
    return [person.ask("GET", path).status for person in people]


def found_again(doors, person):
    """Waits until every replica has found the Valkey again."""
    wait_until("the Valkey is found again", lambda: 503 not in statuses([at(door, person) for door in doors]))


def sign_in(door):
    person = door.visitor()
    person.expect(201, "POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
    return person


def at(door, person):
    """Whoever holds the same cookies, at a replica."""
    there = door.visitor()
    there.cookies = {host: dict(jar) for host, jar in person.cookies.items()}
    return there


def test(folder):
    cluster, valkey = Cluster(), Valkey(folder)
    try:
        key = folder / "root.key"
        run(["root-key", key], folder / "none", folder)
        env = {
            "DOORWARD_DATABASE": cluster.url(), "DOORWARD_ROOT_KEY_FILE": str(key),
            "DOORWARD_VALKEY": f"redis://127.0.0.1:{valkey.port}/0", "DOORWARD_SESSIONS": "valkey",
            "DOORWARD_HOME_URL": "http://localhost:8080",
        }
        first = Door(folder, ("serve",), env=env | first_account(folder)).wait()
        doors = [first, Door(folder, ("serve",), env=env).wait()]
        script = doors[1].holder(apps=["*"], permissions=["*"])
        revoked(doors, valkey)
        forged(doors, valkey)
        gone(doors, valkey, script)
        brought_back(doors, valkey)
        refused_without(folder)
    finally:
        cluster.end()


def revoked(doors, valkey):
    person = sign_in(doors[0])
    other = at(doors[1], person)
    check("a session that one replica began is good at both", statuses([person, other]) == [200, 200])
    listed = other.expect(200, "GET", "/api/v1/sessions").json["items"]
    check("and is listed", len(listed) >= 1, listed)
    names = valkey.ask("KEYS", "doorward:session:*")
    other.expect(204, "DELETE", "/api/v1/sessions/current")
    wait_until("ended at one, it is refused at the other", lambda: statuses([at(doors[0], person)]) == [401])
    left = valkey.ask("KEYS", "doorward:session:*")
    check("what led to it is gone from the Valkey", len(left) == len(names) - 1, (names, left))


def forged(doors, valkey):
    mine, yours = sign_in(doors[0]), sign_in(doors[0])
    before = set(valkey.ask("KEYS", "doorward:session:*"))
    late = sign_in(doors[0])
    [name] = set(valkey.ask("KEYS", "doorward:session:*")) - before
    good = valkey.ask("GET", name)
    for value in (valkey.ask("GET", sorted(before)[0]), good[:-1] + bytes([good[-1] ^ 1]), b"anything"):
        valkey.ask("SET", name, value)
        # This replica has never seen the session, so that it has to look.
        check("a value that was not sealed for its name lets nobody in", statuses([at(doors[1], late)]) == [401])
    valkey.ask("SET", name, good)
    check("nor does it do any harm", statuses([at(doors[1], late), mine, yours]) == [200] * 3)
    check("the log says so", "not sealed here" in doors[1].output())


def gone(doors, valkey, script):
    person = sign_in(doors[0])
    people = [person, at(doors[1], person)]
    check("a session is good at both", statuses(people) == [200, 200])
    valkey.stop()
    wait_until("without the Valkey no session is let in", lambda: statuses(people) == [503, 503], patience=3)
    answer = doors[1].visitor().ask("POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
    check("and nobody signs in", answer.status == 503 and answer.headers["Retry-After"], answer)
    check("tokens go on", statuses([script]) == [200])
    ready = doors[0].visitor().ask("GET", "/readyz")
    check("and it is said", (ready.status, ready.json["dependencies"]["valkey"]) == (200, False), ready)
    valkey.start()
    found_again(doors, person)
    check("what it lost is lost", statuses(people) == [401, 401])
    again = sign_in(doors[1])
    check("who signs in again is let in", statuses([again, at(doors[0], again)]) == [200, 200])
    listed = again.expect(200, "GET", "/api/v1/sessions").json["items"]
    check("and what was lost is listed, as nobody may hide a session", len(listed) > 1, listed)


def brought_back(doors, valkey):
    ended, kept = sign_in(doors[0]), sign_in(doors[0])
    names = valkey.ask("KEYS", "*")
    held = [valkey.ask("GET", name) or b"" for name in names] + names
    secrets = [value.encode() for jar in kept.cookies.values() for value in jar.values()]
    check("cookies are not in the Valkey", secrets and not any(s in text for s in secrets for text in held), held)
    valkey.ask("SAVE")
    shutil.copy(valkey.folder / "dump.rdb", valkey.folder / "old.rdb")
    check("one session is good", statuses([ended, at(doors[1], ended)]) == [200, 200])
    at(doors[0], ended).expect(204, "DELETE", "/api/v1/sessions/current")
    names = set(valkey.ask("KEYS", "doorward:session:*"))
    valkey.stop()
    shutil.copy(valkey.folder / "old.rdb", valkey.folder / "dump.rdb")
    time.sleep(1.5)
    valkey.start()
    check("an old state is brought back", len(valkey.ask("KEYS", "doorward:session:*")) == len(names) + 1)
    found_again(doors, kept)
    check("what had ended is refused all the same", statuses([ended, at(doors[1], ended)]) == [401, 401])
    check("what had not goes on", statuses([kept, at(doors[1], kept)]) == [200, 200])


def refused_without(folder):
    door = Door(folder, ("serve",), env={"DOORWARD_SESSIONS": "valkey"})
    wait_until("it ends", lambda: door.ended() is not None)
    said = "sessions in a Valkey need `valkey`" in door.output()
    check("without a Valkey such a setting stops the start", (door.ended(), said) == (64, True), door.output())


if __name__ == "__main__":
    main(test, seconds=120)
