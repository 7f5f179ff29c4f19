"""`cargo xtask cluster up`: PostgreSQL, a Valkey, replicas of Doorward and an nginx before them, until Ctrl-C."""

import argparse
import signal

import door
from door import ADMIN, PASSWORD
from replicas import Replicas


def words():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=3, choices=range(1, 10), metavar="1..9")
    return parser.parse_args()


def test(folder):
    number = words().replicas
    replicas = Replicas(folder, number)
    print(f"""
home        {replicas.home}/
app         http://sample.localhost:{replicas.front_port}/
account     {ADMIN}, password: {PASSWORD}
replicas    {", ".join(f"127.0.0.1:{port}" for port in replicas.ports)}
PostgreSQL  {replicas.cluster.url()}
Valkey      redis://127.0.0.1:{replicas.valkey_port}/0
data        {folder}

All of it ends with Ctrl-C, and is gone then.
""", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        replicas.end()


if __name__ == "__main__":
    door.main(test, seconds=0)
