-- Takes back the list of rows that could not be kept; `colophon sync verify` finds them again. Edits that wait are not touched.

ALTER TABLE set_aside DROP COLUMN next_try;
ALTER TABLE set_aside DROP COLUMN tries;
DROP TABLE not_kept;
