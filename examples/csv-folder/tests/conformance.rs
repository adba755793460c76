//! The folder as a side: the suite for adapters, and what a spreadsheet adds to it.

#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up has failed")]

use std::fs;
use std::sync::Arc;

use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{
    Action, Adapter, Change, Fields, Kind, Outcome, RecordId, Value, View, Write, async_trait,
};
use csv_folder::CsvFolder;
use tempfile::TempDir;

#[derive(Debug)]
struct Companies(TempDir);

impl Companies {
    fn new(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("companies.csv"), text).unwrap();
        Self(folder)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.path().join("companies.csv")).unwrap()
    }

    fn folder(&self) -> CsvFolder {
        CsvFolder::new(self.0.path()).unwrap()
    }
}

#[async_trait]
impl Place for Companies {
    async fn open(&self) -> Arc<dyn Adapter> {
        Arc::new(self.folder())
    }

    fn sample(&self) -> Sample {
        Sample::new(Kind::Company, "name", "custom:KvK number")
            .field(
                "custom:City",
                Value::text("'s-Gravenhage; \"Den Haag\""),
                Value::text("two\nlines, and é"),
            )
            .many(501)
    }

    async fn delete(&self, id: &RecordId) -> bool {
        let rest: Vec<_> = self
            .text()
            .lines()
            .filter(|row| !row.starts_with(&format!("{id},")))
            .map(|row| format!("{row}\n"))
            .collect();
        fs::write(self.0.path().join("companies.csv"), rest.concat()).is_ok()
    }
}

async fn companies() -> Companies {
    Companies::new("id,name,KvK number,City\n")
}

crm_adapters::adapter_conformance!(companies, skips: {
    "a_lost_reply_is_adoptable_by_its_key": "a file answers or is not written",
    "a_merged_record_is_told": "a spreadsheet merges nothing",
    "a_read_only_field_is_rejected_before_the_call_and_named": "every column can be written",
    "a_repeated_create_with_a_unique_key_changes_the_record": "no column is unique",
    "a_text_that_is_too_long_is_rejected_before_the_call_and_named": "a cell takes any length",
    "an_unknown_option_is_rejected_before_the_call_and_named": "every column is text",
});

fn view() -> View {
    View { kind: Kind::Company, fields: vec!["name".to_owned()] }
}

async fn names(folder: &CsvFolder) -> Vec<(String, String)> {
    let page = folder.changes(&view(), None).await.unwrap();
    let pair = |change| match change {
        Change::Present(record) => {
            Some((record.id.to_string(), record.fields.get("name").unwrap().to_string()))
        }
        _ => None,
    };
    page.changes.into_iter().filter_map(pair).collect()
}

#[tokio::test]
async fn a_row_that_a_person_adds_gets_an_id_that_no_row_ever_had() {
    let place = Companies::new("id,name\n7,Zeven\n");
    let folder = place.folder();
    assert_eq!(names(&folder).await, [("7".to_owned(), "Zeven".to_owned())]);
    fs::write(place.0.path().join("companies.csv"), "id,name\n,Nieuw\n").unwrap();
    assert_eq!(names(&folder).await, [("8".to_owned(), "Nieuw".to_owned())]);
    assert_eq!(place.text(), "id,name\n8,Nieuw\n");
}

#[tokio::test]
async fn a_file_of_a_dutch_spreadsheet_program_keeps_its_semicolons() {
    let place = Companies::new("\u{feff}id;name;Plaats\n1;Acme, B.V.;Delft\n");
    let folder = place.folder();
    assert_eq!(names(&folder).await, [("1".to_owned(), "Acme, B.V.".to_owned())]);
    let rename = Action::Update(RecordId::new("1"), Fields::new().with("name", "Acme; Delft"));
    let outcome = folder.write(&view(), vec![Write { action: rename, send_before: None }]).await.remove(0);
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    assert_eq!(place.text(), "id;name;Plaats\n1;\"Acme; Delft\";Delft\n");
}

#[tokio::test]
async fn a_file_that_is_no_table_is_named_and_left_alone() {
    for text in ["name\nAcme\n", "id,name\n1,Acme,too much\n"] {
        let place = Companies::new(text);
        let error = place.folder().changes(&view(), None).await.unwrap_err();
        assert!(error.to_string().contains("companies.csv"), "{error}");
        assert_eq!(place.text(), text);
    }
    let place = Companies::new("");
    fs::write(place.0.path().join("companies.csv"), b"id,name\n1,\xe9\n").unwrap();
    let error = place.folder().changes(&view(), None).await.unwrap_err();
    assert!(error.to_string().contains("CSV UTF-8"), "{error}");
}
