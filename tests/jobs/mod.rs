//! Work that the server does without a request.

mod schedule;
