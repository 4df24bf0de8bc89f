-- Takes back the whole catalogue. A backup of the file is made before.

DROP TABLE batch_in_flight;
DROP TABLE set_aside;
DROP TABLE restored;
DROP TABLE seen;
DROP TABLE device;
DROP TABLE edit;
DROP TABLE applying;
DROP TABLE deleted;
DROP TABLE pending;
DROP TABLE conflict;
DROP TABLE contribution;
DROP TABLE book;
DROP TABLE author;
