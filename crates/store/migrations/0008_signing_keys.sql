-- The key that signs assertions is exchanged now and then.

INSERT INTO duties (key, kind, due_at, attempts, fence) VALUES ('signing keys', 'signing keys', 0, 0, 0);
