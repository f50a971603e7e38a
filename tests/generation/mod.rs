//! Generation: the platform's settings.

mod settings;
