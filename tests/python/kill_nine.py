"""No acknowledged write is lost when the machine takes the process away.

Writers make groups and tokens over REST and note each name that was answered with 201. The server is killed at a
moment of chance, with a fixed seed; it must come up again by itself, without a hand on its lock, and know every name.
"""

import argparse
import random
import signal
import threading

from door import Door, Failed, check, first_account, free_port, main

SEED = 9
WRITERS = 6


class Writer(threading.Thread):
    """Makes one thing after the other until the server is gone; `acknowledged` are the names that it answered for."""

    def __init__(self, visitor, kind, stem):
        super().__init__(daemon=True)
        self.visitor, self.kind, self.stem = visitor, kind, stem
        self.acknowledged, self.trouble = [], None

    def run(self):
        number = 0
        while True:
            name, number = f"{self.stem}-{number}", number + 1
            body = {"name": name} | ({} if self.kind == "groups" else {"apps": ["*"], "permissions": []})
            try:
                answer = self.visitor.ask("POST", f"/api/v1/{self.kind}", body)
            except ConnectionError:
                return
            if answer.status != 201:
                self.trouble = answer
                return
            self.acknowledged.append(name)


def known(visitor, kind):
    """The names of all groups or tokens, page after page."""
    names, after = set(), ""
    while after is not None:
        page = visitor.expect(200, "GET", f"/api/v1/{kind}?limit=500" + (f"&after={after}" if after else "")).json
        names.update(item["name"] for item in page["items"])
        after = page["next"]
    return names


def start(folder, data, port, chance):
    """Starts the server, sometimes only after it was killed while starting."""
    env = first_account(folder)
    if chance.random() < 0.25:
        hasty = Door(folder, data=data, port=port, env=env)
        hasty.process.poll() or threading.Event().wait(chance.uniform(0.0, 0.15))
        hasty.end(signal.SIGKILL)
    return Door(folder, data=data, port=port, env=env).wait()


def round_of_writes(door, number, chance, credentials):
    """Writes until the kill; answers what was acknowledged, by kind."""
    cookies, token = credentials
    writers = []
    for place in range(WRITERS):
        kind = ("groups", "tokens")[place % 2]
        visitor = door.visitor(token=token if kind == "groups" else None)
        visitor.cookies = cookies if kind == "tokens" else {}
        writers.append(Writer(visitor, kind, f"r{number}-w{place}"))
    for writer in writers:
        writer.start()
    threading.Event().wait(chance.uniform(0.05, 0.8))
    door.end(signal.SIGKILL)
    for writer in writers:
        writer.join(10)
        if writer.trouble:
            raise Failed(f"a writer of {writer.kind} was answered {writer.trouble}")
    return {kind: [name for w in writers if w.kind == kind for name in w.acknowledged] for kind in ("groups", "tokens")}


def test(folder, rounds):
    chance, data, port = random.Random(SEED), folder / "data", free_port()
    acknowledged = {"groups": set(), "tokens": set()}
    door = start(folder, data, port, chance)
    credentials = door.administrator().cookies, door.holder(permissions=["*"]).token
    for number in range(rounds):
        fresh = round_of_writes(door, number, chance, credentials)
        door = start(folder, data, port, chance)
        reader = door.visitor(token=credentials[1])
        for kind, names in fresh.items():
            acknowledged[kind].update(names)
            lost = acknowledged[kind] - known(reader, kind)
            if lost:
                raise Failed(f"round {number}: {len(lost)} acknowledged {kind} are gone: {sorted(lost)[:10]}")
        print(f"    round {number + 1}: {sum(map(len, fresh.values()))} written, all are there", flush=True)
    total = sum(map(len, acknowledged.values()))
    check(f"{total} acknowledged writes outlived {rounds} kills", total > rounds, total)
    check("the server ends well when it is asked to", door.end() == 0, door.ended())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    chosen = parser.parse_args().rounds
    main(lambda folder: test(folder, chosen), seconds=60 + 12 * chosen)
