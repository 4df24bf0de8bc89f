-- What was typed and is not in the catalogue goes with it.
DROP TABLE draft;
