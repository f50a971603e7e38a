//! `audit`: verifies the invariants of the ledger and lists the rows that violate them.

use domain::billing::ledger_audit::{Audit, Finding};

use super::{Failure, infra_config, print};
use crate::config::{Settings, UseOfSecret};

/// Succeeds when every invariant holds. It changes nothing, the schema included.
pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let config = infra_config(settings, UseOfSecret::None)?;
    let audit = infra::audit(&config).await.map_err(|error| Failure::start("cannot audit the ledger", error))?;
    print(report(&audit))?;
    if audit.ok { Ok(()) } else { Err(Failure::Refused("the ledger violates its invariants")) }
}

fn report(audit: &Audit) -> String {
    let checked = &audit.checked;
    let mut lines = vec![format!(
        "checked {} accounts, {} lots, {} holds, {} entries, {} payments, {} jobs",
        checked.accounts, checked.lots, checked.holds, checked.entries, checked.payments, checked.jobs
    )];
    lines.extend(audit.findings.iter().map(line));
    lines.extend(audit.more.then(|| "… and more".to_owned()));
    lines.extend(audit.ok.then(|| "every invariant holds".to_owned()));
    lines.join("\n")
}

fn line(finding: &Finding) -> String {
    let subject = format!("{:?}", finding.subject).to_lowercase();
    let id = finding.id.as_deref().unwrap_or_default();
    format!("{:?} {subject} {id}: {}", finding.invariant, finding.detail)
}

#[cfg(test)]
mod tests {
    use domain::billing::ledger_audit::{Checked, Invariant, Subject};

    use super::*;

    #[test]
    fn a_finding_is_reported_with_its_invariant_and_its_row() {
        let (invariant, subject) = (Invariant::I2, Subject::Lot);
        let finding = Finding { invariant, subject, id: Some("01J".to_owned()), detail: "it is odd".to_owned() };
        let reported = report(&Audit::of(Checked::default(), vec![finding]));
        assert_eq!(reported, "checked 0 accounts, 0 lots, 0 holds, 0 entries, 0 payments, 0 jobs\nI2 lot 01J: it is odd");
    }

    #[test]
    fn a_valid_ledger_is_reported_as_valid() {
        assert!(report(&Audit::of(Checked::default(), Vec::new())).ends_with("\nevery invariant holds"));
    }
}
