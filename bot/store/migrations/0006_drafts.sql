-- Erasing and exporting look for what waits of one person.
CREATE INDEX draft_account ON draft (account);
