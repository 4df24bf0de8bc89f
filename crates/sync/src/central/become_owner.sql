-- What a migration makes belongs to the catalogue's owners, not to the person who happened to run it, so that the next
-- one may be run by another. Without that role it belongs to this login.
DO $$
BEGIN
    SET LOCAL ROLE "{schema}_owner";
EXCEPTION
    WHEN insufficient_privilege OR invalid_parameter_value OR undefined_object THEN NULL;
END
$$;
SET LOCAL search_path = "{schema}";
