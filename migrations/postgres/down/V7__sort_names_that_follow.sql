-- Programs say the sort name again, as before.
DROP TRIGGER follow_name_insert ON author;
DROP TRIGGER follow_name_update ON author;
DROP FUNCTION follow_name();
DROP FUNCTION sort_name_of(text);
DROP FUNCTION belongs_to_family_name(text, boolean);
