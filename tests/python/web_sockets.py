"""A WebSocket and server-sent events flow undisturbed over TLS, across changes of certificate and of everything else
that is not theirs, and end within a second when what they rest on ends.

Whatever ends a stream is done over REST; the second counts from the answer to that. Beside each that must end there are
others that must not.
"""

import argparse
import itertools
import signal
import time

from door import ADMIN, Door, Failed, check, first_account, main, wait_until
from flows import Apps, Events, Loop, Socket
from over_https import Pair, flags, shown, trusting

A_SECOND = 1.0
FIRST_PASSWORD = "lantern gravel cousin tide"
SECOND_PASSWORD = "marble orchard window sleet"


class Stage:
    """A door before both apps, and what flows through it."""

    def __init__(self, folder):
        self.loop = Loop()
        self.apps = self.loop.run(Apps().start())
        self.pairs = [Pair(folder / name) for name in ("shown", "first", "second")]
        words, tls = ["protect", *flags(self.pairs[0])], trusting(*self.pairs)
        self.door = Door(folder, words, env=first_account(folder), tls=tls).wait()
        self.ada = self.door.administrator()
        self.people = [self._account(name) for name in ("ben", "grace", "carol")]
        for name, port in self.apps.ports.items():
            app = {"name": name, "upstreams": [f"http://127.0.0.1:{port}"], "access": self.access()}
            self.ada.expect(201, "POST", "/api/v1/apps", app)

    def access(self, without=None):
        """Everybody by name, but one."""
        return {"users": [who for who in (ADMIN, *self.people) if who != without]}

    def _account(self, name):
        account = {"email": f"{name}@example.org", "name": name, "password": FIRST_PASSWORD}
        self.ada.expect(201, "POST", "/api/v1/users", account)
        return account["email"]

    def browser(self, who):
        """A browser that has signed in and opened both apps."""
        browser = self.door.visitor()
        browser.expect(201, "POST", "/api/v1/sessions", {"identifier": who, "password": FIRST_PASSWORD})
        for app in self.apps.ports:
            browser.follow(f"https://{app}.localhost:{self.door.port}/")
        return browser

    def token(self, visitor):
        """A token for both apps: its id and its secret."""
        body = {"name": "flows", "apps": ["*"], "permissions": []}
        made = visitor.expect(201, "POST", "/api/v1/tokens", body).json
        return made["token"]["id"], made["secret"]

    def of_browser(self, browser):
        """Both streams of a browser."""
        return self._begin(
            kind(self.apps, self.door, {"Cookie": cookie(browser, f"{kind.app}.localhost")})
            for kind in (Socket, Events)
        )

    def of_token(self, secret):
        """Both streams of a program."""
        credential = {"Authorization": f"Bearer {secret}"}
        return self._begin(kind(self.apps, self.door, credential) for kind in (Socket, Events))

    def _begin(self, streams):
        streams = list(streams)
        for stream in streams:
            self.loop.start(stream.run())
        flow_on(streams)
        return streams


def cookie(browser, host):
    return "; ".join(f"{name}={value}" for name, value in browser.cookies[host].items())


def flow_on(streams):
    """Waits until something more has come on each, or fails when one has ended."""
    before = [stream.flowed for stream in streams]
    for stream, flowed in zip(streams, before, strict=True):
        wait_until("more comes on each stream", lambda s=stream, f=flowed: s.flowed > f + 2 or s.ended_at)
        if stream.ended_at:
            raise Failed(f"it was to flow on: {stream}")


def ends(stage, what, ask, ending, going_on):
    """Does what `ask` does, after which the streams `ending` end on both sides at once, and the others do not."""
    flow_on(ending + going_on)
    ask()
    answered = time.monotonic()
    ended = stage.apps.ended
    over = wait_until(
        f"the streams end: {what}", lambda: all(s.ended_at and s.path in ended for s in ending), patience=10
    )
    times = [moment - answered for s in ending for moment in (s.ended_at, ended[s.path])]
    cut = over and all(stream.was_cut() for stream in ending)
    flow_on(going_on)
    check(f"{what}: cut on both sides {max(times):.3f} s after the answer, {len(going_on)} others flow on",
          cut and max(times) <= A_SECOND, "\n".join(map(str, ending)))


def disturb(stage, number):
    """What must not be noticed by streams: other people's changes, and another certificate."""
    stage.ada.expect(201, "POST", "/api/v1/groups", {"name": f"group-{number}"})
    stage.ada.expect(204, "DELETE", f"/api/v1/groups/group-{number}")
    app = {"name": f"app{number}", "upstreams": ["builtin:sample"], "access": {"everyone": True}}
    stage.ada.expect(201, "POST", "/api/v1/apps", app)
    stage.ada.expect(204, "DELETE", f"/api/v1/apps/app{number}")
    new = stage.pairs[1 + number % 2]
    new.replace(stage.pairs[0])
    stage.door.process.send_signal(signal.SIGHUP)
    wait_until("the new certificate is shown", lambda: shown(stage.door.port)[0] == new.der)


def flow_for(stage, streams, seconds):
    """Streams flow, whatever happens beside them."""
    before, end = [stream.flowed for stream in streams], time.monotonic() + seconds
    for number in itertools.count():
        disturb(stage, number)
        flow_on(streams)
        if time.monotonic() > end:
            break
    least = min(stream.flowed - flowed for stream, flowed in zip(streams, before, strict=True))
    check(f"{len(streams)} streams flowed for {seconds} s and across {number + 1} changes of certificate, "
          f"{least} exchanges or more on each", least >= seconds)


def session_and_password(stage, others):
    """Ben has three browsers; two of them lose their sessions."""
    first, second, third = (stage.browser("ben@example.org") for _ in range(3))
    streams = [stage.of_browser(browser) for browser in (first, second, third)]
    session = first.expect(200, "GET", "/api/v1/me").json["session"]["id"]

    def end_session():
        second.expect(204, "DELETE", f"/api/v1/sessions/{session}")

    def change_password():
        body = {"current_password": FIRST_PASSWORD, "new_password": SECOND_PASSWORD}
        second.expect(204, "POST", "/api/v1/me/password", body)

    def sign_out():
        second.expect(204, "DELETE", "/api/v1/sessions/current")

    ends(stage, "a session is ended from another browser", end_session, streams[0], others + streams[1] + streams[2])
    ends(stage, "a password is changed in another browser", change_password, streams[2], others + streams[1])
    ends(stage, "a browser signs out", sign_out, streams[1], others)


def token(stage, others):
    """One of two tokens of the same person is revoked."""
    number, secret = stage.token(stage.ada)

    def revoke():
        stage.ada.expect(204, "DELETE", f"/api/v1/tokens/{number}")

    ends(stage, "a token is revoked", revoke, stage.of_token(secret), others)


def access(stage, others):
    """Grace may no longer open one app, and then the other."""
    socket, events = stage.of_browser(stage.browser("grace@example.org"))

    def close(app):
        body = {"access": stage.access(without="grace@example.org")}
        stage.ada.expect(200, "PATCH", f"/api/v1/apps/{app}", body)

    ends(stage, "an app is closed to somebody", lambda: close("echo"), [socket], [*others, events])
    ends(stage, "the other app is closed to her", lambda: close("events"), [events], others)


def account(stage, others):
    """Carol's account is shut."""
    browser = stage.browser("carol@example.org")
    streams = stage.of_browser(browser) + stage.of_token(stage.token(browser)[1])

    def shut():
        stage.ada.expect(200, "PATCH", "/api/v1/users/carol@example.org", {"disabled": True})

    ends(stage, "an account is shut", shut, streams, others)


def test(folder, seconds):
    stage = Stage(folder)
    hers, bens = stage.of_token(stage.token(stage.ada)[1]), stage.of_browser(stage.browser("ben@example.org"))
    flow_for(stage, hers + bens, seconds)
    token(stage, hers + bens)
    access(stage, hers + bens)
    account(stage, hers + bens)
    session_and_password(stage, hers)

    def remove():
        stage.ada.expect(204, "DELETE", "/api/v1/apps/echo")

    ends(stage, "an app is removed", remove, hers[:1], hers[1:])
    check("the server ends well when it is asked to, whatever still flows", stage.door.end() == 0, stage.door.ended())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long the streams flow before anything ends them")
    chosen = parser.parse_args().seconds
    main(lambda folder: test(folder, chosen), seconds=90 + 2 * chosen)
