"""People at work while something happens to the servers: what they were answered, and whether anything that they were told is
done was lost."""

import collections
import itertools
import secrets
import threading

from door import check


class Worker(threading.Thread):
    """Asks the same kind of thing again and again, until it is told to stop."""

    def __init__(self, visitor, load):
        super().__init__(daemon=True)
        self.visitor, self.load = visitor, load
        self.start()

    def run(self):
        for number in itertools.count():
            if self.load.is_over.is_set():
                return
            try:
                self.note(self.ask(number))
            except ConnectionError as error:
                self.load.saw["broken"] += 1
                self.load.broken.append(str(error))

    def note(self, status):
        with self.load.lock:
            self.load.saw[status] += 1


class Reader(Worker):
    """Opens an app."""

    def ask(self, _number):
        return self.visitor.ask("GET", "/", host="sample.localhost").status


class Writer(Worker):
    """Makes groups, and remembers those that it was told are made."""

    def ask(self, number):
        name = f"{self.load.stem}-{id(self):x}-{number}"
        status = self.visitor.ask("POST", "/api/v1/groups", {"name": name}).status
        if status == 201:
            self.load.made.add(name)
        return status


class Load:
    """Readers and writers who come through nginx with a token."""

    def __init__(self, replicas, token, readers=2, writers=2):
        self.replicas, self.token, self.stem = replicas, token, f"load-{secrets.token_hex(3)}"
        self.is_over, self.lock, self.made = threading.Event(), threading.Lock(), set()
        self.saw, self.broken = collections.Counter(), []
        kinds = [Reader] * readers + [Writer] * writers
        self.workers = [kind(replicas.visitor(token=token), self) for kind in kinds]

    def stop(self):
        """Lets everybody finish, and answers how often each status was seen."""
        self.is_over.set()
        for worker in self.workers:
            worker.join(60)
        check("everybody was answered in the end", not any(worker.is_alive() for worker in self.workers))
        return self.saw

    def all_is_there(self):
        """Checks that every group is there that somebody was told is made, and one event for each."""
        visitor = self.replicas.visitor(token=self.token)
        there = {group["name"] for group in everything(visitor, "/api/v1/groups?")}
        check(f"all {len(self.made)} groups are there that people were told are made", self.made <= there, self.made - there)
        told = collections.Counter(
            event["detail"]["after"]["name"]
            for event in everything(visitor, f"/api/v1/audit/events?action=group:create&outcome=done&q={self.stem}&")
        )
        made = {name for name in there if name.startswith(self.stem)}
        doubtful = {name: count for name, count in told.items() if count != 1} | {name: 0 for name in made - told.keys()}
        check("and the log tells of each once, and of no other", not doubtful and told.keys() == made, doubtful)


def everything(visitor, path):
    """All items of a list, page by page."""
    after = ""
    while True:
        page = visitor.expect(200, "GET", f"{path}limit=500{after}").json
        yield from page["items"]
        if not page.get("next"):
            return
        after = f"&after={page['next']}"
