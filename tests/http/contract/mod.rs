//! What is published, held to the program: the document, the settings, the tables that people read.

mod access;
mod document;
mod monitoring;
mod published;
mod schema;
