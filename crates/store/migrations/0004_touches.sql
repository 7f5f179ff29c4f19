-- Whom committed changes concern: how replicas on one PostgreSQL database learn of each other's. With a file there is
-- nobody to tell, and this stays empty.

CREATE TABLE touches (
    xid      {xid} NOT NULL,
    replica  {int} NOT NULL,
    what     TEXT NOT NULL,
    user_id  {blob},
    at       {int} NOT NULL
) {strict};
CREATE INDEX touches_by_xid ON touches (xid);
CREATE INDEX touches_by_time ON touches (at);
