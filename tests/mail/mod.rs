//! Mail: its delivery by a mail server that behaves badly, its languages and values, and the mails that are kept.

mod delivery;
mod kept;
mod texts;
