-- Tags, other forms of names and identifiers go, and so does what is remembered of them.
DROP TABLE identifier;
DROP TABLE author_name;
DROP TABLE tagging;
DROP TABLE tag;
DELETE FROM pending WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
DELETE FROM deleted WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
DELETE FROM set_aside WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
DELETE FROM not_kept WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
DELETE FROM in_step WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
-- An act of which a part is gone could not be taken back as one.
DELETE FROM edit WHERE act IN (SELECT act FROM edit WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier'));
