-- Where the installation is on its way to, went to, or came from: one row at most.

CREATE TABLE moves (
    id     TEXT PRIMARY KEY,
    state  TEXT NOT NULL,
    place  TEXT NOT NULL,
    at     {int} NOT NULL
) {strict};
