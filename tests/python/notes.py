"""An app with Doorward inside, as a program: the example `notes`, served, asked, and ruled from the command line.

The first account comes from variables, others from the command line, which speaks to the server while it serves and
works on the data directory when it does not. Whoever is locked out comes in again that way.
"""

import json
import subprocess

from door import ADMIN, BINARY, PASSWORD, Program, check, databases, environment, free_port, main, wait_until
from visitor import Visitor

NOTES = BINARY.parent / "examples/notes"
GRACE = "grace@example.org"


class Notes(Program):
    """The example, serving."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.flags, self.database = ["--data", folder / "notes-data"], databases.variables(folder / "notes-data", folder)
        listen = ["--listen", f"127.0.0.1:{self.port}"]
        env = {"DOORWARD_ADMIN_EMAIL": ADMIN, "DOORWARD_ADMIN_PASSWORD": PASSWORD}
        super().__init__([NOTES, "serve", *self.flags, *listen], folder, env | self.database)
        wait_until("the app answers", self._answers)

    def _answers(self):
        try:
            return Visitor(self.port).ask("GET", "/").text == "notes with owners"
        except OSError:
            return False

    def command(self, *words):
        """A command on the app's data: over the socket while it serves, in a process of its own when it does not."""
        words = [str(word) for word in (NOTES, *words, *self.flags)]
        done = subprocess.run(words, capture_output=True, text=True, env=environment(self.database), cwd=self.folder, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def signed_in(self, identifier):
        """Somebody who has signed in."""
        visitor = Visitor(self.port)
        visitor.expect(201, "POST", "/auth/api/v1/sessions", {"identifier": identifier, "password": PASSWORD})
        return visitor


def test(folder):
    app = Notes(folder)
    check("the app says where it is", "home       http://localhost:" in app.output(), app.output())
    ada = app.signed_in(ADMIN)
    ada.expect(201, "POST", "/notes", b"buy milk")
    new = {"email": GRACE, "name": "Grace", "password": PASSWORD}
    ada.expect(201, "POST", "/auth/api/v1/users", new)
    grace = app.signed_in(GRACE)
    grace.expect(201, "POST", "/notes", b"call home")
    check("a member sees their own notes", [note["text"] for note in grace.ask("GET", "/notes").json] == ["call home"])
    check("an administrator sees all", len(ada.ask("GET", "/notes").json) == 2)

    made = ada.expect(201, "POST", "/auth/api/v1/tokens", {"name": "far", "permissions": ["user:list"], "apps": []})
    far = ["--url", f"http://127.0.0.1:{app.port}", "--token", made.json["secret"]]
    code, said = app.command("user", "list", *far)
    check("the command line finds the app from afar", code == 0 and GRACE in said, said)
    code, said = app.command("user", "update", "--role", "admin", GRACE)
    check("the command line speaks to the app that serves", code == 0, said)
    check("and what it did counts at once", len(grace.ask("GET", "/notes").json) == 2)
    check("there are no commands about apps behind a gateway", app.command("protect")[0] == 2)
    check("the app ends when it is asked to", app.end() == 0, app.output())

    code, said = app.command("user", "list")
    check("the command line works while nothing serves", code == 0 and GRACE in said, said)
    code, said = app.command("token", "create", "--user", GRACE, "--name", "rescue", "--permissions", "note:list", "--json")
    check("and knows the app's own permissions", code == 0 and "dwt_" in said, said)
    token = json.loads(said)["secret"]

    again = Notes(folder)
    rescued = Visitor(again.port, token=token)
    check("what was made offline is good", len(rescued.ask("GET", "/notes").json) == 2)
    check("and is no better than its scope", rescued.ask("POST", "/notes", b"no").status == 403)
    check("the app ends again", again.end() == 0, again.output())
    databases.hold(folder)


if __name__ == "__main__":
    main(test, seconds=120)
