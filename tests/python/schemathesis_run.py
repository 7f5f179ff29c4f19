"""The API is what its description says: Schemathesis reads the OpenAPI document and asks what a person would not.

It asks everything with a token that may do all, then with a session what takes a recent proof, which a token never has.
`schemathesis.toml` beside this file says how answers are judged; the summaries are kept in `target/schemathesis-*.txt`.
"""

import os
import pathlib
import subprocess
import sys

from door import ADMIN, ROOT, Door, check, first_account, main

SEED = 1
HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(sys.executable).parent / "schemathesis"
SENSITIVE = ["users.create", "users.update", "tokens.create"]


def run(what, door, folder, spared, options):
    """Runs Schemathesis against the server; `spared` are the names of what the run stands on."""
    words = [
        PROGRAM, f"--config-file={HERE / 'schemathesis.toml'}", "run", f"{door.home}/api/v1/openapi.json",
        "--checks=all", f"--seed={SEED}", "--no-color", "--generation-database=none", "--continue-on-failure", *options,
    ]
    more = {"SCHEMATHESIS_HOOKS": str(HERE / "spare.py"), "SPARED_NAMES": " ".join(spared), "COLUMNS": "120"}
    ended = subprocess.run(
        words, capture_output=True, text=True, cwd=folder, timeout=200, check=False, env=os.environ | more
    )
    summary = ended.stdout + ended.stderr
    (ROOT / f"target/schemathesis-{what}.txt").write_text(summary)
    print(*[f"    {line}" for line in summary.splitlines() if " generated" in line], sep="\n", flush=True)
    check(f"asked with a {what}, the API is as its description says", ended.returncode == 0, summary[-12_000:])


def test(folder):
    door = Door(folder, env=first_account(folder)).wait()
    token = door.holder().token
    program = door.visitor(token=token)
    user = program.expect(200, "GET", "/api/v1/me").json["principal"]["user"]
    spared = [ADMIN, user["id"], user["handle"], program.expect(200, "GET", "/api/v1/tokens").json["items"][0]["id"]]
    run("token", door, folder, spared, [f"--header=Authorization: Bearer {token}", "--max-examples=20", "--max-time=90"])
    check("the token lived through it", door.visitor(token=token).ask("GET", "/api/v1/me").status == 200)

    # Only now: the token was asked to sign all browsers out.
    ada = door.administrator()
    cookie = "; ".join(f"{name}={value}" for name, value in ada.cookies["localhost"].items())
    headers = [f"--header=Cookie: {cookie}", "--header=X-Requested-With: XMLHttpRequest"]
    chosen = [f"--include-operation-id={name}" for name in SENSITIVE]
    # Made-up credentials were tried in the first run; here the good cookie stays beside them, and rightly counts.
    options = ["--exclude-checks=ignored_auth", "--max-examples=20", "--max-time=40"]
    run("session", door, folder, spared, [*headers, *chosen, *options])
    ada.connection.close()
    check("the session lived through it", ada.ask("GET", "/api/v1/me").status == 200)


if __name__ == "__main__":
    main(test, seconds=300)
