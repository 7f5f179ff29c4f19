-- Accounts, what opens the door for them, what is behind it, and what happened.

CREATE TABLE installation (
    fact  TEXT PRIMARY KEY,
    at    {int} NOT NULL
) {strict};

CREATE TABLE setup_codes (
    digest      {blob} PRIMARY KEY,
    key_id      {int} NOT NULL,
    expires_at  {int} NOT NULL,
    used_at     {int}
) {strict};

CREATE TABLE signing_keys (
    id          TEXT PRIMARY KEY,
    sealed      {blob} NOT NULL,
    public_jwk  TEXT NOT NULL,
    created_at  {int} NOT NULL,
    retired_at  {int}
) {strict};

CREATE TABLE users (
    id                {blob} PRIMARY KEY,
    handle            TEXT NOT NULL UNIQUE,
    email             TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL,
    email_verified    {int} NOT NULL,
    role              TEXT NOT NULL,
    password_hash     TEXT NOT NULL,
    password_version  {int} NOT NULL,
    created_at        {int} NOT NULL,
    disabled_at       {int}
) {strict};
CREATE INDEX users_administrators ON users (id) WHERE role = 'admin';

CREATE TABLE groups (
    id          {blob} PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_at  {int} NOT NULL
) {strict};

CREATE TABLE group_members (
    group_id  {blob} NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id   {blob} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) {strict};
CREATE INDEX group_members_by_user ON group_members (user_id);

CREATE TABLE apps (
    id          {blob} PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    upstream    TEXT NOT NULL,
    everyone    {int} NOT NULL,
    basic       {int} NOT NULL,
    created_at  {int} NOT NULL
) {strict};

CREATE TABLE app_hosts (
    host    TEXT PRIMARY KEY,
    app_id  {blob} NOT NULL REFERENCES apps (id) ON DELETE CASCADE
) {strict};
CREATE INDEX app_hosts_by_app ON app_hosts (app_id);

CREATE TABLE app_groups (
    app_id    {blob} NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    group_id  {blob} NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (app_id, group_id)
) {strict};
CREATE INDEX app_groups_by_group ON app_groups (group_id);

CREATE TABLE app_users (
    app_id   {blob} NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    user_id  {blob} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (app_id, user_id)
) {strict};
CREATE INDEX app_users_by_user ON app_users (user_id);

CREATE TABLE sessions (
    id          {blob} PRIMARY KEY,
    digest      {blob} NOT NULL UNIQUE,
    key_id      {int} NOT NULL,
    user_id     {blob} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    root_id     {blob} REFERENCES sessions (id) ON DELETE CASCADE,
    app_id      {blob} REFERENCES apps (id) ON DELETE CASCADE,
    origin      TEXT NOT NULL,
    created_at  {int} NOT NULL,
    proved_at   {int} NOT NULL,
    used_at     {int} NOT NULL,
    expires_at  {int} NOT NULL,
    ends_at     {int} NOT NULL,
    ended_at    {int},
    address     TEXT,
    agent       TEXT NOT NULL
) {strict};
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_root ON sessions (root_id, id);
CREATE INDEX sessions_by_app ON sessions (app_id);

CREATE TABLE handoff_codes (
    digest      {blob} PRIMARY KEY,
    key_id      {int} NOT NULL,
    challenge   {blob} NOT NULL,
    app_id      {blob} NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    origin      TEXT NOT NULL,
    session_id  {blob} NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at  {int} NOT NULL,
    used_at     {int}
) {strict};
CREATE INDEX handoff_codes_by_app ON handoff_codes (app_id);
CREATE INDEX handoff_codes_by_session ON handoff_codes (session_id);

CREATE TABLE tokens (
    id           {blob} PRIMARY KEY,
    digest       {blob} NOT NULL UNIQUE,
    key_id       {int} NOT NULL,
    owner_id     {blob} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    apps         TEXT NOT NULL,
    permissions  TEXT NOT NULL,
    created_at   {int} NOT NULL,
    used_at      {int},
    expires_at   {int},
    revoked_at   {int}
) {strict};
CREATE INDEX tokens_by_owner ON tokens (owner_id, id);

CREATE TABLE events (
    id        {blob} PRIMARY KEY,
    at        {int} NOT NULL,
    actor     TEXT NOT NULL,
    proof     TEXT NOT NULL,
    address   TEXT,
    action    TEXT NOT NULL,
    resource  TEXT,
    outcome   TEXT NOT NULL,
    reasons   TEXT NOT NULL,
    detail    TEXT,
    request   TEXT NOT NULL,
    count     {int} NOT NULL
) {strict};
CREATE INDEX events_by_actor ON events (actor, id);
CREATE INDEX events_by_action ON events (action, id);
CREATE INDEX events_by_resource ON events (resource, id);
CREATE INDEX events_by_outcome ON events (outcome, id);
