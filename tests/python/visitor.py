"""Somebody who asks a Doorward over HTTP: one connection kept open, cookies by host, perhaps a token.

Names under `localhost` mean this machine, so the connection always goes to 127.0.0.1 and the `Host` header says which
host is meant.
"""

import base64
import http.client
import json
import select
import urllib.parse
from dataclasses import dataclass
from http.cookies import SimpleCookie


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {dict(self.headers)} {self.text[:600]}"


def basic(password, name="anyone"):
    """The value of an `Authorization` header by name and password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


class Visitor:
    """One who asks. Unsafe requests without a token are marked as made by a script of the same origin.

    `port` is that of the URLs; who comes by another way than they say connects to the port `through`.
    """

    def __init__(self, port, token=None, timeout=30, tls=None, through=None):
        self.port, self.token, self.cookies = port, token, {}
        through = through or port
        self.scheme = "https" if tls else "http"
        if tls:
            self.connection = http.client.HTTPSConnection("127.0.0.1", through, timeout=timeout, context=tls)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", through, timeout=timeout)

    def ask(self, method, path, body=None, host="localhost", headers=()):
        """Sends `body` as JSON when it is a dict, as it is when it is bytes."""
        head = self._head(method, host) | dict(headers)
        if isinstance(body, dict):
            head, body = {"Content-Type": "application/json"} | head, json.dumps(body).encode()
        if self._was_closed():
            self.connection.close()
        try:
            self.connection.request(method, path, body, head)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise ConnectionError(f"{method} {path}: {error!r}") from error
        self._keep_cookies(host, answer)
        return answer

    def submit(self, path, fields, host="localhost", headers=()):
        """Sends a form as a browser does."""
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"{self.scheme}://{host}:{self.port}",
            "Accept": "text/html",
        }
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        return self.ask("POST", path, body, host, head | dict(headers))

    def expect(self, status, method, path, body=None, **more):
        """Asks, and fails unless the answer has this status."""
        answer = self.ask(method, path, body, **more)
        if answer.status != status:
            raise AssertionError(f"{method} {path} was to answer {status}: {answer}")
        return answer

    def follow(self, url):
        """Goes to `url` as a browser goes to a page, and through every redirect."""
        for _ in range(10):
            parts = urllib.parse.urlsplit(url)
            path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
            answer = self.ask("GET", path, host=parts.hostname, headers=navigation)
            if answer.status not in (302, 303, 307):
                return answer
            url = urllib.parse.urljoin(url, answer.headers["Location"])
        raise AssertionError(f"too many redirects, the last to {url}")

    def _was_closed(self):
        """Whether the server has ended the kept connection, which it may do to one that lies idle."""
        kept = self.connection.sock
        return kept is not None and bool(select.select([kept], [], [], 0)[0])

    def _head(self, method, host):
        head = {"Host": f"{host}:{self.port}"}
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        elif method not in ("GET", "HEAD"):
            head["X-Requested-With"] = "XMLHttpRequest"
        if jar := self.cookies.get(host):
            head["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        return head

    def _keep_cookies(self, host, answer):
        jar = self.cookies.setdefault(host, {})
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.value
