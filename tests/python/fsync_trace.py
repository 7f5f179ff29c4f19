"""Acknowledged means durable: between the arrival of a write and its answer lies an fsync that began after the arrival.

The server runs under strace, which sees the system calls of all its threads in the order in which they happened. That
needs leave to trace another process; where it is missing, the test fails and says so.
"""

import dataclasses
import re
import signal
import subprocess
import threading

from door import Door, Failed, check, first_account, main, wait_until

WRITES, CONNECTIONS = 200, 8
CALLS = "fsync,fdatasync,write,writev,sendto,sendmsg,recvfrom,recvmsg,read,readv"
SYNCS, SENDS = ("fsync", "fdatasync"), ("write", "writev", "sendto", "sendmsg")
RECEIVES = ("read", "readv", "recvfrom", "recvmsg")
LINE = re.compile(r"^(?P<thread>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)$")
PLACE = re.compile(r"^\d+<(?P<place>[^>]*)>")


@dataclasses.dataclass
class Call:
    """A system call: where in the trace it began and ended, and what it was about."""

    name: str
    began: int
    ended: int
    text: str

    @property
    def place(self):
        """The file or socket, as `-y` names it."""
        found = PLACE.match(self.text)
        return found["place"] if found else ""


def read_calls(path):
    """The calls in the trace, those that were interrupted by another thread's put together again."""
    open_calls, calls = {}, []
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        found = LINE.match(line)
        if not found:
            continue
        if found["resumed"]:
            call = open_calls.pop(found["thread"], None)
            if call:
                call.ended, call.text = number, call.text + found["rest"]
            continue
        call = Call(found["name"], number, number, found["rest"])
        if line.endswith("<unfinished ...>"):
            open_calls[found["thread"]] = call
        calls.append(call)
    return [call for call in calls if call not in open_calls.values()]


def exchanges(calls):
    """For each write that was answered 201: where its request had arrived, and where its answer began to be sent."""
    arrived, pairs = {}, []
    for call in sorted(calls, key=lambda call: call.ended if call.name in RECEIVES else call.began):
        if call.name in RECEIVES and '"POST /api/v1/groups' in call.text:
            arrived[call.place] = call.ended
        elif call.name in SENDS and '"HTTP/1.1 201' in call.text and call.place in arrived:
            pairs.append((arrived.pop(call.place), call.began))
    return pairs


def write_in_a_burst(door):
    """Spreads the writes over a few connections that stay open; each connection waits for its answers in turn."""
    token, refused = door.holder(permissions=["group:create"]).token, []

    def work(place):
        visitor = door.visitor(token=token)
        for number in range(WRITES // CONNECTIONS):
            answer = visitor.ask("POST", "/api/v1/groups", {"name": f"g{place}-{number}"})
            if answer.status != 201:
                refused.append(answer)

    threads = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    check(f"{WRITES} writes over {CONNECTIONS} connections are answered 201", not refused, refused[:1])


def start_traced(folder, trace):
    before = ["strace", "-f", "-e", f"trace={CALLS}", "-y", "-s", "64", "-o", trace]
    tried = subprocess.run([*before[:-1], folder / "tried", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise Failed(f"this machine does not let strace trace a process: {tried.stderr.strip()}")
    return Door(folder, before=before, env=first_account(folder)).wait()


def stop_traced(door):
    """Ends the server under the tracer, so that the trace is whole."""
    children = f"/proc/{door.process.pid}/task/{door.process.pid}/children"
    with open(children, encoding="ascii") as file:
        subprocess.run(["kill", "-TERM", *file.read().split()], check=True)
    wait_until("the traced server ends", lambda: door.ended() is not None)


def test(folder):
    trace = folder / "trace"
    door = start_traced(folder, trace)
    write_in_a_burst(door)
    stop_traced(door)

    calls = read_calls(trace)
    pairs = exchanges(calls)
    check("the trace shows every write arrive and be answered", len(pairs) == WRITES, f"{len(pairs)} pairs")
    syncs = [call for call in calls if call.name in SYNCS and call.place.endswith(".db-wal")]
    hasty = [pair for pair in pairs if not any(pair[0] < s.began and s.ended < pair[1] for s in syncs)]
    check("an fsync of the log lies between every write and its answer", not hasty, f"{len(hasty)} hasty: {hasty[:5]}")
    first, last = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    batches = sum(first < sync.began < last for sync in syncs)
    failed = [sync.text for sync in syncs if not sync.text.rstrip().endswith("= 0")]
    check("no fsync failed", not failed, failed[:3])
    print(f"    {WRITES} writes were made durable by {batches} fsyncs, {WRITES / batches:.1f} writes each")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    main(test, seconds=180)
