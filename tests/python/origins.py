"""Apps of different make that write down every request they take: nginx, Apache httpd and Node.

Each names itself in `X-Origin` on every answer and gives the request's number back in `X-Row`.
"""

import codecs
import hashlib
import json
import os
import pathlib
import signal
import socket
import textwrap
from dataclasses import dataclass

from door import ROOT, Program, free_port, wait_until

HERE = pathlib.Path(__file__).resolve().parent
NGINX = ROOT / ".tools/proxies/usr/sbin/nginx"
MODULES = "/usr/lib/apache2/modules"


@dataclass(frozen=True)
class Seen:
    """A request as an app took it, or how it refused one."""

    id: str
    status: int
    method: str
    target: str
    body: str


class Origin:
    """An app on a port of its own."""

    name = ""

    @staticmethod
    def suits(row):
        """Whether it can number its answers to the row."""
        return True

    def __init__(self, folder):
        self.folder, self.port = folder / self.name, free_port()
        self.folder.mkdir()
        # Started by root, a server works as nobody.
        for path in (self.folder, folder):
            path.chmod(0o755)
        self.log = self.folder / "seen.log"
        self.program = self.start()
        wait_until(f"{self.name} listens", self._listens)

    def _listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def seen(self):
        """All that it took, once it has ended in order."""
        self.program.end(self.ends_by)
        return [self.entry(line) for line in self.log.read_text("latin-1").splitlines()]


class Nginx(Origin):
    """Logs a request when it is done with it; the body passes through its memory to a second server that says yes."""

    name, ends_by = "nginx", signal.SIGQUIT

    def start(self):
        path = self.folder / "nginx.conf"
        path.write_text(textwrap.dedent(f"""\
            worker_processes 1; daemon off; pid nginx.pid; error_log stderr error;
            events {{ worker_connections 256; }}
            http {{
                client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
                keepalive_timeout 600s; keepalive_requests 1000000;
                client_body_buffer_size 1m; client_body_in_single_buffer on; large_client_header_buffers 4 64k;
                log_format seen escape=json '{{"id":"$http_x_row","status":"$status","method":"$request_method",'
                    '"target":"$request_uri","body":"$request_body"}}';
                server {{
                    listen 127.0.0.1:{self.port};
                    access_log seen.log seen;
                    add_header X-Origin nginx always; add_header X-Row $http_x_row always;
                    location / {{ proxy_pass http://unix:{self.folder}/yes; }}
                }}
                server {{ listen unix:{self.folder}/yes; access_log off; location / {{ return 200 "seen\\n"; }} }}
            }}
            """))
        return Program([NGINX, "-e", "stderr", "-p", self.folder, "-c", path], self.folder)

    @staticmethod
    def entry(line):
        found = json.loads(line)
        body = hashlib.sha256(found["body"].encode("latin-1")).hexdigest()
        id = found["id"].split(",")[0]
        return Seen(id, int(found["status"]), found["method"], found["target"], body)


class Apache(Origin):
    """Logs a request when it is done with it; a CGI script takes the body's digest."""

    name, ends_by = "apache", signal.SIGWINCH

    def start(self):
        names = ["mpm_event", "alias", "authz_core", "cgid", "headers"]
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names)
        script = self.folder / "seen"
        script.write_text(textwrap.dedent("""\
            #!/bin/sh
            body=$(sha256sum)
            printf 'Content-Type: text/plain\\r\\nX-Body: %s\\r\\n\\r\\nseen\\n' "${body%% *}"
            """))
        script.chmod(0o755)
        path = self.folder / "apache.conf"
        path.write_text(modules + "\n" + textwrap.dedent(f"""\
            ServerRoot "{self.folder}"
            ServerName localhost
            PidFile apache.pid
            DefaultRuntimeDir "{self.folder}"
            ScriptSock cgid.sock
            Listen 127.0.0.1:{self.port}
            ServerLimit 1
            StartServers 1
            ThreadsPerChild 25
            ThreadLimit 25
            MaxRequestWorkers 25
            KeepAlive On
            KeepAliveTimeout 600
            MaxKeepAliveRequests 0
            GracefulShutdownTimeout 5
            AllowEncodedSlashes NoDecode
            MergeSlashes Off
            ErrorLog error.log
            LogFormat "%{{X-Row}}i\\t%>s\\t%{{X-Body}}o\\t%r" seen
            CustomLog seen.log seen
            Header always set X-Origin apache
            Header always set X-Row "expr=%{{req:X-Row}}"
            <Location "/">
                Require all granted
            </Location>
            ScriptAliasMatch "^/.*$" "{script}"
            """) + ("User nobody\nGroup nogroup\n" if os.geteuid() == 0 else ""))
        return Program(["apache2", "-d", self.folder, "-f", path, "-D", "FOREGROUND"], self.folder)

    @staticmethod
    def entry(line):
        id, status, body, request = (_unescaped(part) for part in line.split("\t"))
        method, _, rest = request.partition(" ")
        id = "" if id == "-" else id.split(",")[0]
        return Seen(id, int(status), method, rest.rpartition(" ")[0], body)

    @staticmethod
    def suits(row):
        # The core of httpd answers it by itself, before any module adds a field.
        return b"OPTIONS *" not in row


class Node(Origin):
    """Logs a request before it answers it."""

    name, ends_by = "node", signal.SIGTERM

    def start(self):
        return Program(["node", HERE / "origin.mjs", self.port, self.log], self.folder)

    @staticmethod
    def entry(line):
        return Seen(**json.loads(line))


def _unescaped(text):
    return codecs.escape_decode(text.encode("latin-1"))[0].decode("latin-1")
