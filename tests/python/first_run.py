"""What stops a start: each with the exit code that scripts rely on, words that say what to do, and nothing touched.
"""

import hashlib
import shutil
import signal
import socket
import sqlite3
import subprocess

from door import Door, Failed, check, first_account, free_port, main, run


def digest(folder):
    """What lies in a folder: names, permissions and contents."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(f"{path.relative_to(folder)} {path.lstat().st_mode:o}\0".encode())
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()


def refused(what, code, words, command, data, folder, **more):
    """Checks that a command ends with `code`, says `words` in one sentence, and leaves the data directory alone."""
    before = digest(data) if data.is_dir() else None
    try:
        ended = run(command, data, folder, **more)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{what}: it went on to serve") from error
    sentence = ended.stderr.strip()
    check(f"{what}: exit code {code}", ended.returncode == code, f"exit code {ended.returncode}: {sentence}")
    missing = [word for word in words if word not in sentence]
    check(f"{what}: `{sentence.splitlines()[-1]}`", not missing, f"`{sentence}` lacks {missing}")
    check(f"{what}: it is said in words for people", "panicked" not in sentence and "Error {" not in sentence, sentence)
    after = digest(data) if data.is_dir() else None
    check(f"{what}: nothing is touched", before == after)


def prepared(folder):
    """A data directory that was set up and left in good order."""
    door = Door(folder, env=first_account(folder)).wait()
    door.administrator()
    if door.end() != 0:
        raise Failed(f"the server ended with {door.ended()} when it was asked to end")
    return door.data


def copy_of(data, name):
    copy = data.with_name(name)
    shutil.copytree(data, copy)
    return copy


def the_file(data, pattern):
    found = [path for path in data.rglob(pattern) if path.is_file()]
    if len(found) != 1:
        raise Failed(f"`{pattern}` was to be one file: {sorted(data.rglob('*'))}")
    return found[0]


def serving(port=None):
    return ["serve", "--listen", f"127.0.0.1:{port or free_port()}"]


def with_data_that_is_wrong(data, folder):
    damaged = copy_of(data, "damaged-key")
    key = the_file(damaged, "keys/*")
    text = key.read_text()
    key.write_text(text[:-12] + ("0" if text[-12] != "0" else "1") + text[-11:])
    refused("a damaged key", 65, ["damaged"], serving(), damaged, folder)

    missing = copy_of(data, "missing-key")
    the_file(missing, "keys/*").unlink()
    refused("a missing key", 65, ["key"], serving(), missing, folder)

    newer = copy_of(data, "newer-schema")
    database = sqlite3.connect(the_file(newer, "*.db"))
    with database:
        database.execute("INSERT INTO schema_migrations (version, applied_at) VALUES (999, 1)")
    database.close()
    refused("a database of a newer program", 65, ["newer"], serving(), newer, folder)

    torn = copy_of(data, "torn")
    with the_file(torn, "*.db").open("r+b") as file:
        file.write(b"this is no database, whatever it was")
    refused("a damaged database", 65, ["damaged"], serving(), torn, folder)


def with_a_place_that_is_wrong(data, folder):
    blocked = folder / "blocked"
    blocked.write_text("a file, not a folder\n")
    refused("a data directory that cannot be written", 73, [str(blocked)], serving(), blocked, folder)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        refused("a port that is taken", 69, [str(port)], serving(port), copy_of(data, "port-taken"), folder)


def with_settings_that_are_wrong(data, folder):
    config = folder / "doorward.toml"
    config.write_text('home_urll = "http://localhost:1"\n')
    command = ["serve", "--config", config]
    refused("an unknown setting", 64, ["home_urll", "home_url"], command, data, folder)
    variable = {"DOORWARD_HOME_URLL": "http://localhost:1"}
    refused("an unknown variable", 64, ["DOORWARD_HOME_URLL", "DOORWARD_HOME_URL"], serving(), data, folder, env=variable)
    refused("an unknown flag", 2, ["--hom-url", "--home-url"], ["serve", "--hom-url", "x"], data, folder)
    short = {"DOORWARD_ADMIN_EMAIL": "ada@example.org", "DOORWARD_ADMIN_PASSWORD": "short"}
    fresh = folder / "fresh"
    ended = run(["serve", "--listen", f"127.0.0.1:{free_port()}"], fresh, folder, env=short)
    told = ended.returncode == 64 and "12 characters" in ended.stderr
    check("an unattended start refuses a weak password and says why", told, f"{ended.returncode}: {ended.stderr}")


def with_a_server_that_runs(data, folder):
    door = Door(folder, ["serve"], data=data).wait()
    ended = run(serving(), data, folder)
    holds = ended.returncode == 73 and str(data) in ended.stderr
    check("a second server on the same data: exit code 73", holds, f"{ended.returncode}: {ended.stderr}")
    print(f"    {ended.stderr.strip()}")
    answer = door.visitor().ask("GET", "/readyz")
    check("the first one does not notice", answer.status == 200, answer)
    door.end(signal.SIGKILL)
    door = Door(folder, ["serve"], data=data).wait()
    check("after a kill the next server starts without help", door.ended() is None)
    check("and ends well when it is asked to", door.end() == 0, door.ended())


def test(folder):
    data = prepared(folder)
    mode = f"{data.stat().st_mode & 0o777:o} {the_file(data, 'keys/*').stat().st_mode & 0o777:o}"
    check("the data directory is 0700 and the key in it 0600", mode == "700 600", mode)
    with_data_that_is_wrong(data, folder)
    with_a_place_that_is_wrong(data, folder)
    with_settings_that_are_wrong(data, folder)
    with_a_server_that_runs(data, folder)


if __name__ == "__main__":
    main(test, seconds=120)
