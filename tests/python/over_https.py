"""A certificate of one's own: what a start says of a bad one, what clients see, and that it is exchanged unnoticed.

The certificates are made by OpenSSL, and the client is Python's, which verifies them.
"""

import contextlib
import http.client
import signal
import socket
import ssl
import subprocess
import threading

from door import ADMIN, PASSWORD, Door, check, first_account, free_port, main, run, wait_until

# OpenSSL takes no `*.localhost` for a name.
NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:sample.localhost,DNS:echo.localhost,DNS:events.localhost"


class Pair:
    """A certificate and its key, in the files that the server is told of."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.certificate, self.key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "30", "-subj", "/CN=localhost", "-addext", NAMES, "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True,
        )

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())

    def replace(self, other):
        """Puts this pair where the other is, the key first, as no pair for a moment."""
        other.key.write_bytes(self.key.read_bytes())
        other.certificate.write_bytes(self.certificate.read_bytes())


def trusting(*pairs):
    """A client that trusts these certificates and checks names."""
    context = ssl.create_default_context()
    for pair in pairs:
        context.load_verify_locations(pair.certificate)
    return context


def flags(pair, key=None):
    return ["--tls-cert", pair.certificate, "--tls-key", key or pair.key]


def shown(port, protocols=("http/1.1",)):
    """The certificate that a new connection is shown, and the protocol that it speaks."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    with socket.create_connection(("127.0.0.1", port), 30) as stream, context.wrap_socket(stream) as tls:
        return tls.getpeercert(binary_form=True), tls.selected_alpn_protocol()


def refusals(folder, pair, other):
    """What stops a start: by which exit code, and in which words."""
    data, port = folder / "untouched", free_port()
    serve = ["serve", "--listen", f"127.0.0.1:{port}"]
    missing = folder / "nowhere.pem"
    for what, words, code, said in [
        ("a certificate without its key", ["--tls-cert", pair.certificate], 2, "--tls-key"),
        ("a key that is missing", flags(pair, missing), 64, str(missing)),
        ("a key of another certificate", flags(pair, other.key), 64, "is not that of the certificate"),
        ("a certificate in place of a key", flags(pair, pair.certificate), 64, "no private key"),
        ("a home URL of plain http", [*flags(pair), "--home-url", "http://localhost"], 2, "https"),
    ]:
        ended = run([*serve, *words], data, folder)
        told = ended.returncode == code and said in ended.stderr and ended.stderr.count("\n") == 1
        check(f"{what}: exit code {code}", told, f"{ended.returncode}: {ended.stderr}")
    check("and nothing is touched", not data.exists())


def visits(door):
    """A sign-in that leads through both hosts, and what it leaves with the browser."""
    check("the address is printed as https", door.line("listening") == f"https://127.0.0.1:{door.port}", door.output())
    check("so is the home page", door.line("home") == f"https://localhost:{door.port}", door.output())
    ada = door.visitor()
    made = ada.expect(201, "POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
    session = next(line for line in made.headers.get_all("Set-Cookie") if "doorward=" in line)
    check("the cookie is for https alone", session.startswith("__Host-doorward=") and "Secure" in session, session)
    page = ada.follow(f"https://sample.localhost:{door.port}/")
    check("the app greets who signed in", page.status == 200 and "ada" in page.text, page)
    check("HTTP/2 is spoken with who likes it", shown(door.port, ["h2", "http/1.1"])[1] == "h2")
    check("and HTTP/1.1 with who does not", shown(door.port)[1] == "http/1.1")
    plain = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
    plain.request("GET", "/")
    answer = plain.getresponse()
    check("plain http is told to use https", answer.status == 400 and b"https://" in answer.read())


class Load:
    """Visitors who ask without a pause, each time on a new connection and on one that they keep."""

    def __init__(self, door):
        self.door, self.asked, self.failed = door, 0, []
        self.goes_on = True
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        kept = self.door.visitor()
        while self.goes_on:
            for visitor in (kept, self.door.visitor()):
                try:
                    answer = visitor.ask("GET", "/healthz")
                    if answer.status != 200:
                        self.failed.append(str(answer))
                except OSError as error:
                    self.failed.append(repr(error))
                self.asked += 1
                if visitor is not kept:
                    visitor.connection.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.goes_on = False
        self.thread.join(30)


def exchanges(door, pair, others):
    """New pairs while visitors come and go: by a signal, by themselves, and one that is no pair."""
    second, third = others
    with Load(door) as load:
        wait_until("visitors come", lambda: load.asked > 20)
        second.replace(pair)
        door.process.send_signal(signal.SIGHUP)
        wait_until("the second certificate is shown", lambda: shown(door.port)[0] == second.der)
        third.replace(pair)
        wait_until("the third is shown without being asked for", lambda: shown(door.port)[0] == third.der)
        pair.key.write_text("no key\n")
        door.process.send_signal(signal.SIGHUP)
        wait_until("a bad pair is logged", lambda: "holds no private key" in door.output())
        check("a bad pair leaves the last good one in place", shown(door.port)[0] == third.der)
        asked = load.asked
        wait_until("visitors still come", lambda: load.asked > asked + 20)
    check(f"of {load.asked} requests meanwhile none failed", not load.failed, load.failed[:3])


def test(folder):
    first, second, third = (Pair(folder / name) for name in ("first", "second", "third"))
    refusals(folder, first, second)
    context = trusting(first, second, third)
    door = Door(folder, ["protect", *flags(first)], env=first_account(folder), tls=context).wait()
    visits(door)
    exchanges(door, first, (second, third))
    with contextlib.closing(door.visitor().connection) as idle:
        idle.connect()
        check("it ends well when it is asked to, with a connection open", door.end() == 0, door.ended())


if __name__ == "__main__":
    main(test, seconds=120)
