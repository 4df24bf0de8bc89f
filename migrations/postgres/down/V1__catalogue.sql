-- Takes the whole catalogue away. The roles stay: they belong to the server, and people are members of them.

DROP TABLE conflict, contribution, book, author, batch, device, history, tombstone, lineage, catalogue_head;
DROP FUNCTION record_update_author();
DROP FUNCTION record_update_book();
DROP FUNCTION record_update_conflict();
DROP FUNCTION record_update_contribution();
DROP FUNCTION grant_roles();
DROP FUNCTION track(name);
DROP FUNCTION purge(bigint);
DROP FUNCTION refuse_truncate();
DROP FUNCTION record_delete();
DROP FUNCTION record_insert();
DROP FUNCTION refuse_other_revision(text, bigint);
DROP FUNCTION refuse_new_id();
DROP FUNCTION stamp_row();
DROP FUNCTION open_statement();
DROP FUNCTION expect(boolean);
DROP FUNCTION open_revision();
