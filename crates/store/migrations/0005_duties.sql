-- Work that one of all replicas does, at least once, under a lease with a fencing number.

CREATE TABLE duties (
    key          TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    due_at       {int} NOT NULL,
    attempts     {int} NOT NULL,
    fence        {int} NOT NULL,
    leased_by    {int},
    lease_until  {int},
    done_at      {int}
) {strict};
CREATE INDEX duties_due ON duties (kind, due_at) WHERE done_at IS NULL;
CREATE INDEX duties_done ON duties (done_at) WHERE done_at IS NOT NULL;

-- What has lapsed is removed again and again.
INSERT INTO duties (key, kind, due_at, attempts, fence) VALUES ('sweep', 'sweep', 0, 0, 0);
