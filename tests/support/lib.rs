//! Behaviour through public interfaces, on real SQLite files and a real PostgreSQL.
