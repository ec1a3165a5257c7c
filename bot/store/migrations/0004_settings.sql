-- Settings of channels, spaces and people. What is no number goes into `text`; every rule that there is stays.
CREATE TABLE rule_wider (
    id      TEXT PRIMARY KEY,
    space   TEXT,
    subject TEXT   NOT NULL,
    kind    TEXT   NOT NULL
            CHECK (kind IN ('limit', 'pool', 'ceiling', 'budget', 'grant', 'reset', 'block', 'refused',
                            'channel', 'pictures', 'spoiler', 'restricted', 'words', 'log')),
    applies BIGINT NOT NULL CHECK (applies IN (0, 1)),
    value   BIGINT,
    text    TEXT,
    expires BIGINT,
    actor   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    reason  TEXT
);
INSERT INTO rule_wider (id, space, subject, kind, applies, value, expires, actor, at, reason)
SELECT id, space, subject, kind, applies, value, expires, actor, at, reason FROM rule;
DROP TABLE rule;
ALTER TABLE rule_wider RENAME TO rule;
CREATE UNIQUE INDEX rule_newest ON rule (subject, kind, at);
CREATE INDEX rule_space ON rule (space, at);
CREATE INDEX rule_at ON rule (at);

-- What people chose for themselves, as JSON: theirs alone, so without an audit.
CREATE TABLE preference (
    account TEXT PRIMARY KEY,
    value   TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
