"""A hook of Schemathesis: what the run itself stands on is not revoked, shut or changed by the run.

An unsafe call that would hit one of the names in `SPARED_NAMES` is aimed instead at something of that kind that is not
there: its last letter is another.
"""

import os

import schemathesis

SPARED = frozenset(os.environ["SPARED_NAMES"].split())
SAFE = frozenset(["GET", "HEAD", "OPTIONS"])


@schemathesis.hook
def before_call(_context, case, **_kwargs):
    parameters = case.path_parameters or {}
    for name, value in list(parameters.items()):
        if value in SPARED and case.method.upper() not in SAFE:
            parameters[name] = value[:-1] + ("b" if value.endswith("a") else "a")
