-- Times are milliseconds UTC, amounts credits, JSON is text: the common subset of SQLite and PostgreSQL.

CREATE TABLE generation (
    id       TEXT PRIMARY KEY,
    account  TEXT   NOT NULL,
    space    TEXT,
    asked    BIGINT NOT NULL,
    charged  BIGINT NOT NULL,
    bonus    BIGINT NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('queued', 'running', 'delivering', 'delivered', 'refunded')),
    attempt  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    settled  BIGINT,
    reason   TEXT,
    request  TEXT   NOT NULL,
    address  TEXT,
    result   TEXT,
    CHECK (bonus >= 0 AND bonus <= charged AND charged <= asked),
    CHECK (state <> 'refunded' OR charged = 0)
);

-- Each sum of the accepting statement reads its index alone. No condition: it would cost the covering.
CREATE INDEX generation_account ON generation (account, created, charged, bonus);
CREATE INDEX generation_space ON generation (space, created, charged);
CREATE INDEX generation_total ON generation (created, charged);
CREATE INDEX generation_open ON generation (created) WHERE settled IS NULL;

-- One row per answer of the image service: paid for, so never asked for again.
CREATE TABLE picture (
    generation TEXT   NOT NULL REFERENCES generation (id),
    n          BIGINT NOT NULL,
    url        TEXT   NOT NULL,
    revised    TEXT,
    request_id TEXT,
    file_id    TEXT,
    PRIMARY KEY (generation, n)
);

-- Append-only: the newest row of a kind rules, so the table is its own audit. `id` is the command's: asked once, noted once.
CREATE TABLE rule (
    id      TEXT PRIMARY KEY,
    subject TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    value   BIGINT,
    expires BIGINT,
    actor   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    reason  TEXT
);
CREATE INDEX rule_subject ON rule (subject, kind, at);

-- The generic cell rate algorithm's one number per throttle: when the next call may leave.
CREATE TABLE throttle (
    name TEXT PRIMARY KEY,
    free BIGINT NOT NULL
);

-- Small facts that outlive a process, such as the hash of the commands last synced.
CREATE TABLE note (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
