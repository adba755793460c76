use super::*;

fn flow() -> Flow {
    Preset::Companies.flow(Vendor::Pipedrive)
}

#[test]
fn a_preset_as_it_stands_is_right() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        assert_eq!(Preset::Companies.flow(vendor).validate(), Ok(()), "{vendor:?}");
    }
}

#[test]
fn what_is_wrong_with_a_flow_is_said_with_the_remedy() {
    type Spoil = fn(&mut Flow);
    let wrong: [(Spoil, &str); 6] = [
        (|flow| flow.name = String::new(), "flow name ``"),
        (|flow| flow.name = "Companies/2".to_owned(), "use lower-case letters, digits, `-` and `_`"),
        (|flow| flow.identity = vec!["Fax".to_owned()], "add [flow.fields.Fax] with `crm`"),
        (|flow| flow.identity.clear(), "map KvK or VAT number, or set create_fields"),
        (
            |flow| flow.rules[4].crm = flow.rules[3].crm.clone(),
            "Website and Phone are both mapped to website; map each CRM field once",
        ),
        (
            |flow| flow.rules[4].if_empty = IfEmpty::Default(" ".to_owned()),
            "Phone: if_empty has an empty default; say `keep` or `clear`",
        ),
    ];
    for (spoil, told) in wrong {
        let mut flow = flow();
        spoil(&mut flow);
        let message = flow.validate().unwrap_err();
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn list_prices_can_be_in_another_currency_on_both_sides() {
    let priced = |vendor| {
        let mut flow = Preset::Products.flow(vendor);
        flow.priced_in("GBP");
        assert_eq!(flow.rule("Price.EUR"), None);
        flow.rule("Price.GBP").unwrap().crm.clone()
    };
    assert_eq!(priced(Vendor::Pipedrive), "prices:GBP");
    assert_eq!(priced(Vendor::HubSpot), "price", "in whatever the account keeps its prices");
}

#[test]
fn a_change_replaces_what_it_names_and_leaves_the_rest() {
    let mut flow = flow();
    let before = flow.rule("Phone").unwrap().clone();
    flow.change("Phone", RuleChange { owner: Some(Owner::Crm), ..RuleChange::default() }).unwrap();
    let after = flow.rule("Phone").unwrap();
    let named = FieldRule { owner: Owner::Crm, named: true, optional: false, ..before };
    assert_eq!(*after, named, "a person named it, so the CRM must have it");
}

#[test]
fn what_a_config_names_takes_the_place_of_a_presets_field_that_has_it_as_a_part() {
    let crm = |name: &str| RuleChange { crm: Some(name.to_owned()), ..RuleChange::default() };
    let mut flow = Preset::Contacts.flow(Vendor::HubSpot);
    flow.change("LastName", crm("lastname")).unwrap();
    assert!(flow.rule("surname:MiddleName + LastName").is_none());
    assert_eq!(flow.validate(), Ok(()));
    flow.change("name:FirstName + LastName", crm("custom:Whole name")).unwrap();
    assert!(flow.rule("FirstName").is_none(), "the preset's own");
    assert_eq!(
        flow.validate().unwrap_err(),
        "LastName belongs to LastName and to name:FirstName + LastName; map it once, by itself or as a part"
    );
}

#[test]
fn a_new_field_must_name_the_crms() {
    let mut flow = flow();
    let message = flow.change("Fax", RuleChange::default()).unwrap_err();
    assert_eq!(message, "Fax is not in the preset; add `crm` with the CRM's property name");
    let change = RuleChange { crm: Some("custom:Fax".to_owned()), ..RuleChange::default() };
    flow.change("Fax", change).unwrap();
    assert_eq!(flow.rule("Fax"), Some(&FieldRule { named: true, ..FieldRule::new("Fax", "custom:Fax") }));
}

#[test]
fn the_fingerprint_changes_with_what_decides_a_write_and_with_nothing_else() {
    let told = flow().fingerprint();
    let mut same = flow();
    same.brakes.creates = 1;
    same.divisions = vec![Division::new(1)];
    assert_eq!(same.fingerprint(), told);
    let changes: [fn(&mut Flow); 5] = [
        |flow| flow.create = Create::None,
        |flow| flow.identity.truncate(1),
        |flow| flow.sync_key = None,
        |flow| flow.rules[0].owner = Owner::Exact,
        |flow| flow.creatable = None,
    ];
    for change in changes {
        let mut other = flow();
        change(&mut other);
        assert_ne!(other.fingerprint(), told);
    }
}
