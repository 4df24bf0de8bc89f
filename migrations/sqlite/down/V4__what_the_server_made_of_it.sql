DROP TABLE clock;
DROP TABLE rewritten;
