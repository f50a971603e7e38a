//! Planted books and answers: the judge must complain of each, and of nothing else.

use serde_json::{Value, json};

use checkers::money::books::Books;
use checkers::money::journal::{Heard, Operation};
use checkers::money::judge::judge;
use checkers::money::wish::Wish;

fn heard(status: u16, body: Value) -> Vec<Heard> {
    vec![Heard { status, body, replayed: false }]
}

fn operation(key: &str, wish: Wish, heard: Vec<Heard>) -> Operation {
    Operation { user: 0, key: key.into(), wish, lost: heard.is_empty(), heard }
}

fn entry(seq: i64, kind: &str, (amount, balance): (i64, i64), purpose: &str, hold: Option<&str>) -> Value {
    let id = format!("E{seq}");
    json!({"id": id, "seq": seq, "kind": kind, "amount": amount, "balance_after": balance, "purpose": purpose, "hold_id": hold})
}

fn hold(id: &str, key: &str, state: &str, (amount, captured): (i64, i64)) -> Value {
    json!({"id": id, "reference": key, "state": state, "amount": amount, "captured": captured, "slices": []})
}

/// What happened: a grant, a spend and a part of it refunded; a hold captured in part, one voided, one open; refusals; and a spend whose
/// client never heard of it.
fn honest() -> (Books, Vec<Operation>) {
    let entries = vec![
        entry(1, "grant", (20, 20), "g", None),
        entry(2, "capture", (-5, 15), "a picture", Some("S")),
        entry(3, "capture", (-3, 12), "a picture", Some("H")),
        entry(4, "refund", (2, 14), "r", Some("S")),
    ];
    let (captured, voided) = (hold("H", "h", "captured", (4, 3)), hold("V", "v", "voided", (4, 0)));
    let holds = vec![hold("S", "s", "captured", (5, 5)), captured.clone(), voided.clone(), hold("O", "o", "held", (2, 0))];
    let holding = |id, key, amount| operation(key, Wish::Hold { amount }, heard(201, hold(id, key, "held", (amount, 0))));
    let operations = vec![
        operation("g", Wish::Grant { amount: 20 }, heard(201, entries[0].clone())),
        operation("s", Wish::Spend { amount: 5 }, heard(201, json!({"entry_id": "E2", "balance": 15}))),
        holding("H", "h", 4),
        holding("V", "v", 4),
        holding("O", "o", 2),
        operation("c", Wish::Capture { hold: "H".into(), amount: 3 }, heard(200, captured)),
        operation("n", Wish::Void { hold: "V".into() }, heard(200, voided)),
        operation("r", Wish::Refund { entry: "E2".into(), amount: None }, heard(201, entries[3].clone())),
        operation("late", Wish::Capture { hold: "H".into(), amount: 1 }, heard(409, json!({}))),
        operation("poor", Wish::Spend { amount: 50 }, heard(402, json!({}))),
        operation("cut", Wish::Spend { amount: 1 }, Vec::new()),
    ];
    (Books { entries, holds, balance: 14, held: 2 }, operations)
}

fn findings((books, operations): &(Books, Vec<Operation>)) -> Vec<String> {
    judge(books, &operations.iter().collect::<Vec<_>>())
}

/// Honest books after something was done to them, numbered and summed anew so that the sums do not give it away.
fn forged(forge: impl FnOnce(&mut Books, &mut Vec<Operation>)) -> (Books, Vec<Operation>) {
    let (mut books, mut operations) = honest();
    forge(&mut books, &mut operations);
    books.balance = 0;
    for (place, entry) in books.entries.iter_mut().enumerate() {
        books.balance += entry["amount"].as_i64().unwrap();
        (entry["seq"], entry["balance_after"]) = ((place + 1).into(), books.balance.into());
    }
    let open = books.holds.iter().filter(|hold| hold["state"] == "held");
    books.held = open.map(|hold| hold["amount"].as_i64().unwrap()).sum();
    (books, operations)
}

/// Another spend, as the books say it.
fn spend(books: &mut Books, key: &str, id: &str, amount: i64) {
    books.holds.push(hold(id, key, "captured", (amount, amount)));
    let mut row = entry(9, "capture", (-amount, 0), "a picture", Some(id));
    row["id"] = json!(format!("entry of {id}"));
    books.entries.push(row);
}

#[test]
fn honest_books_are_found_right_whether_or_not_a_lost_request_happened() {
    assert_eq!(findings(&honest()), Vec::<String>::new());
    assert_eq!(findings(&forged(|books, _| spend(books, "cut", "X", 1))), Vec::<String>::new());
    let voided = Wish::Void { hold: "O".into() };
    let lost = forged(|books, operations| {
        books.holds[3]["state"] = json!("voided");
        operations.push(operation("lost", voided, Vec::new()));
    });
    assert_eq!(findings(&lost), Vec::<String>::new());
}

type Forgery = (&'static str, fn(&mut Books, &mut Vec<Operation>));

const FORGERIES: [Forgery; 17] = [
    ("a spend that happened twice", |books, _| spend(books, "s", "X", 5)),
    ("a spend that is lost", |books, _| drop((books.entries.remove(1), books.holds.remove(0)))),
    ("a spend that was refused", |books, _| spend(books, "poor", "X", 50)),
    ("a lost request that happened twice", |books, _| ["X", "Y"].iter().for_each(|id| spend(books, "cut", id, 1))),
    ("a spend of another amount", |books, _| (books.entries[1]["amount"], books.holds[0]["amount"]) = (json!(-6), json!(6))),
    ("a spend that nobody wanted", |books, _| spend(books, "nobody", "X", 1)),
    ("a grant that is lost", |books, _| drop(books.entries.remove(0))),
    ("a refund that happened twice", |books, _| books.entries.push(books.entries[3].clone())),
    ("a hold that was captured twice", |books, _| books.entries.push(books.entries[2].clone())),
    ("a hold that was captured by who was refused", |books, _| {
        (books.entries[2]["amount"], books.holds[1]["captured"]) = (json!(-1), json!(1));
    }),
    ("a hold that was voided and is open", |books, _| books.holds[2]["state"] = json!("held")),
    ("a hold that nobody ended", |books, _| books.holds[3]["state"] = json!("voided")),
    ("a hold that two were told they ended", |books, operations| {
        let told = heard(200, books.holds[1].clone());
        operations.push(operation("x", Wish::Capture { hold: "H".into(), amount: 3 }, told));
    }),
    ("coins that expired", |books, _| books.entries.push(entry(9, "expire", (-1, 0), "", None))),
    ("two answers under one key", |_, operations| operations[1].heard.extend(heard(402, json!({})))),
    ("a replay that says that it is new", |_, operations| {
        let again = operations[1].heard[0].clone();
        operations[1].heard.push(again);
    }),
    ("a first answer that says that it is a replay", |_, operations| operations[1].heard[0].replayed = true),
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
        let (mut books, operations) = honest();
        books.entries[2][member] = json!(7);
        assert!(!findings(&(books, operations)).is_empty(), "not found: {member}");
    }
    for forge in [|books: &mut Books| books.balance += 1, |books: &mut Books| books.held -= 1] {
        let (mut books, operations) = honest();
        forge(&mut books);
        assert_eq!(findings(&(books, operations)).len(), 1);
    }
}
