//! The errors of a request, with their places.

use super::FieldError;

/// Errors of a request. Their number is limited, so that neither the work nor the response grows with the number of errors.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Maximum number of errors in a response.
    pub(crate) const MAX: usize = 20;

    /// Adds an error unless the list is full.
    pub(crate) fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        if !self.is_full() {
            self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        }
    }

    /// Whether further errors are not listed, so that checks can end.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= Self::MAX
    }

    /// Whether the request has no error.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors in the order in which they were found.
    pub(crate) fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
