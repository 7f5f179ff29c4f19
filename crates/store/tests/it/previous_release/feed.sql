-- What the release before said to PostgreSQL alone: how it told other replicas, and how they read it.
INSERT INTO touches (xid, replica, what, user_id, at) VALUES (pg_current_xact_id(), 7, 'user', '\x00', 1);
SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), CAST(CAST(t.xid AS text) AS bigint), t.what, t.user_id FROM (SELECT 1) AS one LEFT JOIN touches AS t ON t.xid >= CAST(CAST(1::bigint AS text) AS xid8) AND t.replica <> 8;
DELETE FROM touches WHERE at < 1;
INSERT INTO events (id, at, actor, proof, action, outcome, reasons, request, count) VALUES ('\x00', 0, '', '', '', '', '', '', 0) ON CONFLICT DO NOTHING;
DELETE FROM events WHERE id = '\x00';
