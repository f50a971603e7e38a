//! Examples for the document.

use domain::jobs::{AdministeredJob, Job, Schedule};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for Job {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "kind": "export_account", "state": "succeeded", "attempt": 2, "progress": 1.0,
            "run_at": "2027-01-31T10:00:05Z", "created_at": "2027-01-31T10:00:00Z", "started_at": "2027-01-31T10:00:05Z",
            "finished_at": "2027-01-31T10:00:06Z", "result": {"bytes": 48_120}, "error": "a dependency is unavailable", "version": 6,
        })
    }
}

impl ResponseBody for AdministeredJob {
    fn example() -> Value {
        let mut job = Job::example();
        if let Value::Object(members) = &mut job {
            let more = json!({
                "queue": "heavy", "owner_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "payload": {"export": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F"},
                "failures": 1, "losses": 0, "cancel_requested": false,
            });
            members.extend(more.as_object().cloned().unwrap_or_default());
        }
        job
    }
}

impl ResponseBody for Schedule {
    fn example() -> Value {
        json!({
            "name": "audit_ledger", "kind": "audit_ledger", "cron": "30 3 * * *", "zone": "Europe/Berlin", "missed": "once",
            "enabled": true, "next_at": "2027-02-01T02:30:00Z", "last_at": "2027-01-31T02:30:00Z", "version": 2,
        })
    }
}
