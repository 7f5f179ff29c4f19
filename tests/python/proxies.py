"""The proxies that ask Doorward before they pass a request on, each set up with the very file that the docs show.

What the files name as an example is replaced by what a test has: hosts, ports, paths. A file that no longer names it
fails the test, so that docs and test cannot drift apart.
"""

import os
import re
import subprocess

from door import ROOT, Failed, Program, wait_until

TOOLS = ROOT / ".tools/proxies"
DOCS = ROOT / "docs/forward-auth"
HOME, APP = "localhost", "notes.localhost"
EXAMPLES = {"door.example.org": HOME, "notes.example.org": APP}


def libraries():
    """The variable that lets the unpacked programs find the unpacked libraries."""
    found = [str(path) for path in TOOLS.glob("usr/lib/*-linux-gnu")]
    return {"LD_LIBRARY_PATH": ":".join(found)}


def certificate(folder):
    """A certificate for the hosts, signed by its own key; answers the files of the certificate and the key."""
    site, key = folder / "site.crt", folder / "site.key"
    names = ",".join(f"DNS:{name}" for name in (HOME, APP))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOME}", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", site],
        check=True, capture_output=True,
    )
    (folder / "site.pem").write_bytes(site.read_bytes() + key.read_bytes())
    return site, key


def filled(name, values):
    """The file of the docs with the test's values in place of the examples."""
    text = (DOCS / name).read_text()
    for example in values:
        if example not in text:
            raise Failed(f"docs/forward-auth/{name} does not name `{example}` any more")
    examples = "|".join(re.escape(example) for example in values)
    return re.sub(examples, lambda found: str(values[found[0]]), text)


class Place:
    """Where a proxy stands: its folder, its port, and whom it stands between."""

    def __init__(self, folder, port, doorward, app):
        self.folder, self.port = folder, port
        self.doorward, self.app = f"127.0.0.1:{doorward}", f"127.0.0.1:{app}"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def values(self, **more):
        return EXAMPLES | {"127.0.0.1:8080": self.doorward, "127.0.0.1:3000": self.app} | more


def nginx(place):
    """nginx, whose file in the docs is for the folder that its main file includes."""
    site, key = certificate(place.folder)
    values = place.values() | {"listen 443": f"listen 127.0.0.1:{place.port}"}
    place.write("notes.conf", filled("nginx.conf", values | {"/etc/ssl/site.crt": site, "/etc/ssl/site.key": key}))
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {place.folder / kind};" for kind in kinds)
    path = place.write("nginx.conf", f"""
        {user} worker_processes 1; daemon off; pid {place.folder}/nginx.pid; error_log stderr warn;
        events {{ worker_connections 256; }}
        http {{ access_log off; {folders} include {place.folder}/notes.conf; }}
    """)
    words = [TOOLS / "usr/sbin/nginx", "-e", "stderr", "-p", place.folder, "-c", path]
    return Program(words, place.folder, libraries())


def caddy(place):
    """Caddy, which makes a certificate for itself instead of asking for one."""
    options = f"local_certs\n\tskip_install_trust\n\tadmin off\n\tauto_https disable_redirects\n\thttps_port {place.port}"
    text = filled("Caddyfile", place.values() | {"email ada@example.org": options})
    path = place.write("Caddyfile", text)
    home = {name: str(place.folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    return Program([TOOLS / "usr/bin/caddy", "run", "--config", path, "--adapter", "caddyfile"], place.folder, home)


def haproxy(place, change=lambda script: script):
    """HAProxy with the script that asks, perhaps changed."""
    certificate(place.folder)
    names = {"127.0.0.1:8080": place.doorward, "door.example.org": HOME}
    script = place.write("doorward.lua", change(filled("doorward.lua", names)))
    values = {name: value for name, value in place.values().items() if name != "notes.example.org"}
    values |= {
        "bind :443": f"bind 127.0.0.1:{place.port}",
        "/etc/haproxy/site.pem": place.folder / "site.pem",
        "/etc/haproxy/doorward.lua": script,
    }
    path = place.write("haproxy.cfg", filled("haproxy.cfg", values))
    return Program([TOOLS / "usr/sbin/haproxy", "-db", "-f", path], place.folder, libraries())


ALL = {"nginx": nginx, "Caddy": caddy, "HAProxy": haproxy}


def start(name, place, answers):
    """Starts the proxy and waits until `answers()` does not fail."""
    program = ALL[name](place)
    ready(name, program, answers)
    return program


def ready(name, program, answers):
    """Waits until `answers()` does not fail, and hands back what it gives."""
    def tried():
        if program.ended() is not None:
            raise Failed(f"{name} ended with {program.ended()}: {program.output()[-2000:]}")
        try:
            return answers()
        except OSError:
            return False

    return wait_until(f"{name} answers", tried)
