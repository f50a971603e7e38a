//! Files in all shapes: how each is read, or why it is refused. An error names the column, the row and the value.

mod case;
mod dialects;
mod encodings;
mod other_files;
mod shapes;
mod values;

use harness::Site;

use self::case::Case;
use super::DataSession;
use super::stored_content::frames;

/// The number of uploads of one user, of which 30 a minute are allowed.
const UPLOADS: usize = 25;

both_pairs! {
    async fn every_file_is_read_right_or_refused_with_what_is_wrong_in_it(site: Site) {
        let cases = [encodings::cases(), dialects::cases(), shapes::cases(), values::cases(), other_files::cases()].concat();
        let mut wrong = Vec::new();
        for (number, cases) in cases.chunks(UPLOADS).enumerate() {
            let session = DataSession::create(&*site.register(&format!("user{number}")).await).await;
            session.upload("before\n1\n").await;
            for case in cases {
                wrong.extend(case.violations(&session).await);
            }
            session.upload("after\n1\n").await;
            assert_eq!(frames(&site).len(), 2, "the rows and the description of the last table");
            session.delete().await.expect(204);
        }
        assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
}

/// The cells of rows as a file with commas.
fn joined(rows: &[Vec<String>]) -> String {
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

/// A table with one column of these values, beside a number.
fn column(values: &[&str]) -> String {
    let rows = values.iter().enumerate().map(|(row, value)| vec![row.to_string(), format!("\"{value}\"")]);
    format!("id,x\n{}", joined(&rows.collect::<Vec<_>>()))
}
