-- Nobody knows who wrote it, or several did and one of them is named as the editor: a book may have no author.

ALTER TABLE book ALTER COLUMN author_id DROP NOT NULL;
