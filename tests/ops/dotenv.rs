//! Malformed lines of `.env`.

use std::fs;

use harness::scratch::folder;
use harness::{Settings, program};

#[test]
fn every_malformed_line_is_reported_by_its_true_number_without_its_text() {
    for (text, reported) in [
        ("PORT=1\nHOST=::1\n\nTOKEN_SECRET hush\n", &["line 4: it must be NAME=value"][..]),
        ("PORT=1\r\n# x\r\nTOKEN_SECRET='hush\r\nHOST=::1\r\n", &["line 3: the quote that begins there must be closed"]),
        (
            "\u{feff}PORT=1\nTOKEN_SECRET=hush hush\nSEED_DEMO=0\nhush\n",
            &["line 2: a value with a space", "line 4: it must be NAME=value"],
        ),
        ("ADMIN_PASSWORD hush\nPORT=1\nADMIN_PASSWORD hush\n", &["line 1: ", "line 3: "]),
    ] {
        let folder = folder("dotenv");
        fs::write(folder.join(".env"), text).unwrap();
        for command in ["config", "serve"] {
            let complaint = program::run_in(&folder, &[command], Settings::new()).fail_with(2);
            assert!(reported.iter().all(|line| complaint.contains(line)), "{complaint}");
            assert_eq!(complaint.matches("malformed").count(), reported.len(), "{complaint}");
            assert!(!complaint.contains("hush"), "{complaint}");
        }
    }
}
