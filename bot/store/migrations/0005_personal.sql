-- Whose data is to go, and since when: what was asked for up to then, also what is still under way, is wiped once it is
-- settled and loses its name once no quota window counts it. The row goes last.
CREATE TABLE erasure (
    account TEXT PRIMARY KEY,
    at      BIGINT NOT NULL
);
