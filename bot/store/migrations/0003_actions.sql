-- What a generation was made from, and how: `again`, `edit`, `larger 2`. While one is under way no other of its kind
-- starts, so a button that is pressed twice draws once; an edit differs each time.
ALTER TABLE generation ADD COLUMN parent TEXT;
ALTER TABLE generation ADD COLUMN action TEXT;
CREATE UNIQUE INDEX generation_child ON generation (parent, action) WHERE settled IS NULL AND action <> 'edit';

-- When its message was deleted, and when a private picture was shared.
ALTER TABLE generation ADD COLUMN deleted BIGINT;
ALTER TABLE generation ADD COLUMN shared BIGINT;

-- What waits for a person's yes: several pictures at once cost more than the line shows. Charged for once confirmed.
CREATE TABLE draft (
    id      TEXT PRIMARY KEY,
    account TEXT   NOT NULL,
    request TEXT   NOT NULL,
    parent  TEXT,
    action  TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX draft_created ON draft (created);
