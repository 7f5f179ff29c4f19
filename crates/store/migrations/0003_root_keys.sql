-- Which root keys the installation is made with: replicas that hold others are refused.

CREATE TABLE root_keys (
    fingerprint    TEXT PRIMARY KEY,
    first_used_at  {int} NOT NULL
) {strict};
