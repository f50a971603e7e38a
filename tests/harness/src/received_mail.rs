//! A mail as its recipient's server received it.

use std::collections::BTreeMap;

/// A mail with a plain text and an HTML part.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The address that the client named to the server.
    pub recipient: String,
    /// The headers as they were sent, unfolded, by name in lower case.
    pub headers: BTreeMap<String, Vec<String>>,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

impl ReceivedMail {
    pub(crate) fn parse(recipient: &str, data: &str) -> Self {
        let (head, body) = data.split_once("\n\n").expect("a mail has a body");
        let headers = headers(head);
        let boundary = headers["content-type"][0].split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let boundary = format!("--{}", boundary.expect("a mail has two parts"));
        let part = |media_type: &str| {
            let mut parts = body.split(&boundary).filter_map(|part| part.trim_start().split_once("\n\n"));
            let is_it = |head: &str| head.to_lowercase().contains(&format!("content-type: {media_type}"));
            let (head, body) = parts.find(|(head, _)| is_it(head)).unwrap_or_else(|| panic!("no {media_type} in {data}"));
            decoded(head, body)
        };
        Self { recipient: recipient.to_owned(), text: part("text/plain"), html: part("text/html"), headers }
    }

    /// A header that occurs once, with encoded words decoded.
    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.get(name).map_or(&[][..], Vec::as_slice);
        assert_eq!(values.len(), 1, "the header {name}: {:?}", self.headers);
        encoded_words(&values[0])
    }

    /// The token of its link.
    #[track_caller]
    pub fn token(&self) -> String {
        let token = self.text.split("?token=").nth(1).and_then(|rest| rest.split_whitespace().next());
        token.unwrap_or_else(|| panic!("no link in {}", self.text)).to_owned()
    }
}

fn headers(head: &str) -> BTreeMap<String, Vec<String>> {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in unfolded.lines().filter_map(|line| line.split_once(':')) {
        headers.entry(name.to_lowercase()).or_default().push(value.trim().to_owned());
    }
    headers
}

fn decoded(head: &str, body: &str) -> String {
    let head = head.to_lowercase();
    let bytes = if head.contains("quoted-printable") {
        quoted_printable(&body.replace("=\n", ""))
    } else if head.contains("base64") {
        base64(&body.split_whitespace().collect::<String>())
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).expect("UTF-8").trim_end().to_owned()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let hex = (*first == b'=').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// A header's text with its encoded words (RFC 2047, the encoding B) decoded. White space between two of them does not count.
fn encoded_words(text: &str) -> String {
    let joined = text.replace("?= =?", "?==?");
    let mut parts = joined.split("=?utf-8?b?");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let (word, after) = part.split_once("?=").unwrap_or((part, ""));
        format!("{before}{}{after}", String::from_utf8_lossy(&base64(word)))
    })
}
