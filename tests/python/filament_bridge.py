"""The blueprint filament-bridge, beside the libraries that its original signs and hashes with.

`itsdangerous` reads the sessions that we sign and forges, from the exported secret, one that we take; `bcrypt` verifies
the hash that we make, and makes one that we take back from a backup.
"""

import hashlib
import time
import unittest.mock

import bcrypt
import itsdangerous

from door import BINARY, PASSWORD, Program, check, databases, free_port, main, wait_until
from visitor import Visitor

BRIDGE = BINARY.parent / "filament-bridge"
MONTH = 30 * 24 * 3600
UPSTREAMS = {"SPOOLMAN_URL": "http://127.0.0.1:9", "FILAMENTDB_URL": "http://127.0.0.1:9"}


class Bridge(Program):
    """The bridge, serving."""

    def __init__(self, folder, env=(), address="127.0.0.1"):
        self.port = free_port()
        data = folder / "bridge-data"
        words = [BRIDGE, "serve", "--data", data, "--listen", f"{address}:{self.port}"]
        super().__init__(words, folder, UPSTREAMS | databases.variables(data, folder) | dict(env))

    def wait(self):
        """Waits until it answers."""
        wait_until("the bridge answers", self._answers)
        return self

    def _answers(self):
        try:
            return Visitor(self.port).ask("GET", "/api/auth/status").status == 200
        except OSError:
            return False

    def with_cookie(self, value):
        """What a request with this session is answered."""
        cookie = {"Cookie": f"fb_session={value}"}
        return Visitor(self.port).ask("GET", "/api/config", headers=cookie).status


def signed_at(signer, moment):
    """A session that was signed at another time."""
    with unittest.mock.patch.object(type(signer), "get_timestamp", lambda _: int(moment)):
        return signer.sign("admin").decode()


def sessions(bridge, admin, value):
    export = admin.expect(200, "GET", "/api/backup/export").json
    signer = itsdangerous.TimestampSigner(export["config"]["auth_secret"], digest_method=hashlib.sha256)
    check("itsdangerous reads our session", signer.unsign(value, max_age=MONTH) == b"admin")
    check("we take a session that itsdangerous signed", bridge.with_cookie(signer.sign("admin").decode()) == 200)
    old = signed_at(signer, time.time() - MONTH - 1)
    check("but none that is thirty days old", bridge.with_cookie(old) == 401)
    check("nor one of the future", bridge.with_cookie(signed_at(signer, time.time() + 3600)) == 401)
    check("nor one of somebody else", bridge.with_cookie(signer.sign("root").decode()) == 401)
    other = itsdangerous.TimestampSigner("x" * 43, digest_method=hashlib.sha256)
    check("nor one under another secret", bridge.with_cookie(other.sign("admin").decode()) == 401)
    return export


def passwords(bridge, admin, export):
    ours = export["config"]["admin_password_hash"].encode()
    check("our hash is bcrypt's, at cost 12", ours.startswith(b"$2b$12$"), ours)
    check("bcrypt verifies our hash", bcrypt.checkpw(PASSWORD.encode(), ours))
    check("and no other password", not bcrypt.checkpw(b"another", ours))
    theirs = bcrypt.hashpw(b"made by bcrypt", bcrypt.gensalt(12)).decode()
    export["config"]["admin_password_hash"] = theirs
    admin.expect(200, "POST", "/api/backup/import", export)
    Visitor(bridge.port).expect(200, "POST", "/api/auth/login", {"password": "made by bcrypt"})
    print("ok  we take a hash that bcrypt made")
    Visitor(bridge.port).expect(401, "POST", "/api/auth/login", {"password": PASSWORD})


def test(folder):
    bridge = Bridge(folder).wait()
    for danger in ("readable_token", "backup_with_secrets", "any_password", "json_is_same_origin", "bare_cookie_name"):
        check(f"the start says `danger_{danger}`", f"danger_{danger}" in bridge.output(), bridge.output())
    admin = Visitor(bridge.port)
    made = admin.expect(200, "POST", "/api/auth/setup", {"password": PASSWORD})
    value = made.headers["Set-Cookie"].split(";")[0].removeprefix("fb_session=")
    passwords(bridge, admin, sessions(bridge, admin, value))
    check("the bridge ends when it is asked to", bridge.end() == 0, bridge.output())

    again = Bridge(folder).wait()
    check("a session survives a restart", again.with_cookie(value) == 200)
    check("the bridge ends again", again.end() == 0, again.output())

    off = Bridge(folder, {"AUTH_ENABLED": "false"}).wait()
    Visitor(off.port).expect(200, "POST", "/api/auth/change-password", {"new_password": "found again"})
    check("with authentication off it says so", "danger_authentication_off" in off.output(), off.output())
    off.end()
    open_to_all = Bridge(folder, {"AUTH_ENABLED": "false"}, address="0.0.0.0")
    wait_until("a bridge that is open to everyone stops", lambda: open_to_all.ended() is not None)
    check("with exit code 64", open_to_all.ended() == 64, open_to_all.output())
    nowhere = Bridge(folder, {"SPOOLMAN_URL": ""})
    wait_until("a bridge without an inventory stops", lambda: nowhere.ended() is not None)
    check("with exit code 64", nowhere.ended() == 64, nowhere.output())

    account = Bridge(folder, {"DOORWARD_ADMIN_EMAIL": "a@example.org", "DOORWARD_ADMIN_PASSWORD": PASSWORD})
    wait_until("a bridge that is told of an account by address stops", lambda: account.ended() is not None)
    check("with exit code 64", account.ended() == 64, account.output())

    back = Bridge(folder).wait()
    Visitor(back.port).expect(200, "POST", "/api/auth/login", {"password": "found again"})
    print("ok  whoever was locked out is in again")
    check("what was signed before the new password has ended", back.with_cookie(value) == 401)
    databases.hold(folder)


if __name__ == "__main__":
    main(test, seconds=180)
