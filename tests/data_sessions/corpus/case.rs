//! A file and what an upload of it leads to.

use harness::Response;
use serde_json::Value;

use super::super::DataSession;

/// A file, and how it is read or why it is refused.
#[derive(Clone)]
pub struct Case {
    name: &'static str,
    file: Vec<u8>,
    expected: Expected,
}

#[derive(Clone)]
enum Expected {
    /// Words of the error.
    Refused(&'static [&'static str]),
    Table(Table),
}

/// What is expected of a table; nothing of what is absent.
#[derive(Clone, Default)]
struct Table {
    rows: Option<usize>,
    columns: Option<&'static [(&'static str, &'static str)]>,
    settings: Vec<(&'static str, &'static str)>,
    warnings: Vec<&'static str>,
    evidence: Vec<(&'static str, &'static str)>,
    members: Vec<(&'static str, &'static str, Value)>,
    first_row: Option<Value>,
}

/// A file that is refused, with words of the error.
pub fn refused(name: &'static str, file: impl Into<Vec<u8>>, words: &'static [&'static str]) -> Case {
    Case { name, file: file.into(), expected: Expected::Refused(words) }
}

/// A file that is a table.
pub fn table(name: &'static str, file: impl Into<Vec<u8>>) -> Case {
    Case { name, file: file.into(), expected: Expected::Table(Table::default()) }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Table)) -> Self {
        if let Expected::Table(table) = &mut self.expected {
            change(table);
        }
        self
    }

    /// It has so many rows.
    pub fn rows(self, rows: usize) -> Self {
        self.with(|table| table.rows = Some(rows))
    }

    /// It has these columns, by name and type.
    pub fn columns(self, columns: &'static [(&'static str, &'static str)]) -> Self {
        self.with(|table| table.columns = Some(columns))
    }

    /// A setting is detected with this value.
    pub fn setting(self, setting: &'static str, value: &'static str) -> Self {
        self.with(|table| table.settings.push((setting, value)))
    }

    /// A warning has these words.
    pub fn warning(self, words: &'static str) -> Self {
        self.with(|table| table.warnings.push(words))
    }

    /// The evidence for the type of a column has these words.
    pub fn evidence(self, column: &'static str, words: &'static str) -> Self {
        self.with(|table| table.evidence.push((column, words)))
    }

    /// A column has a member with this value.
    pub fn member(self, column: &'static str, member: &'static str, value: impl Into<Value>) -> Self {
        self.with(|table| table.members.push((column, member, value.into())))
    }

    /// The values of the first row, in the types of their columns.
    pub fn first_row(self, cells: Value) -> Self {
        self.with(|table| table.first_row = Some(cells))
    }

    /// Uploads the file; what is not as expected.
    pub async fn violations(&self, session: &DataSession) -> Vec<String> {
        let is_refused = matches!(self.expected, Expected::Refused(_));
        let former = if is_refused { Some(session.get("/data/info").await.expect(200)) } else { None };
        let response = session.try_upload("", self.file.clone()).await;
        let mut wrong = match &self.expected {
            Expected::Refused(words) => refusal(&response, words),
            Expected::Table(table) if response.status() == 200 => table.violations(&response, session).await,
            Expected::Table(_) => vec![response.text("detail").to_owned()],
        };
        if let Some(former) = former
            && session.get("/data/info").await.expect(200).json() != former.json()
        {
            wrong.push("the former table is lost".to_owned());
        }
        wrong.iter().map(|wrong| format!("{}: {wrong}", self.name)).collect()
    }
}

fn refusal(response: &Response, words: &[&str]) -> Vec<String> {
    if response.status() != 422 {
        let shown: String = response.json().to_string().chars().take(500).collect();
        return vec![format!("responded {}: {shown}", response.status())];
    }
    let detail = response.text("detail");
    let absent = words.iter().filter(|word| !detail.contains(**word));
    absent.map(|word| format!("no {word:?} in {detail:?}")).collect()
}

impl Table {
    async fn violations(&self, info: &Response, session: &DataSession) -> Vec<String> {
        let mut wrong = self.shape(info);
        let findings = info["dialect"].as_array().unwrap();
        let found =
            |setting: &str| findings.iter().find(|finding| finding["setting"] == setting).map(|finding| &finding["value"]);
        let settings = self.settings.iter().filter(|(setting, value)| found(setting).is_none_or(|found| found != value));
        wrong.extend(settings.map(|(setting, value)| format!("{setting} is {:?}, not {value:?}", found(setting))));
        let warnings = info["warnings"].to_string();
        let absent = self.warnings.iter().filter(|words| !warnings.contains(**words));
        wrong.extend(absent.map(|words| format!("no {words:?} in {warnings}")));
        wrong.extend(self.members(info));
        if let Some(expected) = &self.first_row {
            let preview = session.get("/data/preview?limit=1").await.expect(200);
            let cells = &preview["rows"][0]["cells"];
            wrong.extend((cells != expected).then(|| format!("the first row is {cells}, not {expected}")));
        }
        wrong
    }

    fn shape(&self, info: &Response) -> Vec<String> {
        let columns = info["columns"].as_array().unwrap().iter();
        let columns: Vec<_> =
            columns.map(|column| (column["name"].as_str().unwrap(), column["type"].as_str().unwrap())).collect();
        let rows = info["rows"].as_u64().and_then(|rows| usize::try_from(rows).ok());
        let mut wrong = Vec::new();
        if let Some(expected) = self.columns.filter(|expected| *expected != columns) {
            wrong.push(format!("the columns are {columns:?}, not {expected:?}"));
        }
        if self.rows.is_some() && rows != self.rows {
            wrong.push(format!("{rows:?} rows, not {:?}", self.rows));
        }
        wrong
    }

    fn members(&self, info: &Response) -> Vec<String> {
        let columns = info["columns"].as_array().unwrap();
        let column = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap_or(&Value::Null);
        let evidence = self.evidence.iter().filter_map(|(name, words)| {
            let evidence = column(name)["evidence"].as_str().unwrap_or_default();
            (!evidence.contains(words)).then(|| format!("no {words:?} in the evidence of {name}: {evidence:?}"))
        });
        let members = self.members.iter().filter_map(|(name, member, value)| {
            let found = &column(name)[member];
            (found != value).then(|| format!("{member} of {name} is {found}, not {value}"))
        });
        evidence.chain(members).collect()
    }
}
