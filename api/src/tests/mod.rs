//! What holds for the whole contract: the document, and the views in answers.

mod document;
mod views;
