//! Forged ledgers and responses: the judge must report each, and nothing else.

use serde_json::{Value, json};

use checkers::money::command::Command;
use checkers::money::journal::{FinalResponse, Operation};
use checkers::money::judge::judge;
use checkers::money::ledger::Ledger;

fn responses(status: u16, body: Value) -> Vec<FinalResponse> {
    vec![FinalResponse { status, body, replayed: false }]
}

fn operation(key: &str, command: Command, responses: Vec<FinalResponse>) -> Operation {
    Operation { user: 0, key: key.into(), command, lost: responses.is_empty(), responses }
}

fn entry(seq: i64, kind: &str, (amount, balance): (i64, i64), purpose: &str, hold: Option<&str>) -> Value {
    let id = format!("E{seq}");
    json!({"id": id, "seq": seq, "kind": kind, "amount": amount, "balance_after": balance, "purpose": purpose, "hold_id": hold})
}

fn hold(id: &str, key: &str, state: &str, (amount, captured): (i64, i64)) -> Value {
    json!({"id": id, "reference": key, "state": state, "amount": amount, "captured": captured, "slices": []})
}

/// A correct ledger: a grant, a spend and a partial refund; a hold captured in part, one voided, one open; refusals; and a spend
/// without a response.
fn correct() -> (Ledger, Vec<Operation>) {
    let entries = vec![
        entry(1, "grant", (20, 20), "g", None),
        entry(2, "capture", (-5, 15), "a picture", Some("S")),
        entry(3, "capture", (-3, 12), "a picture", Some("H")),
        entry(4, "refund", (2, 14), "r", Some("S")),
    ];
    let (captured, voided) = (hold("H", "h", "captured", (4, 3)), hold("V", "v", "voided", (4, 0)));
    let holds = vec![hold("S", "s", "captured", (5, 5)), captured.clone(), voided.clone(), hold("O", "o", "held", (2, 0))];
    let holding = |id, key, amount| operation(key, Command::Hold { amount }, responses(201, hold(id, key, "held", (amount, 0))));
    let operations = vec![
        operation("g", Command::Grant { amount: 20 }, responses(201, entries[0].clone())),
        operation("s", Command::Spend { amount: 5 }, responses(201, json!({"entry_id": "E2", "balance": 15}))),
        holding("H", "h", 4),
        holding("V", "v", 4),
        holding("O", "o", 2),
        operation("c", Command::Capture { hold: "H".into(), amount: 3 }, responses(200, captured)),
        operation("n", Command::Void { hold: "V".into() }, responses(200, voided)),
        operation("r", Command::Refund { entry: "E2".into(), amount: None }, responses(201, entries[3].clone())),
        operation("late", Command::Capture { hold: "H".into(), amount: 1 }, responses(409, json!({}))),
        operation("poor", Command::Spend { amount: 50 }, responses(402, json!({}))),
        operation("cut", Command::Spend { amount: 1 }, Vec::new()),
    ];
    (Ledger { entries, holds, balance: 14, held: 2 }, operations)
}

fn findings((ledger, operations): &(Ledger, Vec<Operation>)) -> Vec<String> {
    judge(ledger, &operations.iter().collect::<Vec<_>>())
}

/// A correct ledger after a forgery, numbered and summed again so that the sums do not reveal it.
fn forged(forge: impl FnOnce(&mut Ledger, &mut Vec<Operation>)) -> (Ledger, Vec<Operation>) {
    let (mut ledger, mut operations) = correct();
    forge(&mut ledger, &mut operations);
    ledger.balance = 0;
    for (place, entry) in ledger.entries.iter_mut().enumerate() {
        ledger.balance += entry["amount"].as_i64().unwrap();
        (entry["seq"], entry["balance_after"]) = ((place + 1).into(), ledger.balance.into());
    }
    let open = ledger.holds.iter().filter(|hold| hold["state"] == "held");
    ledger.held = open.map(|hold| hold["amount"].as_i64().unwrap()).sum();
    (ledger, operations)
}

/// Adds a spend to the ledger.
fn spend(ledger: &mut Ledger, key: &str, id: &str, amount: i64) {
    ledger.holds.push(hold(id, key, "captured", (amount, amount)));
    let mut row = entry(9, "capture", (-amount, 0), "a picture", Some(id));
    row["id"] = json!(format!("entry of {id}"));
    ledger.entries.push(row);
}

#[test]
fn a_correct_ledger_is_accepted_whether_or_not_a_request_without_a_response_happened() {
    assert_eq!(findings(&correct()), Vec::<String>::new());
    assert_eq!(findings(&forged(|ledger, _| spend(ledger, "cut", "X", 1))), Vec::<String>::new());
    let voided = Command::Void { hold: "O".into() };
    let lost = forged(|ledger, operations| {
        ledger.holds[3]["state"] = json!("voided");
        operations.push(operation("lost", voided, Vec::new()));
    });
    assert_eq!(findings(&lost), Vec::<String>::new());
}

type Forgery = (&'static str, fn(&mut Ledger, &mut Vec<Operation>));

const FORGERIES: [Forgery; 17] = [
    ("a spend that happened twice", |ledger, _| spend(ledger, "s", "X", 5)),
    ("a spend that is lost", |ledger, _| drop((ledger.entries.remove(1), ledger.holds.remove(0)))),
    ("a spend that was refused", |ledger, _| spend(ledger, "poor", "X", 50)),
    ("a request without a response that happened twice", |ledger, _| {
        spend(ledger, "cut", "X", 1);
        spend(ledger, "cut", "Y", 1);
    }),
    ("a spend of another amount", |ledger, _| (ledger.entries[1]["amount"], ledger.holds[0]["amount"]) = (json!(-6), json!(6))),
    ("a spend that no operation requested", |ledger, _| spend(ledger, "unknown", "X", 1)),
    ("a grant that is lost", |ledger, _| drop(ledger.entries.remove(0))),
    ("a refund that happened twice", |ledger, _| ledger.entries.push(ledger.entries[3].clone())),
    ("a hold that was captured twice", |ledger, _| ledger.entries.push(ledger.entries[2].clone())),
    ("a hold that a refused operation captured", |ledger, _| {
        (ledger.entries[2]["amount"], ledger.holds[1]["captured"]) = (json!(-1), json!(1));
    }),
    ("a hold that was voided and is open", |ledger, _| ledger.holds[2]["state"] = json!("held")),
    ("a hold that no operation ended", |ledger, _| ledger.holds[3]["state"] = json!("voided")),
    ("a hold whose end two operations report", |ledger, operations| {
        let reported = responses(200, ledger.holds[1].clone());
        operations.push(operation("x", Command::Capture { hold: "H".into(), amount: 3 }, reported));
    }),
    ("coins that expired", |ledger, _| ledger.entries.push(entry(9, "expire", (-1, 0), "", None))),
    ("two responses under one key", |_, operations| operations[1].responses.extend(responses(402, json!({})))),
    ("a replay that is not marked", |_, operations| {
        let again = operations[1].responses[0].clone();
        operations[1].responses.push(again);
    }),
    ("a first response that is marked as a replay", |_, operations| operations[1].responses[0].replayed = true),
];

#[test]
fn every_forgery_is_found() {
    for (name, forge) in FORGERIES {
        assert!(!findings(&forged(forge)).is_empty(), "not found: {name}");
    }
}

#[test]
fn broken_sums_are_found() {
    for member in ["seq", "amount", "balance_after"] {
        let (mut ledger, operations) = correct();
        ledger.entries[2][member] = json!(7);
        assert!(!findings(&(ledger, operations)).is_empty(), "not found: {member}");
    }
    for forge in [|ledger: &mut Ledger| ledger.balance += 1, |ledger: &mut Ledger| ledger.held -= 1] {
        let (mut ledger, operations) = correct();
        forge(&mut ledger);
        assert_eq!(findings(&(ledger, operations)).len(), 1);
    }
}
