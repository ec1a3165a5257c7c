-- How many commands of a person are open, which accepting counts: settled ones cost it nothing.
CREATE INDEX generation_queued ON generation (account) WHERE settled IS NULL;
