//! The published contract, checked against the program: the document, the settings, the tables of the README.

mod access;
mod document;
mod matrix;
mod monitoring;
mod published;
mod schema;
