"""Several Doorwards on one PostgreSQL and one Valkey, behind an nginx that is set up with the file that the docs show."""

import os
import re
import signal

from cluster import Cluster
from door import ADMIN, PASSWORD, ROOT, VALKEY, Door, Program, check, first_account, free_port, run, wait_until
from flows import Loop
from origins import NGINX
from visitor import Visitor
from wire import Wire

CONFIGURATION = ROOT / "docs/scaling/nginx.conf"
LEAVING = 2


class Replicas:
    """All of it, each part on a port of its own that it keeps when it is started again."""

    def __init__(self, folder, number=3, account=True):
        self.folder, self.loop = folder, Loop()
        self.cluster = Cluster()
        self.wire = Wire(self.loop, self.cluster.port)
        self.valkey_port, self.front_port = free_port(), free_port()
        self.valkey = self.start_valkey()
        self.key = folder / "root.key"
        run(["root-key", self.key], folder / "none", folder)
        self.ports = [free_port() for _ in range(number)]
        self.account = first_account(folder) if account else {}
        self.doors = []
        for place in range(number):
            self.doors.append(self.start(place))
            self.doors[place].wait()
        self.front = self.start_nginx()
        wait_until("nginx answers", self._answers)

    def start(self, place):
        """Starts one replica, with its own directory and the database that all have."""
        url = self.cluster.url().replace(f":{self.cluster.port}/", f":{self.wire.port}/")
        env = {
            "DOORWARD_DATABASE": url, "DOORWARD_ROOT_KEY_FILE": str(self.key),
            "DOORWARD_VALKEY": f"redis://127.0.0.1:{self.valkey_port}/0", "DOORWARD_HOME_URL": self.home,
            "DOORWARD_TRUSTED_PROXIES": "127.0.0.1", "DOORWARD_SHUTDOWN_DELAY": str(LEAVING),
        }
        data = self.folder / f"replica-{place + 1}"
        words = ("protect",) if place == 0 and not data.exists() else ("serve",)
        return Door(self.folder, words, data=data, env=env | self.account, port=self.ports[place])

    def restart(self, place, how=signal.SIGTERM):
        """Ends one replica and starts it again; answers the exit code of the one before."""
        code = self.doors[place].end(how)
        self.doors[place] = self.start(place)
        self.doors[place].wait()
        return code

    def start_valkey(self):
        """Starts the Valkey, which keeps nothing on the disk."""
        return Program([*VALKEY, "--port", str(self.valkey_port), "--bind", "127.0.0.1", "--save", ""], self.folder)

    def start_nginx(self):
        """Starts nginx with the file of the docs, its ports replaced."""
        text = CONFIGURATION.read_text()
        servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in self.ports)
        text, found = re.subn(r"(    server 127\.0\.0\.1:\d+ .*\n)+", servers + "\n", text)
        check("the docs' nginx.conf names the replicas on lines of their own", found == 1 and "listen 8080;" in text, text)
        place = self.folder / "nginx"
        place.mkdir()
        (place / "doorward.conf").write_text(text.replace("listen 8080;", f"listen 127.0.0.1:{self.front_port};"))
        user = "user root;" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "".join(f"{kind}_temp_path {place / kind};" for kind in kinds)
        (place / "nginx.conf").write_text(f"""
            {user} worker_processes 1; daemon off; pid {place}/nginx.pid; error_log stderr error;
            events {{ worker_connections 4096; }}
            http {{ access_log off; {folders} include {place}/doorward.conf; }}
        """)
        return Program([NGINX, "-e", "stderr", "-p", place, "-c", place / "nginx.conf"], self.folder)

    @property
    def home(self):
        """The URL of the home host, as everybody reaches it."""
        return f"http://localhost:{self.front_port}"

    def visitor(self, place=None, **more):
        """Somebody who comes through nginx, or past it to one replica while meaning the same host."""
        through = self.front_port if place is None else self.ports[place]
        return Visitor(self.front_port, through=through, **more)

    def administrator(self, place=None):
        """The first account, signed in over REST."""
        ada = self.visitor(place)
        ada.expect(201, "POST", "/api/v1/sessions", {"identifier": ADMIN, "password": PASSWORD})
        return ada

    def _answers(self):
        try:
            return self.visitor().ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def end(self):
        """Ends the database; the other programs end with the test."""
        self.cluster.end()
