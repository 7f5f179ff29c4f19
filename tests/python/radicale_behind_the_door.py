"""A calendar server that knows nothing of Doorward, used through it by a client that knows only names and passwords.

Radicale believes the `Remote-User` header and has no passwords of its own, so whatever the calendar holds was let
through by Doorward, under the handle of the token's owner.
"""

import os
import socket
import sys
import textwrap

from door import Door, Program, check, first_account, free_port, main, wait_until
from visitor import basic

HOST = "calendar.localhost"
EVENT = textwrap.dedent("""\
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//doorward//test//EN
    BEGIN:VEVENT
    UID:tea@example.org
    DTSTAMP:20261121T090000Z
    DTSTART:20261124T150000Z
    DTEND:20261124T160000Z
    SUMMARY:Tea with Grace
    END:VEVENT
    END:VCALENDAR
    """).replace("\n", "\r\n")
PRINCIPAL = '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>'
QUERY = """<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
  <prop><getetag/><C:calendar-data/></prop>
  <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
    <C:time-range start="20261124T000000Z" end="20261125T000000Z"/>
  </C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def start_radicale(folder):
    port = free_port()
    options = {
        "auth-type": "http_remote_user",
        "storage-filesystem-folder": folder / "calendars",
        "server-hosts": f"127.0.0.1:{port}",
    }
    words = [sys.executable, "-m", "radicale", "--config", os.devnull]
    Program(words + [word for name, value in options.items() for word in (f"--{name}", value)], folder)
    wait_until("Radicale listens", lambda: listens(port))
    return f"http://127.0.0.1:{port}"


class Client:
    """A calendar client with a name and a password."""

    def __init__(self, door, password=None):
        self.visitor = door.visitor()
        self.headers = {"Authorization": basic(password)} if password else {}

    def ask(self, method, path, body="", kind="application/xml", depth="0", host=HOST):
        head = self.headers | {"Content-Type": f"{kind}; charset=utf-8", "Depth": depth}
        return self.visitor.ask(method, path, body.encode(), host, head)


def keeps_a_calendar(client, handle):
    answer = client.ask("PROPFIND", "/", PRINCIPAL)
    holds = answer.status == 207 and f"<href>/{handle}/</href>" in answer.text
    check("with a token as the password the calendar knows its owner by the handle", holds, answer)
    calendar = f"/{handle}/tea/"
    answer = client.ask("MKCALENDAR", calendar)
    check("a calendar is made", answer.status == 201, answer)
    answer = client.ask("PUT", f"{calendar}tea.ics", EVENT, "text/calendar")
    check("an event is put into it", answer.status == 201, answer)
    answer = client.ask("REPORT", calendar, QUERY, depth="1")
    check("a query for its day finds it", answer.status == 207 and "Tea with Grace" in answer.text, answer)
    answer = client.ask("GET", f"{calendar}tea.ics")
    check("it is read back", answer.status == 200 and "SUMMARY:Tea with Grace" in answer.text, answer)


def is_refused(door, calendar_token, home_token):
    altered = calendar_token[:-1] + ("0" if calendar_token[-1] != "0" else "1")
    answer = Client(door, altered).ask("PROPFIND", "/", PRINCIPAL)
    check("a mistyped token is refused with 401", answer.status == 401, answer)
    answer = Client(door, home_token).ask("PROPFIND", "/", PRINCIPAL)
    check("a token that does not open the calendar is refused with 403", answer.status == 403, answer)
    answer = Client(door, calendar_token).ask("GET", "/", host="notes.localhost")
    check("the calendar's token opens no other app", answer.status == 403, answer)


def test(folder):
    upstream = start_radicale(folder)
    door = Door(folder, ["protect", upstream, "--name", "calendar"], env=first_account(folder)).wait()
    ada = door.administrator()
    notes = {"name": "notes", "upstreams": [upstream], "access": {"everyone": True}, "basic": True}
    ada.expect(201, "POST", "/api/v1/apps", notes)

    answer = Client(door).ask("PROPFIND", "/", PRINCIPAL)
    silent = answer.status == 401 and "Basic" not in answer.headers.get("WWW-Authenticate", "")
    check("an app does not challenge for Basic by itself", silent, answer)
    apps = ada.expect(200, "GET", "/api/v1/apps").json["items"]
    calendar = next(app for app in apps if app["name"] == "calendar")
    ada.expect(200, "PATCH", f"/api/v1/apps/{calendar['id']}", {"basic": True})
    answer = Client(door).ask("PROPFIND", "/", PRINCIPAL)
    challenged = answer.status == 401 and answer.headers.get("WWW-Authenticate", "").startswith("Basic ")
    check("switched on, the app challenges an anonymous client for Basic", challenged, answer)

    calendar_token = door.holder(apps=["calendar"]).token
    handle = ada.ask("GET", "/api/v1/me").json["principal"]["user"]["handle"]
    keeps_a_calendar(Client(door, calendar_token), handle)
    is_refused(door, calendar_token, door.holder(apps=["notes"]).token)
    denied = "/api/v1/audit/events?action=app:open&outcome=denied"
    events = wait_until("denials", lambda: ada.expect(200, "GET", denied).json["items"])
    by_token = all(event["proof"].startswith("tok_") for event in events)
    check("what the gateway denied is in the audit log, with the token that tried", by_token, events)
    kept = [path.name for path in (folder / "calendars").rglob("tea.ics") if ".Radicale.cache" not in path.parts]
    check("the calendar server keeps the event on its own disk", kept == ["tea.ics"], kept)


if __name__ == "__main__":
    main(test, seconds=120)
