"""Two replicas count tries to sign in and requests to an app together, in a Valkey; without it each counts by itself, and
more strictly."""

import signal
import time

from cluster import Cluster
from door import ADMIN, PASSWORD, VALKEY, Door, Program, check, first_account, free_port, main, run, wait_until

SECRET = "quiet harbour"


def valkey(folder, port):
    """A server with a password, that keeps nothing on the disk."""
    return Program([*VALKEY, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", SECRET], folder)


def statuses(doors, identifier, number):
    """What wrong passwords for somebody are answered, at one replica after the other."""
    body = {"identifier": identifier, "password": "not this one at all"}
    return [doors[n % len(doors)].visitor().ask("POST", "/api/v1/sessions", body).status for n in range(number)]


def readiness(door):
    answer = door.visitor().ask("GET", "/readyz")
    return answer.status, answer.json["dependencies"].get("valkey")


def test(folder):
    cluster, port = Cluster(), free_port()
    try:
        key = folder / "root.key"
        run(["root-key", key], folder / "none", folder)
        env = {
            "DOORWARD_DATABASE": cluster.url(), "DOORWARD_ROOT_KEY_FILE": str(key),
            "DOORWARD_VALKEY": f"redis://:{SECRET.replace(' ', '%20')}@127.0.0.1:{port}/3",
        }
        shared = valkey(folder, port)
        first = Door(folder, ("serve",), env=env | first_account(folder)).wait()
        doors = [first, Door(folder, ("serve",), env=env).wait()]
        wait_until("the Valkey answers", lambda: readiness(first) == (200, True))
        together(doors)
        one_allowance(doors)
        shared.end(signal.SIGKILL)
        alone(doors)
        half_each(doors)
        valkey(folder, port)
        wait_until("the Valkey is found again", lambda: all(readiness(door) == (200, True) for door in doors))
        again = statuses(doors, "carol@example.org", 6)
        check("once it is back, both count together again", again == [401] * 5 + [429], again)
        output = "".join(door.output() for door in doors)
        check("the log tells when it went and when it came", "Valkey does not answer" in output and "Valkey answers again" in output, output)
        check("and holds no password", SECRET not in output and SECRET.replace(" ", "%20") not in output, output)
    finally:
        cluster.end()


def together(doors):
    said = statuses(doors, "grace@example.org", 7)
    check("five wrong passwords at two replicas are all there are", said == [401] * 5 + [429] * 2, said)
    doors[1].administrator()
    check("who knows the password is let in by both", doors[0].administrator() is not None)


def limited_app(door, name, number):
    """An app whose path `/share` anybody may see, and that takes so many requests a minute of each visitor."""
    app = {
        "name": name, "upstreams": ["builtin:sample"], "access": {"everyone": True},
        "rules": [{"path": "/share", "allow": "anyone"}], "limits": {"requests_per_minute": number},
    }
    door.administrator().expect(201, "POST", "/api/v1/apps", app)


def visits(doors, name, number):
    """What so many requests to an app are answered, at one replica after the other."""
    visitors = [door.visitor() for door in doors]
    host = f"{name}.localhost"
    wait_until("the app is known everywhere", lambda: all(v.ask("GET", "/", host=host).status != 421 for v in visitors))
    return [visitors[n % len(doors)].ask("GET", "/share", host=host).status for n in range(number)]


def one_allowance(doors):
    limited_app(doors[0], "wall", 12)
    said = visits(doors, "wall", 16)
    check("twelve requests at two replicas are all there are", said == [200] * 12 + [429] * 4, said)
    limited_app(doors[0], "hall", 600)
    begun = time.monotonic()
    admitted = visits(doors, "hall", 700).count(200)
    # What is due while they are made, and in a second before.
    due = 10 * (time.monotonic() - begun + 1)
    check("and of many, what is fetched ahead is not too much", 560 <= admitted <= 600 + due, (admitted, due))


def half_each(doors):
    for door in doors:
        said = visits([door], "wall", 8)
        check("without it, each gives out half", said == [200] * 6 + [429] * 2, said)


def alone(doors):
    for door in doors:
        said = statuses([door], "ben@example.org", 3)
        check("without it, each lets two pass", said == [401, 401, 429], said)
    check("both are ready all the same, and say what is missing", [readiness(door) for door in doors] == [(200, False)] * 2)
    doors[0].visitor().expect(201, "POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
    check("and who knows the password is let in", True)


if __name__ == "__main__":
    main(test, seconds=90)
