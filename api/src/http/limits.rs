//! The limits of an operation: the size of its body, its time and the rate of its requests.

use std::time::Duration;

use domain::limits::Limit;

/// The limits of an operation. Operations with others than the default state them beside their handlers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The maximum size of the request body, in bytes. A body whose texts may be longer in characters has a higher limit.
    pub(crate) body: usize,
    /// The time until the head of the response.
    pub(crate) timeout: Duration,
    /// The rate of its requests by one subject, beside the limits of the subject.
    pub(crate) rate: Option<Rate>,
}

/// The rate of the requests of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// A limit of its own.
    Own(Limit),
    /// The limit that login, registration and refresh share; an operator sets it.
    SignIn,
}

/// The limits that operations state beside their handlers, by `operationId`.
pub(crate) type Stated = &'static [(&'static str, Limits)];

impl Limits {
    /// The limits of an operation that states none.
    pub(crate) const DEFAULT: Self = Self { body: 256 * 1024, timeout: Duration::from_secs(30), rate: None };

    /// The limits of an operation.
    pub(crate) fn of(operation_id: Option<&str>, stated: &[Stated]) -> Self {
        let mut all = stated.iter().copied().flatten();
        all.find(|(id, _)| operation_id == Some(id)).map_or(Self::DEFAULT, |(_, limits)| *limits)
    }
}
