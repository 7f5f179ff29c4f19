"""The API is what its description says: Schemathesis reads the OpenAPI document and asks what a person would not.

`schemathesis.toml` beside this file says what is left out, and why. The summary is kept in `target/schemathesis.txt`.
"""

import os
import pathlib
import subprocess
import sys

from door import ROOT, Door, Failed, check, first_account, main

SEED, EXAMPLES = 1, 12
HERE = pathlib.Path(__file__).resolve().parent
SUMMARY = ROOT / "target/schemathesis.txt"


def test(folder):
    door = Door(folder, env=first_account(folder)).wait()
    token = door.holder().token
    words = [
        pathlib.Path(sys.executable).parent / "schemathesis", f"--config-file={HERE / 'schemathesis.toml'}", "run",
        f"http://localhost:{door.port}/api/v1/openapi.json", f"--header=Authorization: Bearer {token}",
        "--checks=all", f"--seed={SEED}", f"--max-examples={EXAMPLES}", "--max-time=170", "--no-color",
        "--generation-database=none", "--continue-on-failure", "--report=junit", f"--report-dir={folder}",
    ]
    ended = subprocess.run(
        words, capture_output=True, text=True, cwd=folder, timeout=230, check=False,
        env=os.environ | {"COLUMNS": "120", "TERM": "dumb"},
    )
    SUMMARY.write_text(ended.stdout + ended.stderr)
    print(ended.stdout[-12_000:], ended.stderr[-2_000:])
    alive = door.visitor(token=token).ask("GET", "/api/v1/me")
    if alive.status != 200:
        raise Failed(f"the token or the server did not live through it: {alive}")
    check("Schemathesis has nothing to say", ended.returncode == 0, f"exit code {ended.returncode}")


if __name__ == "__main__":
    main(test, seconds=260)
