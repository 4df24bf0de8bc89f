-- Takes back V8: tags, other forms of names and identifiers go, with their tombstones.
DROP TABLE identifier;
DROP TABLE author_name;
DROP TABLE tagging;
DROP TABLE tag;
DROP FUNCTION record_update_identifier();
DROP FUNCTION record_update_author_name();
DROP FUNCTION record_update_tagging();
DROP FUNCTION record_update_tag();
DELETE FROM tombstone WHERE entity IN ('tag', 'tagging', 'author_name', 'identifier');
