DROP TABLE contribution;
DROP FUNCTION record_update_contribution();
DELETE FROM tombstone WHERE entity = 'contribution';
DELETE FROM history WHERE entity = 'contribution';
