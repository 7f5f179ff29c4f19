-- The number of each event in the log, which one of all replicas gives it after its commit.

ALTER TABLE events ADD COLUMN number {int};
CREATE UNIQUE INDEX events_by_number ON events (number) WHERE number IS NOT NULL;
CREATE INDEX events_waiting ON events (id) WHERE number IS NULL;

CREATE TABLE event_numbers (
    one   {int} PRIMARY KEY CHECK (one = 1),
    last  {int} NOT NULL
) {strict};
INSERT INTO event_numbers (one, last) VALUES (1, 0);
INSERT INTO duties (key, kind, due_at, attempts, fence) VALUES ('event_numbers', 'event_numbers', 0, 0, 0);
