"""Three replicas behind nginx, and what befalls them: what people see meanwhile, and that nothing is lost."""

import asyncio
import os
import re
import signal
import threading
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from door import ADMIN, PASSWORD, check, main, wait_until
from flows import Apps
from load import Load, everything
from replicas import Replicas

CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

LEASE = "SELECT leased_by, fence FROM duties WHERE key = 'event_numbers'"


class Stage:
    """The replicas, and a token that may do all."""

    def __init__(self, replicas):
        self.replicas = replicas
        ada = replicas.administrator()
        body = {"name": "worker", "apps": ["*"], "permissions": ["*"]}
        self.token = ada.expect(201, "POST", "/api/v1/tokens", body).json["secret"]
        self.ada = ada

    def are_ready(self):
        """Whether every replica can do all."""
        try:
            answers = [self.replicas.visitor(place).ask("GET", "/readyz") for place in range(3)]
        except ConnectionError:
            return False
        return all(answer.status == 200 and all(answer.json["dependencies"].values()) for answer in answers)

    def suffer(self, what, fault, may_see=(200, 201)):
        """Lets people work while `fault` happens, and for a moment before and after."""
        load = Load(self.replicas, self.token)
        time.sleep(1)
        fault()
        wait_until(f"{what}: all replicas are ready again", self.are_ready)
        recovered = time.monotonic()
        done = len(load.made)
        wait_until(f"{what}: people work on", lambda: len(load.made) > done + 10)
        print(f"    work goes on {time.monotonic() - recovered:.1f} s after the replicas are ready", flush=True)
        saw = dict(load.stop())
        check(f"{what}: people saw {saw}", saw.keys() <= set(may_see), load.broken[:3])
        load.all_is_there()


def database(stage):
    """The database is stopped, killed, cut off and far away."""
    cluster = stage.replicas.cluster

    def for_a_while(word):
        cluster.tell(word)
        time.sleep(3)
        cluster.tell("start")

    def cut_again_and_again():
        end, cut = time.monotonic() + 5, 0
        while time.monotonic() < end:
            cut += len(cluster.rows(CUT_ALL))
            time.sleep(0.3)
        check("connections were cut again and again", cut > 20, cut)

    def far_away():
        stage.replicas.wire.lengthen(0.2)
        time.sleep(5)
        ready = stage.are_ready()
        began = time.monotonic()
        stage.replicas.visitor(0, token=stage.token).expect(200, "GET", "/", host="sample.localhost")
        took = time.monotonic() - began
        stage.replicas.wire.lengthen(0)
        check("200 ms from the database, replicas are ready all the same", ready)
        check(f"and who is known is let through in {took * 1000:.0f} ms", took < 0.2)

    stage.suffer("PostgreSQL is stopped and started", lambda: for_a_while("stop"), (200, 201, 503))
    stage.suffer("PostgreSQL is killed and started", lambda: for_a_while("kill"), (200, 201, 503))
    stage.suffer("its connections are cut, again and again", cut_again_and_again, (200, 201, 503))
    stage.suffer("the database is 200 ms away", far_away)


def valkey(stage):
    """The Valkey is killed and started."""
    replicas = stage.replicas

    def fault():
        replicas.valkey.end(signal.SIGKILL)
        wait_until("/readyz says that it is gone", lambda: not stage.are_ready())
        body = {"identifier": ADMIN, "password": PASSWORD}
        replicas.visitor().expect(201, "POST", "/api/v1/sessions", body)
        replicas.valkey = replicas.start_valkey()

    stage.suffer("the Valkey is killed and started, people sign in all the same", fault)


def holder(replicas):
    """Which replica has the lease on the numbers of events, and how many there were before it."""
    (number, fence), = replicas.cluster.rows(LEASE)
    named = re.compile(rf"replica={number}\b")
    found = [place for place, door in enumerate(replicas.doors) if number and named.search(door.output())]
    return (found or [None])[0], int(fence)


def numbered(stage):
    """Checks that the log has neither a gap nor a number twice."""
    def numbers():
        visitor = stage.replicas.visitor(token=stage.token)
        return [event["number"] for event in everything(visitor, "/api/v1/audit/events?")]

    found = wait_until("every event has its number", lambda: (all_of := numbers()) and None not in all_of and all_of)
    check(f"{len(found)} events are numbered without a gap", sorted(found) == list(range(1, len(found) + 1)))


def a_replica(stage):
    """A replica is killed, and another one paused for longer than it may hold anything."""
    replicas = stage.replicas

    def kill():
        place, lease = wait_until("somebody numbers events", lambda: (now := holder(replicas))[0] is not None and now)
        code = replicas.restart(place, signal.SIGKILL)
        check(f"replica {place + 1} was killed while it numbered events", code == -signal.SIGKILL, code)
        wait_until("another one goes on with it", lambda: holder(replicas)[1] > lease)

    def pause():
        place, lease = wait_until("somebody numbers events", lambda: (now := holder(replicas))[0] is not None and now)
        group = replicas.doors[place].process.pid
        os.killpg(group, signal.SIGSTOP)
        wait_until(f"replica {place + 1} is paused while it numbers events, and another goes on", lambda: holder(replicas)[1] > lease)
        os.killpg(group, signal.SIGCONT)

    # What the killed one was asked and is not safe to ask twice, nginx can only answer with 502.
    stage.suffer("a replica is killed and started", kill, (200, 201, 502))
    stage.suffer("a replica is paused and goes on", pause)


class Sockets:
    """WebSockets through nginx, each of which comes back when it is told to go."""

    def __init__(self, stage, number=6):
        replicas = stage.replicas
        self.url = f"ws://echo.localhost:{replicas.front_port}/"
        self.place = {"host": "127.0.0.1", "port": replicas.front_port, "proxy": None}
        self.fields, self.loop = {"Authorization": f"Bearer {stage.token}"}, replicas.loop
        self.is_over, self.codes, self.opened, self.echoed = threading.Event(), [], 0, 0
        for _ in range(number):
            self.loop.start(self._stay())

    async def _stay(self):
        while not self.is_over.is_set():
            try:
                async with connect(self.url, additional_headers=self.fields, **self.place) as socket:
                    self.opened += 1
                    while not self.is_over.is_set():
                        await socket.send("hello")
                        await asyncio.wait_for(socket.recv(), 30)
                        self.echoed += 1
                        await asyncio.sleep(0.02)
            except ConnectionClosed as closed:
                self.codes.append(closed.rcvd.code if closed.rcvd else None)
            except Exception as other:
                self.codes.append(repr(other))


def rolling_restart(stage):
    """One replica after the other ends and starts again, and nobody notices."""
    replicas = stage.replicas
    port = replicas.loop.run(Apps().start()).ports["echo"]
    app = {"name": "echo", "upstreams": [f"http://127.0.0.1:{port}"], "access": {"everyone": True}}
    stage.ada.expect(201, "POST", "/api/v1/apps", app)
    echo = lambda place: replicas.visitor(place, token=stage.token).ask("GET", "/", host="echo.localhost").status
    wait_until("all know of the new app", lambda: 421 not in map(echo, range(3)))
    sockets = Sockets(stage)
    wait_until("six WebSockets are open", lambda: sockets.opened == 6)

    def fault():
        for place in range(3):
            check(f"replica {place + 1} ends well", replicas.restart(place) == 0, replicas.doors[place].output())
            wait_until("all are ready", stage.are_ready)
            time.sleep(1.5)

    stage.suffer("a rolling restart: no request fails", fault)
    sockets.is_over.set()
    codes, echoed = sockets.codes, sockets.echoed
    check(f"WebSockets were told to go, came back, and had {echoed} echoes", codes and set(codes) == {1001}, codes)


def test(folder):
    replicas = Replicas(folder)
    try:
        stage = Stage(replicas)
        wait_until("all replicas are ready", stage.are_ready)
        rolling_restart(stage)
        database(stage)
        valkey(stage)
        a_replica(stage)
        numbered(stage)
    finally:
        replicas.end()


if __name__ == "__main__":
    main(test, seconds=600)
