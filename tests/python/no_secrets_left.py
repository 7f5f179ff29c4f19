"""No secret typed anywhere is found anywhere: not on the disk, in no log, event, error or page.

Each secret is a canary of its own: typed or received through every form and operation that takes or makes one, right and
wrong, in the right field and by mistake in another. Then everything that the server wrote is searched for each of them,
plain, escaped, encoded and hashed without a key. Three places may show one: the line on standard output with the setup
link, the setup page that it leads to, and the answer that hands out a new token.
"""

import base64
import hashlib
import json
import re
import secrets
import urllib.parse

from door import Door, Failed, check, main, run
from visitor import Visitor, basic

APP = "sample.localhost"


class Canaries(dict):
    """Secrets by what they are."""

    def password(self, what):
        """A new strong password."""
        self[what] = f"violin {secrets.token_hex(6)} otter {secrets.token_hex(4)}"
        return self[what]

    def keep(self, what, secret):
        """A secret that Doorward made."""
        if not secret or len(secret) < 8:
            raise Failed(f"there was to be a secret: {what}: {secret!r}")
        self[what] = secret
        return secret


def spellings(secret):
    """The ways in which a secret may be written down."""
    raw = secret.encode()
    yield "plain", raw
    yield "as JSON", json.dumps(secret)[1:-1].encode()
    for quoted in (urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)):
        yield "percent-encoded", quoted.encode()
    yield "in hex", raw.hex().encode()
    for skipped in range(3):
        start, end = (0, 2, 3)[skipped], -4 if (skipped + len(raw)) % 3 else None
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield "in base64", encode(b"\0" * skipped + raw)[start:end]
    for digest in (hashlib.sha256(raw), hashlib.sha1(raw), hashlib.md5(raw)):
        yield f"as bare {digest.name}", digest.digest()
        yield f"as bare {digest.name} in hex", digest.hexdigest().encode()


def found_in(places, canaries):
    """Where a canary is seen: sentences, none when all is well."""
    return [
        f"{what}, {how}, in {place}"
        for what, secret in canaries.items()
        for how, spelling in set(spellings(secret))
        for place, content in places.items()
        if spelling in content
    ]


class Watched(Visitor):
    """A visitor who remembers every answer, and whose cookies are canaries."""

    def __init__(self, port, canaries, who, token=None):
        super().__init__(port, token)
        self.canaries, self.who, self.answers, self.known = canaries, who, {}, set()

    def ask(self, method, path, body=None, host="localhost", headers=(), may_show=False):
        """`may_show`: the answer is one of those that hand out or hold a secret by their purpose."""
        answer = super().ask(method, path, body, host, headers)
        if not may_show:
            place = f"answer {len(self.answers)} to {self.who}: {answer.status} {method} {path.split('?')[0]}"
            self.answers[place] = answer.body
        for jar in self.cookies.values():
            for name, value in jar.items():
                if value not in self.known:
                    self.known.add(value)
                    self.canaries.keep(f"cookie {name} {len(self.known)} of {self.who}", value)
        if code := re.search(r"[?&]code=([^&]+)", answer.headers.get("Location", "")):
            self.canaries.keep(f"hand-off code {len(self.canaries)}", urllib.parse.unquote(code[1]))
        return answer

    def form(self, status, path, fields, **more):
        """Submits a form, which must be answered with this status."""
        may_show = more.pop("may_show", False)
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        head = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        answer = self.ask("POST", path, body, headers=head | {"Accept": "text/html"}, may_show=may_show)
        if answer.status != status:
            raise Failed(f"POST {path} was to answer {status}: {answer}")
        return answer


def set_up(ada, canaries, link):
    code = canaries.keep("setup code", urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["code"][0])
    ada.ask("GET", f"/setup?code={code}", may_show=True)
    fields = {"code": code, "email": "ada@example.org", "name": "Ada Lovelace"}
    short = canaries.keep("short password", secrets.token_urlsafe(6))
    ada.form(422, "/setup", fields | {"password": short}, may_show=True)
    wrong = canaries.keep("wrong setup code", secrets.token_urlsafe(32))
    unused = canaries.password("password beside a wrong setup code")
    ada.form(403, "/setup", fields | {"code": wrong, "password": unused})
    ada.ask("POST", "/api/v1/setup", fields | {"code": wrong, "password": unused})
    ada.form(303, "/setup", fields | {"password": canaries.password("first password")})


def fail_to_sign_in(eve, canaries):
    for email in ("ada@example.org", "nobody@example.org"):
        eve.form(401, "/login", {"identifier": email, "password": canaries.password(f"wrong for {email}, page")})
        body = {"identifier": email, "password": canaries.password(f"wrong for {email}, REST")}
        eve.expect(401, "POST", "/api/v1/sessions", body)
    slip = canaries.password("password typed as the e-mail address")
    eve.ask("POST", "/api/v1/sessions", {"identifier": slip, "password": "x"})
    eve.form(401, "/login", {"identifier": slip, "password": "x"}, may_show=True)
    for what, body in {
        "password in a list": {"identifier": "ada@example.org", "password": [canaries.password("password in a list")]},
        "password as a name": {"identifier": "ada@example.org", canaries.password("password as a name"): ""},
    }.items():
        answer = eve.ask("POST", "/api/v1/sessions", body, may_show=what == "password as a name")
        check(f"{what} is refused", answer.status in (400, 422), answer)
    torn = b'{"identifier":"ada@example.org","password":"' + canaries.password("password in torn JSON").encode()
    eve.ask("POST", "/api/v1/sessions", torn, headers={"Content-Type": "application/json"})
    eve.ask("GET", f"/api/v1/tokens?limit={urllib.parse.quote(canaries.password('password in a query'))}")


def change_passwords(ada, canaries):
    first = canaries["first password"]
    form = {"current_password": canaries.password("wrong present password"), "new_password": canaries.password("unused")}
    ada.form(403, "/account/password", form)
    form = {"current_password": first, "new_password": canaries.password("second password")}
    ada.form(303, "/account/password", form)
    body = {"current_password": canaries["second password"], "new_password": canaries.password("third password")}
    ada.expect(204, "POST", "/api/v1/me/password", body)
    ada.form(403, "/account/confirm", {"password": canaries.password("wrong proof"), "next": "/account"})
    ada.form(303, "/account/confirm", {"password": canaries["third password"], "next": "/account"})


def use_tokens(ada, door, canaries):
    page = ada.form(201, "/account/tokens", {"name": "page", "expires_in_days": "7", "everything": "yes"}, may_show=True)
    canaries.keep("token of the page", re.search(r"dwt_\w{49}", page.text)[0])
    body = {"name": "rest", "apps": ["*"], "permissions": ["*"]}
    made = ada.ask("POST", "/api/v1/tokens", body, may_show=True).json
    token = canaries.keep("token of REST", made["secret"])
    program = Watched(door.port, canaries, "program")
    altered = canaries.keep("mistyped token", token[:10] + ("b" if token[10] != "b" else "c") + token[11:])
    for secret in (token, altered, canaries.keep("something like a token", "dwt_" + secrets.token_hex(9))):
        for head in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}, {"Authorization": basic(secret)}):
            program.ask("GET", "/api/v1/me", headers=head)
            program.ask("GET", "/some/path", host=APP, headers=head)
    ada.expect(204, "DELETE", f"/api/v1/tokens/{made['token']['id']}")
    refused = program.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    check("the revoked token is refused", refused.status == 401, refused)
    return program


def make_a_member(ada, door, canaries, folder):
    body = {"email": "grace@example.org", "name": "Grace Hopper", "password": canaries.password("member's password")}
    ada.expect(201, "POST", "/api/v1/users", body)
    words = ["user", "create", "--email", "alan@example.org", "--name", "Alan Turing", "--password-stdin"]
    ended = run(words, door.data, folder, stdin=canaries.password("password on standard input") + "\n")
    check("an account is made on the command line", ended.returncode == 0, ended.stderr)
    said = ended.stdout + ended.stderr
    check("the command says nothing of the password", canaries["password on standard input"] not in said, said)
    grace = Watched(door.port, canaries, "Grace")
    grace.form(303, "/login", {"identifier": "grace@example.org", "password": canaries["member's password"]})
    return grace


def open_the_app(ada):
    page = ada.follow(f"http://{APP}:{ada.port}/deep/path?x=1")
    check("the app is opened with a session of its own", page.status == 200 and ada.cookies.get(APP), page)
    kinds = [what.split()[0] for what in ada.canaries if what.startswith(("cookie", "hand-off"))]
    check("cookies and the hand-off code are among the secrets", {"cookie", "hand-off"} <= set(kinds), kinds)


def audit(ada):
    """All events as REST and the pages show them."""
    events = ada.expect(200, "GET", "/api/v1/audit/events?limit=500").json["items"]
    check("the audit log has events to look at", len(events) > 10, len(events))
    pages = {"events of REST": json.dumps(events).encode(), "audit page": ada.follow(f"http://localhost:{ada.port}/admin/audit").body}
    for event in events:
        pages[f"page of {event['id']}"] = ada.expect(200, "GET", f"/admin/audit/{event['id']}").body
    return pages


def on_disk(door):
    """All files of the data directory but the keys."""
    files = [path for path in door.data.rglob("*") if path.is_file() and "keys" not in path.relative_to(door.data).parts]
    return {f"{path.relative_to(door.data)}": path.read_bytes() for path in files}


def logs(door):
    """Both outputs, without the one line that may hold the setup code."""
    lines = [line for line in door.stdout.read_bytes().splitlines() if not line.startswith(b"setup ")]
    return {"standard output": b"\n".join(lines), "standard error": door.stderr.read_bytes()}


def nowhere(what, places, canaries):
    seen = found_in(places, canaries)
    check(f"{what}: none of {len(canaries)} secrets in {len(places)} places", not seen, "\n".join(seen[:40]))


def test(folder):
    door, canaries = Door(folder, ["protect", "--log", "trace", "--access-log", "stdout"]).wait(), Canaries()
    ada, eve = Watched(door.port, canaries, "Ada"), Watched(door.port, canaries, "Eve")
    set_up(ada, canaries, door.line("setup"))
    fail_to_sign_in(eve, canaries)
    open_the_app(ada)
    change_passwords(ada, canaries)
    program = use_tokens(ada, door, canaries)
    grace = make_a_member(ada, door, canaries, folder)
    ada.ask("DELETE", "/api/v1/sessions")
    grace.form(303, "/logout", {})
    nowhere("the audit log", audit(ada), canaries)
    for visitor in (ada, eve, program, grace):
        nowhere(f"the answers to {visitor.who}", visitor.answers, canaries)
    nowhere("the data directory of the running server", on_disk(door), canaries)
    check("the server ends well", door.end() == 0, door.ended())
    nowhere("the data directory after the end", on_disk(door), canaries)
    check("the log is as talkative as it can be", len(logs(door)["standard error"]) > 10_000, door.stderr.stat())
    lines = [json.loads(line) for line in door.stdout.read_bytes().splitlines() if line.startswith(b"{")]
    check("the access log has a line for each answer", len(lines) > 50, len(lines))
    check("it names no query", not [line for line in lines if "?" in line["path"]])
    nowhere("both outputs", logs(door), canaries)
    secret = canaries["first password"]
    seeded = {"a file": b"x" + base64.b64encode(b"ab" + secret.encode() + b"yz")}
    check("a secret that was there would be found", found_in(seeded, {"first password": secret}))


if __name__ == "__main__":
    main(test, seconds=120)
