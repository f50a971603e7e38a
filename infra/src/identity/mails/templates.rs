//! The texts of the mails of accounts.

use crate::mail::Template;

macro_rules! templates {
    ($($(#[$doc:meta])* $name:ident, $en:literal, $de:literal;)+) => {$(
        $(#[$doc])*
        pub(super) static $name: Template = Template { en: include_str!($en), de: include_str!($de) };
    )+};
}

templates! {
    /// The link that creates an account.
    REGISTRATION, "texts/registration.en.txt", "texts/registration.de.txt";
    /// To the owner of an address with which somebody registers, or that another user asks for.
    ACCOUNT_EXISTS, "texts/account_exists.en.txt", "texts/account_exists.de.txt";
    /// The link that sets a new password.
    PASSWORD_RESET, "texts/password_reset.en.txt", "texts/password_reset.de.txt";
    /// The link that verifies an address.
    VERIFICATION, "texts/verification.en.txt", "texts/verification.de.txt";
    /// The link that makes a new address count.
    NEW_ADDRESS, "texts/new_address.en.txt", "texts/new_address.de.txt";
    /// To the present address, when another was asked for.
    NEW_ADDRESS_REQUESTED, "texts/new_address_requested.en.txt", "texts/new_address_requested.de.txt";
    /// To the former address, when another counts.
    ADDRESS_CHANGED, "texts/address_changed.en.txt", "texts/address_changed.de.txt";
}
