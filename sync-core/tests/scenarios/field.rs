//! What a scenario calls a field, and what the vendors call it.

use crm_adapters::{FieldType, Kind};
use sync_core::flow::{Flow, Kinds, Preset, Side, Vendor};

use crate::step::Place;
use crate::world::World;

/// The words of the presets: their labels, and what each CRM calls the field. A label that one CRM has a property of its
/// own for is known from the other.
#[derive(Clone, Debug)]
pub(crate) struct Glossary {
    vendor: Vendor,
    /// Kinds, label, Exact's property.
    labels: Vec<(Kinds, String, String)>,
}

/// What people say of fields that no preset has a label for: kind, word, in Pipedrive, in HubSpot.
const WORDS: [(Kind, &str, &str, &str); 15] = [
    (Kind::Company, "Name", "name", "name"),
    (Kind::Contact, "Name", "name", "name"),
    (Kind::Contact, "First name", "first_name", "firstname"),
    (Kind::Contact, "Last name", "last_name", "lastname"),
    (Kind::Contact, "Email", "email", "email"),
    (Kind::Contact, "Phone", "phone", "phone"),
    (Kind::Contact, "Company", "org_id", "association:company:Primary"),
    (Kind::Product, "Name", "name", "name"),
    (Kind::Product, "List price", "prices:EUR", "price"),
    (Kind::Deal, "Company", "org_id", "association:company:Primary"),
    (Kind::Deal, "Contact person", "person_id", "association:contact"),
    (Kind::Deal, "Title", "title", "dealname"),
    (Kind::Deal, "Value", "value", "amount"),
    (Kind::Deal, "Stage", "stage_id", "dealstage"),
    (Kind::Deal, "Won at", "won_time", "closedate"),
];

/// A field of one side.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// As records of that side call it: the vendor's property, or `custom:Label`.
    pub(crate) name: String,
    pub(crate) ty: FieldType,
}

impl Glossary {
    pub(crate) fn new(vendor: Vendor) -> Self {
        let flows = [Vendor::Pipedrive, Vendor::HubSpot]
            .into_iter()
            .flat_map(|vendor| Preset::ALL.map(|preset| preset.flow(vendor)));
        let labels = flows.flat_map(|flow| {
            let labelled = flow.rules.into_iter().filter_map(move |rule| {
                Some((flow.kinds, rule.crm.strip_prefix("custom:")?.to_owned(), rule.exact))
            });
            labelled.collect::<Vec<_>>()
        });
        Self { vendor, labels: labels.collect() }
    }

    /// Exact's property for a word: a label, or the property itself.
    pub(crate) fn property(&self, flow: &Flow, word: &str) -> Option<String> {
        let own = flow.rules.iter().find(|rule| rule.exact == word || rule.crm == format!("custom:{word}"));
        let label = || {
            let mut labels =
                self.labels.iter().filter(|(kinds, label, _)| *kinds == flow.kinds && label == word);
            labels.find(|(.., exact)| flow.rule(exact).is_some()).map(|(.., exact)| exact.clone())
        };
        let named = || {
            let common = self.common(flow.kinds.crm, word)?;
            flow.rules.iter().find(|rule| rule.crm == common).map(|rule| rule.exact.clone())
        };
        own.map(|rule| rule.exact.clone()).or_else(label).or_else(named)
    }

    /// A side's name for a word.
    pub(crate) fn name(&self, flow: &Flow, side: Side, word: &str) -> Option<String> {
        let property = self.property(flow, word)?;
        flow.rule(&property).map(|rule| rule.field(side).to_owned())
    }

    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The CRM's field with the stage of a deal.
    pub(crate) fn stage(&self) -> &'static str {
        if self.vendor == Vendor::HubSpot { "dealstage" } else { "stage_id" }
    }

    fn common(&self, kind: Kind, word: &str) -> Option<&'static str> {
        let (.., pipedrive, hubspot) = WORDS.iter().find(|(of, said, ..)| *of == kind && *said == word)?;
        Some(if self.vendor == Vendor::HubSpot { hubspot } else { pipedrive })
    }
}

impl World {
    /// The field that a word stands for.
    pub(crate) fn field(&self, place: Place, kind: Kind, word: &str) -> Result<Named, String> {
        let side = place.side();
        let schema =
            self.schemas.get(&(side, kind)).ok_or_else(|| format!("there is no {kind} in {side}"))?;
        let flows = self.engine.flows().iter().filter(|flow| flow.kinds.on(side) == kind);
        let mapped = flows.filter_map(|flow| self.glossary.name(flow, side, word));
        let common = self.glossary.common(kind, word).filter(|_| side == Side::Crm).map(str::to_owned);
        let names = mapped.chain(common).chain([word.to_owned(), format!("custom:{word}")]);
        let mut found = names.filter_map(|name| schema.get(&name).map(|field| Named { name, ty: field.ty }));
        found.next().ok_or_else(|| format!("`{word}` is no field of a {kind} in {side}"))
    }
}
