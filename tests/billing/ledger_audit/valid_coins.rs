//! The audit of a valid ledger.

use harness::{Site, backends, program};

backends! {
    async fn an_audit_of_a_valid_ledger_has_no_findings_and_reports_its_counts(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        for person in [&anna, &ben] {
            admin.grant(person, 20).await;
            let spent = person.spend(5).await;
            admin.refund(spent.text("entry_id"), 2).await.expect(201);
            let (open, ended) = (person.hold(1).await, person.hold(4).await);
            person.capture(ended.id(), 3).await.expect(200);
            person.void(open.id()).await.expect(200);
            person.hold(2).await;
        }
        anna.subscribe("pro").await;
        anna.spend(30).await;
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert!(audit["ok"] == true && audit["more"] == false && audit["findings"].as_array().unwrap().is_empty(), "{audit:?}");
        let checked = ["accounts", "lots", "holds", "entries", "payments"].map(|rows| audit["checked"][rows].as_i64().unwrap());
        assert_eq!(checked, [3, 5, 9, 10, 1]);
        let printed = program::run(&["audit"], site.settings()).succeed();
        assert_eq!(printed.trim_end(), "checked 3 accounts, 5 lots, 9 holds, 10 entries, 1 payments, 0 jobs\nevery invariant holds");
    }

    async fn only_an_administrator_audits(site: Site) {
        site.register("anna").await.get("/v1/admin/invariants").await.expect(403).problem("forbidden");
    }
}
