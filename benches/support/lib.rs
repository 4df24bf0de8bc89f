//! Every figure the documentation quotes, measured against the bare library in the same run.
