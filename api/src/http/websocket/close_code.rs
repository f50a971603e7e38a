//! Why a socket is closed, as its client reads it.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $number:literal $reason:literal;)+) => {
        /// Why the server closes a socket (RFC 6455, section 7.4). The numbers are part of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum CloseCode {
            $($(#[$doc])* $code,)+
        }

        impl CloseCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),+];
            /// The description of a socket in the document.
            pub(super) const DESCRIPTION: &str = concat!(
                "The connection is a WebSocket (RFC 6455). Each message is JSON in one text frame of at most 64 KiB. The server pings \
                 each 10 s. It closes with", $(" ", $number, " (", $reason, ")",)+ "."
            );

            /// The number in the close frame.
            #[must_use]
            pub fn number(self) -> u16 {
                match self {
                    $(Self::$code => $number,)+
                }
            }

            /// The reason in the close frame; constant text.
            #[must_use]
            pub fn reason(self) -> &'static str {
                match self {
                    $(Self::$code => $reason,)+
                }
            }
        }
    };
}

codes! {
    /// The exchange is complete. A client does not connect again.
    Normal 1000 "the exchange is complete";
    /// The server stops. A client connects again, to another server.
    ServerStopping 1001 "the server stops, connect again";
    /// The client violates the WebSocket protocol.
    ProtocolError 1002 "the frames violate the WebSocket protocol";
    /// The client sent a binary message, or any message to a socket that takes none.
    UnsupportedMessage 1003 "messages of this type are not accepted";
    /// A message is not UTF-8, or not one that this socket understands.
    InvalidMessage 1007 "the message is not valid";
    /// The client does what a rule of the resource forbids.
    PolicyViolation 1008 "a rule of the resource forbids this";
    /// A message exceeds 64 KiB.
    TooBig 1009 "the message exceeds 64 KiB";
    /// The handler failed: a bug.
    InternalError 1011 "the server failed";
    /// A dependency of the server is unavailable. A client connects again later.
    Unavailable 1013 "the service is temporarily unavailable, connect again later";
    /// The session or the key of the client has ended, or its account is suspended.
    CredentialEnded 4401 "the credential has ended, log in again";
    /// The client answered two pings in a row with nothing.
    PingTimeout 4408 "two pings were not answered";
    /// The resource was deleted or has expired.
    ResourceGone 4410 "the resource is no longer there";
    /// The client sends more than 20 messages a second.
    TooManyMessages 4429 "there were too many messages";
    /// The client does not read as fast as there are messages. A client connects again and reads the present state.
    SlowReader 4430 "the client reads too slowly";
}

impl From<CloseCode> for CloseFrame {
    fn from(code: CloseCode) -> Self {
        Self { code: code.number().into(), reason: code.reason().into() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_allowed_and_short() {
        let numbers: BTreeSet<u16> = CloseCode::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), CloseCode::ALL.len());
        for code in CloseCode::ALL {
            let CloseFrame { code: sent, reason } = (*code).into();
            assert!(sent.is_allowed() && u16::from(sent) == code.number(), "{code:?}");
            assert!((1..=123).contains(&reason.len()), "{code:?}");
        }
    }

    #[test]
    fn every_code_is_in_the_manual() {
        let manual = include_str!("../../../../docs/operations.md");
        for code in CloseCode::ALL {
            let row = format!("| {} | {} |", code.number(), code.reason());
            assert!(manual.contains(&row), "docs/operations.md lacks the row `{row}`");
        }
    }
}
