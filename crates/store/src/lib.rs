//! A typed store over one SQLite file. It names no entity and knows neither Tauri nor PostgreSQL.

pub mod schema;
