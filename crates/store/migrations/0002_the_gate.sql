-- Several upstreams of an app, roles that open it, and how the gateway treats its requests, each as JSON.

ALTER TABLE apps RENAME COLUMN upstream TO upstreams;
UPDATE apps SET upstreams = '["' || upstreams || '"]';
ALTER TABLE apps ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN gate TEXT NOT NULL DEFAULT '{}';
