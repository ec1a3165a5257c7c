-- The rule table of 0001 was never written to.
DROP TABLE rule;

-- Append-only: the newest row of a subject and kind rules, so the table is its own audit. `applies` 0 takes the rule
-- back; a `value` of NULL is unlimited. `id` is the command's: asked once, noted once.
CREATE TABLE rule (
    id      TEXT PRIMARY KEY,
    space   TEXT,
    subject TEXT   NOT NULL,
    kind    TEXT   NOT NULL
            CHECK (kind IN ('limit', 'pool', 'ceiling', 'budget', 'grant', 'reset', 'block', 'refused')),
    applies BIGINT NOT NULL CHECK (applies IN (0, 1)),
    value   BIGINT,
    expires BIGINT,
    actor   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    reason  TEXT
);
-- No two rows of a subject and kind share a moment, so "the newest" is always one.
CREATE UNIQUE INDEX rule_newest ON rule (subject, kind, at);
CREATE INDEX rule_space ON rule (space, at);
CREATE INDEX rule_at ON rule (at);

-- What was spent of a bonus pot: never more rows than the pot has credits, however long the account's history.
CREATE INDEX generation_bonus ON generation (account, created, bonus) WHERE bonus > 0;

-- What a person has under way, which accepting counts: settled ones cost it nothing.
CREATE INDEX generation_queued ON generation (account) WHERE settled IS NULL;

-- The person's roles that had a rule when the command was taken, as JSON: the answer speaks of the same limit.
ALTER TABLE generation ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';
