-- Books without an author become those of somebody called Anonymous, who is made for them where there are such books.
INSERT INTO author (id, name, sort_name, sort_key, name_key)
    SELECT unhex('018cc251f40070008c010efffffffffe'), 'Anonymous', 'Anonymous', 'anonymous', 'anonymous'
    WHERE EXISTS (SELECT 1 FROM book WHERE author_id IS NULL)
    ON CONFLICT DO NOTHING;
UPDATE book SET author_id = unhex('018cc251f40070008c010efffffffffe') WHERE author_id IS NULL;
ALTER TABLE book ALTER COLUMN author_id SET NOT NULL;
