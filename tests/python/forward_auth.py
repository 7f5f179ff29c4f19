"""nginx, Caddy and HAProxy stand before an app and ask Doorward who may pass, set up as docs/forward-auth shows it.

The app writes down what it gets. For each proxy a browser signs in on the way to a page and comes back to it, a program
passes with a token, and nobody else does; whatever a client says about who it is does not reach the app, and neither do
Doorward's cookies and tokens.
"""

import base64
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import socket
import ssl
import threading

import proxies
import yaml
from door import ADMIN, PASSWORD, Door, Failed, check, first_account, free_port, main
from visitor import Visitor, basic

FORGED = [
    "Remote-User", "Remote_User", "remote.user", "REMOTE-GROUPS", "Remote_Email", "X-Remote-User", "X_Remote_User",
    "X-Forwarded-User", "X_Forwarded_User", "X-Forwarded-Groups", "X-Forwarded-Uri", "X-Forwarded-Method",
    "X-Forwarded-Host", "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP",
    "X_Real_IP", "X-WebAuth-User", "X_WebAuth_User", "X-Auth-Request-User", "X_Auth_Request_User",
    "X-Doorward-Assertion", "X_Doorward_Assertion", "Proxy", "X-Client-IP", "X_Client_IP", "X-Cluster-Client-IP",
    "Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Original-Forwarded-For", "X-Original-Host", "X-Host",
]
# nginx removes fields by their whole names alone.
FORGED_KIN = ["X-Doorward-Anything", "X_Remote_Anything", "remote-anything", "X-Forwarded.Anything"]
OPENING = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"sixteen bytes it").decode(),
}
RFC_6455 = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


class Origin:
    """The app: it writes down each request, and shows it."""

    def __init__(self):
        self.seen = []
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                if self.headers.get("Upgrade") == "websocket":
                    return self._echo()
                body = self._chunks() if self.headers.get("Transfer-Encoding") else self._sized()
                seen = {"line": self.requestline, "headers": self.headers.items(), "body": body.decode()}
                origin.seen.append(seen)
                shown = json.dumps(seen).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(shown)))
                self.end_headers()
                self.wfile.write(shown)

            def _echo(self):
                """A tunnel that gives back what it gets; frames are none of its business."""
                accept = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + RFC_6455).encode()).digest()
                self.send_response(101)
                self.send_header("Connection", "Upgrade")
                self.send_header("Upgrade", "websocket")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
                self.end_headers()
                self.close_connection = True
                while some := self.connection.recv(64):
                    self.connection.sendall(some)

            def _sized(self):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def _chunks(self):
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_words):
                pass

            do_GET = do_POST = do_PUT = do_OPTIONS = answer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, _request, _address):
                """A proxy may reset a connection that it has no more use for."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def only(self):
        """The only request since this was last asked."""
        seen, self.seen = self.seen, []
        if len(seen) != 1:
            raise Failed(f"the app got {len(seen)} requests: {seen}")
        return Seen(seen[0])

    def nothing(self, answer):
        """Fails if the app got a request."""
        seen, self.seen = self.seen, []
        if seen:
            raise Failed(f"it reached the app: {seen}\n{answer}")


class Seen:
    """A request as the app got it."""

    def __init__(self, seen):
        self.line, self.headers, self.body = seen["line"], seen["headers"], seen["body"]

    def values(self, name):
        return [value for found, value in self.headers if found.lower() == name.lower()]

    def __str__(self):
        return f"{self.line} {self.headers} {self.body}"


class TlsConnection(http.client.HTTPSConnection):
    """A connection to this machine that asks for a host by its name."""

    def __init__(self, host, port):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(host, port, timeout=30, context=context)

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Browser(Visitor):
    """Somebody who comes through a proxy: a connection for each host."""

    def __init__(self, port, **more):
        super().__init__(port, **more)
        self.scheme, self.connections = "https", {}

    def ask(self, method, path, body=None, host=proxies.APP, headers=()):
        self.connection = self.connections.setdefault(host, TlsConnection(host, self.port))
        return super().ask(method, path, body, host, headers)


class Gate:
    """An app behind a proxy that asks a Doorward."""

    def __init__(self, name, folder, origin):
        self.name, self.origin, self.port = name, origin, free_port()
        self.folder = folder / name
        self.folder.mkdir()
        home = ["--home-url", f"https://{proxies.HOME}:{self.port}", "--trusted-proxy", "127.0.0.1"]
        self.door = Door(self.folder, ["serve", *home], env=first_account(self.folder)).wait()
        self.ada = self.door.administrator()
        upstream = f"http://127.0.0.1:{origin.port}"
        made = {"name": "notes", "upstreams": [upstream], "access": {"everyone": True}}
        self.app = self.ada.expect(201, "POST", "/api/v1/apps", made).json["id"]
        place = proxies.Place(self.folder, self.port, self.door.port, origin.port)
        self.proxy = proxies.start(name, place, lambda: self.browser().ask("GET", "/healthz", host=proxies.HOME))

    def browser(self, **more):
        return Browser(self.port, **more)

    def change(self, **change):
        self.ada.expect(200, "PATCH", f"/api/v1/apps/{self.app}", change)

    def check(self, what, holds, found=""):
        check(f"{self.name}: {what}", holds, f"{found}\n{self.proxy.output()[-3000:]}")


def sign_in(gate, path):
    """A browser that asks for a page, signs in on the way, and the app's answer."""
    browser = gate.browser()
    form = browser.follow(f"https://{proxies.APP}:{gate.port}{path}")
    gate.origin.nothing(form)
    following = re.search(r'name="next" value="([^"]*)"', form.text)
    gate.check("somebody without a session is led to sign in", form.status == 200 and following, form)
    fields = {"identifier": ADMIN, "password": PASSWORD, "next": following[1].replace("&amp;", "&").replace("&#38;", "&")}
    answer = browser.submit("/login", fields, host=proxies.HOME)
    gate.check("the sign-in works through the proxy", answer.status == 303, answer)
    return browser, browser.follow(f"https://{proxies.HOME}:{gate.port}{answer.headers['Location']}")


def passes(gate):
    """Signs in; answers the browser."""
    browser, answer = sign_in(gate, "/today?q=1&r=%2F2")
    gate.check("and comes back to the page", answer.status == 200, answer)
    seen = gate.origin.only()
    gate.check("which the app is asked for as it stood", seen.line == "GET /today?q=1&r=%2F2 HTTP/1.1", seen)
    own = {"Remote-User": "ada", "Remote-Email": ADMIN, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    told = all(seen.values(name) == [value] for name, value in own.items())
    assertion = seen.values("X-Doorward-Assertion")
    gate.check("the app is told who asks", told and [word.count(".") for word in assertion] == [2], seen)
    claims = assertion[0].split(".")[1]
    audience = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["aud"]
    gate.check("the assertion is for this app", audience == f"https://{proxies.APP}:{gate.port}", audience)
    names = list(browser.cookies[proxies.APP])
    gate.check("the start of the sign-in is spent", names == ["__Host-doorward"], names)
    return browser


def keeps_what_is_doorward_s(gate, browser):
    browser.cookies[proxies.APP] |= {"theirs": "1", "__Host-doorward-start-old": "sealed"}
    browser.ask("GET", "/", headers={"Authorization": "Digest of=theirs", "X-API-Key": "theirs"})
    seen = gate.origin.only()
    gate.check("the app gets its own cookies and none of ours", seen.values("Cookie") == ["theirs=1"], seen)
    kept = seen.values("Authorization") == ["Digest of=theirs"] and seen.values("X-API-Key") == ["theirs"]
    gate.check("and credentials that are not ours as they came", kept, seen)
    del browser.cookies[proxies.APP]["theirs"], browser.cookies[proxies.APP]["__Host-doorward-start-old"]
    browser.ask("GET", "/")
    seen = gate.origin.only()
    gate.check("where nothing is left, no cookie is sent", seen.values("Cookie") == [], seen)


def forgets_what_clients_say(gate, browser):
    forgery = dict.fromkeys(FORGED if gate.name == "nginx" else FORGED + FORGED_KIN, "forged")
    browser.ask("GET", "/page", headers=forgery)
    seen = gate.origin.only()
    forged = [name for name, value in seen.headers if "forged" in value]
    gate.check("nothing that a client says of itself reaches the app", forged == [], seen)
    gate.check("which is told the truth instead", seen.values("Remote-User") == ["ada"], seen)
    cut = {"Connection": "keep-alive, Remote-User, X-Forwarded-For, X-Forwarded-Uri, X-Forwarded-Method"}
    browser.ask("GET", "/page", headers=cut | forgery)
    seen = gate.origin.only()
    forged = [name for name, value in seen.headers if "forged" in value]
    gate.check("nor does it when `Connection` names the fields", forged == [], seen)
    stranger = gate.browser()
    headers = {"X-Forwarded-Uri": "/.doorward/me", "X-Forwarded-Method": "GET", "X-Forwarded-Host": proxies.HOME}
    answer = stranger.ask("POST", "/", b"", headers=headers | {"Remote-User": "ada"})
    gate.origin.nothing(answer)
    gate.check("nobody talks the proxy into asking for something else", answer.status == 401, answer)


def takes_tokens(gate):
    program = gate.browser(token=gate.door.holder(apps=["notes"]).token)
    answer = program.ask("PUT", "/thing", b"a body")
    seen = gate.origin.only()
    gate.check("a program passes with a token, and its body does", answer.status == 200 and seen.body == "a body", seen)
    stripped = "dwt_" not in str(seen) and not seen.values("Authorization") and seen.values("Remote-User") == ["ada"]
    gate.check("the app never sees the token", stripped, seen)
    program.ask("POST", "/thing", iter([b"in ", b"pieces"]))
    gate.check("a body of unknown length passes", gate.origin.only().body == "in pieces")
    keyed = gate.browser()
    answer = keyed.ask("GET", "/", headers={"X-API-Key": program.token})
    gate.check("as X-API-Key it passes, too, and is kept", "dwt_" not in str(gate.origin.only()), answer)
    gate.change(basic=True)
    answer = keyed.ask("GET", "/", headers={"Authorization": basic(program.token)})
    gate.check("and so it is as a password", not gate.origin.only().values("Authorization"), answer)
    answer = keyed.ask("GET", "/")
    gate.origin.nothing(answer)
    challenged = answer.status == 401 and "Basic" in answer.headers.get("WWW-Authenticate", "")
    gate.check("an app that takes Basic challenges for it", challenged, answer)
    gate.change(basic=False)


def opens_web_sockets(gate, browser):
    connection = TlsConnection(proxies.APP, gate.port)
    connection.connect()
    own = f"https://{proxies.APP}:{gate.port}"
    head = OPENING | {"Host": own.removeprefix("https://"), "Origin": own, "Cookie": f"__Host-doorward={browser.last}"}
    fields = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with connection.sock as tunnel:
        tunnel.sendall(f"GET /socket HTTP/1.1\r\n{fields}\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and (byte := tunnel.recv(1)):
            answer += byte
        gate.check("the app's own page opens a WebSocket", answer.startswith(b"HTTP/1.1 101"), answer)
        tunnel.sendall(b"hello")
        echoed = b""
        while len(echoed) < 5 and (some := tunnel.recv(5)):
            echoed += some
        gate.check("and it carries bytes both ways", echoed == b"hello", echoed)


def opens_nothing_else(gate):
    """Over HTTP/2 in the clear (RFC 7540 §3.2) an app would be spoken to with nobody between."""
    gate.change(rules=[{"path": "/share", "allow": "anyone"}])
    for protocol in ("h2c", "h2c, websocket", "TLS/1.0"):
        connection = TlsConnection(proxies.APP, gate.port)
        headers = {"Upgrade": protocol, "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
        connection.request("GET", "/share", headers=headers)
        status = connection.getresponse().status
        reached, gate.origin.seen = gate.origin.seen, []
        told = [name for seen in reached for name, _ in seen["headers"] if name.lower() in ("upgrade", "http2-settings")]
        gate.check(f"no connection becomes {protocol}", status in (200, 400) and "Upgrade" not in told, (status, reached))
    gate.change(rules=[])


def refuses(gate, browser):
    def refused(what, status, answer):
        gate.origin.nothing(answer)
        gate.check(what, answer.status == status, answer)

    refused("a program without a credential gets 401", 401, gate.browser().ask("GET", "/"))
    other = gate.browser(token=gate.door.holder(permissions=["user:list"]).token)
    refused("a token for something else gets 403", 403, other.ask("GET", "/"))
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    refused("another site's page cannot write in a visitor's name", 403, browser.ask("POST", "/", b"x", headers=evil))
    refused("nor open a WebSocket", 403, browser.ask("GET", "/", headers=evil | OPENING))
    browser.connections.clear()
    gate.change(access={"everyone": False})
    refused("whom the app is not open to gets 403", 403, browser.ask("GET", "/", headers=PAGE))
    gate.change(access={"everyone": True})
    refused("nobody outside asks at the home host", 404, browser.ask("GET", "/api/v1/forward-auth", host=proxies.HOME))
    mark = {"Sec-Doorward-Check": "1", "X-Forwarded-Proto": "https"}
    answer = browser.ask("GET", "/.doorward/forward-auth/", headers=mark)
    refused("nor at the app's", 400, answer)
    me = browser.ask("GET", "/.doorward/me")
    gate.origin.nothing(me)
    gate.check("Doorward's own paths are Doorward's", me.json.get("handle") == "ada", me)
    for path in ("/%2edoorward/me", "/.Doorward/me", "//.doorward/me"):
        answer = browser.ask("GET", path)
        gate.origin.nothing(answer)
        gate.check(f"{path} is nobody's", answer.status in (403, 404, 500), answer)


def describes(host=f"{proxies.APP}"):
    return {"X-Forwarded-Proto": "https", "X-Forwarded-Host": host, "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET",
            "X-Forwarded-For": "192.0.2.7"}


def asks(gate, address, headers, token):
    """What Doorward answers somebody at `address` who asks as proxies do."""
    connection = http.client.HTTPConnection("127.0.0.1", gate.door.port, timeout=30, source_address=(address, 0))
    connection.putrequest("GET", "/api/v1/forward-auth", skip_host=True)
    for name, value in [("Host", proxies.HOME), ("Authorization", f"Bearer {token}"), *headers]:
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    return response.status, response.read().decode()


def answers_proxies_alone(gate):
    token = gate.door.holder(apps=["notes"]).token
    fields = list(describes().items())
    found = asks(gate, "127.0.0.1", fields, token)
    gate.check("Doorward answers the proxy", found[0] == 200, found)
    found = asks(gate, "127.0.0.2", fields, token)
    gate.check("and nobody else", found[0] == 403 and "untrusted_proxy" in found[1], found)
    for name, value in fields:
        missing = [field for field in fields if field[0] != name]
        for what, sent in (("missing", missing), ("repeated", [*fields, (name, value)])):
            status, text = asks(gate, "127.0.0.1", sent, token)
            gate.check(f"{name} {what} is refused by name", status == 400 and f"`{name}`" in text, text)


def forgets_at_once(gate, browser):
    holder = gate.door.holder(apps=["notes"])
    program = gate.browser(token=holder.token)
    for _ in range(2):
        program.ask("GET", "/")
        gate.origin.only()
    tokens = gate.ada.expect(200, "GET", "/api/v1/tokens").json["items"]
    last = next(token for token in tokens if holder.token.startswith(token["prefix"]))
    gate.ada.expect(204, "DELETE", f"/api/v1/tokens/{last['id']}")
    answer = program.ask("GET", "/")
    gate.origin.nothing(answer)
    gate.check("a revoked token is refused by the next request", answer.status == 401, answer)
    browser.ask("GET", "/")
    gate.origin.only()
    answer = browser.submit("/.doorward/sign-out", {}, host=proxies.APP)
    gate.check("signing out works through the proxy", answer.status == 200, answer)
    kept = {"Cookie": f"__Host-doorward={browser.last}"}
    answer = gate.browser().ask("GET", "/", headers=kept)
    gate.origin.nothing(answer)
    gate.check("and the next request with the old cookie is refused", answer.status == 401, answer)


def fails_closed(gate):
    gate.door.end()
    answer = gate.browser().ask("GET", "/", headers=PAGE)
    gate.origin.nothing(answer)
    gate.check("without Doorward nothing passes", answer.status >= 500, answer)


def with_a_broken_script(folder):
    """HAProxy goes on after an error in Lua."""
    folder.mkdir()
    origin, port = Origin(), free_port()
    place = proxies.Place(folder, port, free_port(), origin.port)
    proxy = proxies.haproxy(place, lambda script: script.replace("core.httpclient()", "core.is_not_there()"))
    stranger = Browser(port)
    answer = proxies.ready("HAProxy", proxy, lambda: stranger.ask("GET", "/"))
    origin.nothing(answer)
    check("HAProxy: an error in the script lets nothing pass", answer.status == 503, answer)


def others_name_every_field():
    """Traefik and Envoy are not here to be started: their files are at least read."""
    fields = ["Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "X-Doorward-Assertion", "Cookie",
              "Authorization", "X-Api-Key"]
    for name in ("traefik.yml", "envoy.yaml"):
        shown = json.dumps(yaml.safe_load((proxies.DOCS / name).read_text())).lower()
        check(f"{name} copies every field", all(f'"{field.lower()}"' in shown for field in fields))


def test(folder):
    others_name_every_field()
    for name in proxies.ALL:
        origin = Origin()
        gate = Gate(name, pathlib.Path(folder), origin)
        browser = passes(gate)
        browser.last = browser.cookies[proxies.APP]["__Host-doorward"]
        keeps_what_is_doorward_s(gate, browser)
        forgets_what_clients_say(gate, browser)
        takes_tokens(gate)
        opens_web_sockets(gate, browser)
        opens_nothing_else(gate)
        refuses(gate, browser)
        answers_proxies_alone(gate)
        forgets_at_once(gate, browser)
        fails_closed(gate)
    with_a_broken_script(pathlib.Path(folder) / "broken")


if __name__ == "__main__":
    main(test, seconds=240)
