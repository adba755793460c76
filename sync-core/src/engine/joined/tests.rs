use crm_adapters::Value;
use crm_adapters::testing::Memory;

use super::*;
use crate::flow::{Preset, RuleChange, Vendor};

const STREET: &str = "street:Street + Number";

fn side() -> Arc<dyn Adapter> {
    let text = |name: &str, longest| Field::new(name, name, FieldType::Text).max_length(longest);
    let schema = Schema::new([
        text("Street", 20).required(),
        text("Number", 5),
        text("Name", 50),
        Field::new("Number of doors", "Doors", FieldType::Decimal),
    ]);
    let own: Arc<dyn Adapter> = Arc::new(Memory::new([(Kind::Company, schema)]));
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.change(STREET, RuleChange { crm: Some("custom:Street".into()), ..RuleChange::default() }).unwrap();
    flow.change(
        "street:Street + Number of doors",
        RuleChange { crm: Some("b".into()), ..RuleChange::default() },
    )
    .unwrap();
    adapter(own, Side::Exact, &[flow])
}

fn view() -> View {
    View { kind: Kind::Company, fields: vec!["Name".to_owned(), STREET.to_owned()] }
}

async fn send(side: &dyn Adapter, action: Action) -> Record {
    match side.write(&view(), vec![Write { action, send_before: None }]).await.remove(0) {
        Outcome::Applied(record) => record,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_written_as_one_field_is_stored_in_its_parts_and_read_as_one() {
    let side = side();
    let fields = Fields::new().with("Name", "Bakker").with(STREET, "Kade 2");
    let record = send(&*side, Action::Create(fields)).await;
    assert_eq!(record.fields.get(STREET), Some(&Value::text("Kade 2")));
    let ids = [record.id.clone()];
    let parts = View { kind: Kind::Company, fields: vec!["Street".to_owned(), "Number".to_owned()] };
    let stored = side.get(&parts, &ids).await.unwrap().remove(0).fields;
    assert_eq!(stored, Fields::new().with("Street", "Kade").with("Number", "2"));

    // A part that is left without a word is emptied.
    send(&*side, Action::Update(record.id.clone(), Fields::new().with(STREET, "Achterom"))).await;
    let stored = side.get(&parts, &ids).await.unwrap().remove(0).fields;
    assert_eq!(stored.get("Street"), Some(&Value::text("Achterom")));
    assert!(stored.get("Number").is_none_or(Value::is_empty), "{stored:?}");

    let page = side.changes(&view(), None).await.unwrap();
    let Some(Change::Present(last)) = page.changes.last() else { panic!("{page:?}") };
    assert_eq!(last.fields.get(STREET), Some(&Value::text("Achterom")));
}

#[tokio::test]
async fn the_schema_tells_of_the_whole_what_it_tells_of_the_parts() {
    let schema = side().schema(Kind::Company).await.unwrap();
    let street = schema.get(STREET).unwrap();
    assert_eq!((street.ty, street.max_length, street.required), (FieldType::Text, Some(26), true));
    assert_eq!(street.label, "Street + Number");
    assert_eq!(schema.get("street:Street + Number of doors").unwrap().ty, FieldType::Other);
    assert!(schema.get("Name").is_some());
}

#[tokio::test]
async fn nothing_is_looked_up_by_a_field_made_of_several() {
    let key = Key { field: STREET.to_owned(), value: Value::text("Kade 2") };
    assert_eq!(side().find(&view(), &key).await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_side_without_such_fields_stays_as_it_is() {
    let own: Arc<dyn Adapter> = Arc::new(Memory::new([]));
    let same = adapter(Arc::clone(&own), Side::Crm, &[Preset::Companies.flow(Vendor::HubSpot)]);
    assert!(Arc::ptr_eq(&own, &same));
}
