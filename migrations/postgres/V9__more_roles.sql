-- What somebody did for a book: narrators, forewords, photographers and more. A later version may know more than this one, so any word may stand there.
-- No column of an entity changes.
--
-- compatible from: V1
--
-- A program of before shows a word that it does not know as it is, and keeps it.

ALTER TABLE contribution DROP CONSTRAINT contribution_role_check;
ALTER TABLE contribution ADD CONSTRAINT contribution_role_check CHECK (char_length(role) BETWEEN 1 AND 100);
