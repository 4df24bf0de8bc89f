-- What was forgotten stays so; that it was is forgotten, too.
DROP TABLE pruned;
