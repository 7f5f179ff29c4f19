//! The bridge's own tables.

use doorward::db::Migrations;

/// The bridge's own tables.
pub(crate) const TABLES: Migrations = Migrations { app: "filament-bridge", steps: &[FIRST, SECOND] };

const FIRST: &str = "
CREATE TABLE bridge_config (
    key    TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) {strict};

CREATE TABLE filament_mappings (
    filamentdb_id  TEXT PRIMARY KEY,
    spoolman_id    {int} NOT NULL UNIQUE,
    name           TEXT NOT NULL
) {strict};

CREATE TABLE spool_mappings (
    filamentdb_id  TEXT PRIMARY KEY,
    spoolman_id    {int} NOT NULL UNIQUE
) {strict};

CREATE TABLE conflicts (
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,
    filamentdb   TEXT NOT NULL,
    spoolman     TEXT NOT NULL,
    opened_at    {int} NOT NULL,
    PRIMARY KEY (kind, key)
) {strict};

CREATE TABLE sync_log (
    id       {blob} PRIMARY KEY,
    at       {int} NOT NULL,
    summary  TEXT NOT NULL
) {strict};
";

const SECOND: &str = "
CREATE TABLE snapshots (
    at    {int} PRIMARY KEY,
    body  TEXT NOT NULL
) {strict};
";
