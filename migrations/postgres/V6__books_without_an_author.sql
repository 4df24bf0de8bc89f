-- Nobody knows who wrote it, or several did and one of them is named as the editor: a book may have no author. A program of before goes on; a book that it
-- could not keep is set aside there, by its id, until it is upgraded.
--
-- compatible from: V1

ALTER TABLE book ALTER COLUMN author_id DROP NOT NULL;
