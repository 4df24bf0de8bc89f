-- Takes back V9: who had a part that V8 has no word for is named as a further author.
UPDATE contribution SET role = 'author' WHERE role NOT IN ('author', 'translator', 'editor', 'illustrator');
ALTER TABLE contribution DROP CONSTRAINT contribution_role_check;
ALTER TABLE contribution ADD CONSTRAINT contribution_role_check CHECK (role IN ('author', 'translator', 'editor', 'illustrator'));
