//! A division opened for writing, with everything that a rule may want to know.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::division::Division;
use super::schema::{Entity, Kind};
use super::settings::ExactSettings;

/// The user's name as `CreatorFullName` shows it.
pub(super) const USER_NAME: &str = "Integration User";

#[derive(Debug)]
pub(super) struct Books<'a> {
    pub(super) division: &'a mut Division,
    pub(super) settings: &'a ExactSettings,
    pub(super) random: &'a mut StdRng,
    pub(super) user: Uuid,
    pub(super) client_id: &'a str,
    pub(super) base_url: &'a str,
    /// Why the callback of a new subscription does not do.
    pub(super) callback_fault: Option<String>,
    pub(super) now: DateTime<Utc>,
}

impl Books<'_> {
    pub(super) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }

    pub(super) fn get(&self, kind: Kind, id: Uuid) -> Option<&Row> {
        self.division.get(kind, id)
    }

    /// The record that a row's property names.
    pub(super) fn of(&self, row: &Row, property: &str, kind: Kind) -> Option<&Row> {
        self.get(kind, row.guid(property)?)
    }

    /// The record with this `Code`.
    pub(super) fn by_code(&self, kind: Kind, code: &str) -> Option<&Row> {
        self.division.with(kind, "Code", &Cell::text(code)).first().map(|(_, row)| *row)
    }

    /// The keys of the records whose indexed property names this one.
    pub(super) fn ids(&self, kind: Kind, property: &'static str, id: Uuid) -> Vec<Uuid> {
        self.division.with(kind, property, &Cell::Guid(id)).into_iter().map(|(id, _)| id).collect()
    }

    pub(super) fn put(&mut self, kind: Kind, id: Uuid, row: Row) {
        self.division.put(kind, id, row, self.random);
    }

    /// Changes a record outside a payload. Nothing happens to one that is gone.
    pub(super) fn change(&mut self, kind: Kind, id: Uuid, change: impl FnOnce(&mut Row)) {
        if let Some(mut row) = self.get(kind, id).cloned() {
            change(&mut row);
            self.put(kind, id, row);
        }
    }

    /// Changes a record as a person's edit does: `Modified` moves.
    pub(super) fn edit(&mut self, kind: Kind, id: Uuid, change: impl FnOnce(&mut Row)) {
        let now = Cell::moment(self.now);
        self.change(kind, id, |row| {
            row.set("Modified", now);
            change(row);
        });
    }

    /// Changes how far an order or a line of it is along.
    pub(super) fn advance(&mut self, kind: Kind, id: Uuid, change: impl FnOnce(&mut Row)) {
        if self.settings.progress_moves_feeds {
            return self.edit(kind, id, change);
        }
        if let Some(mut row) = self.get(kind, id).cloned() {
            change(&mut row);
            self.division.put_unstamped(kind, id, row);
        }
    }

    pub(super) fn remove(&mut self, kind: Kind, id: Uuid) -> bool {
        self.division.remove(kind, id, self.user, self.now, self.random)
    }

    /// A row with its key and the marks of who entered it.
    pub(super) fn blank(&mut self, entity: &'static Entity) -> (Uuid, Row) {
        let id = self.new_id();
        let mut row = Row::default();
        if entity.property(entity.key).is_some_and(|key| key.edm == super::schema::Edm::Guid) {
            row.set(entity.key, Cell::Guid(id));
        }
        let marks = [
            ("Created", Cell::moment(self.now)),
            ("Modified", Cell::moment(self.now)),
            ("Creator", Cell::Guid(self.user)),
            ("CreatorFullName", Cell::text(USER_NAME)),
            ("Modifier", Cell::Guid(self.user)),
            ("ModifierFullName", Cell::text(USER_NAME)),
            ("Division", Cell::Int(self.division.code())),
        ];
        for (name, cell) in marks {
            row.set(name, cell);
        }
        (id, row)
    }

    /// What one piece of a row's currency is in that of the administration.
    pub(super) fn rate(&self, row: &Row) -> Decimal {
        let currency = row.str("Currency").map(str::trim);
        let foreign = currency.filter(|currency| Some(*currency) != self.division.row.str("Currency"));
        let rate = foreign.and_then(|currency| self.settings.exchange_rates.get(currency));
        rate.copied().unwrap_or(Decimal::ONE)
    }

    /// A business message in the user's language.
    pub(super) fn say(&self, dutch: &str, english: &str) -> String {
        if self.settings.language == "nl" { dutch.to_owned() } else { english.to_owned() }
    }

    pub(super) fn invalid(&self, property: &str) -> String {
        self.say(&format!("Ongeldig: {}", dutch(property)), &format!("Invalid: {property}"))
    }

    pub(super) fn mandatory(&self, property: &str) -> String {
        self.say(&format!("Verplicht: {}", dutch(property)), &format!("Mandatory: {property}"))
    }

    pub(super) fn invalid_reference(&self, property: &str) -> String {
        self.say(
            &format!("Ongeldige referentie: {}", dutch(property)),
            &format!("Invalid reference: {property}"),
        )
    }

    pub(super) fn exists_already(&self) -> String {
        self.say("Gegeven bestaat reeds.", "Data already exists.")
    }
}

/// The property's label on a Dutch screen.
pub(super) fn dutch(property: &str) -> &str {
    match property {
        "Account" | "OrderAccount" => "Relatie",
        "AddressLine1" | "AddressLine2" | "AddressLine3" => "Adres",
        "ChamberOfCommerce" => "KvK-nummer",
        "City" => "Plaats",
        "DeliverTo" | "DeliveryAccount" => "Leveren aan",
        "DeliveryAddress" | "DeliverToAddress" => "Afleveradres",
        "Description" => "Omschrijving",
        "Document" => "Document",
        "Email" => "E-mailadres",
        "FirstName" => "Voornaam",
        "InvoiceAccount" => "Factuurrelatie",
        "InvoiceTo" => "Factuur voor",
        "Item" => "Artikel",
        "Journal" => "Dagboek",
        "LastName" => "Achternaam",
        "Name" => "Naam",
        "OrderedBy" => "Besteld door",
        "Parent" => "Moedermaatschappij",
        "PaymentCondition" => "Betalingsconditie",
        "Quantity" => "Aantal",
        "QuotationLines" | "SalesInvoiceLines" | "SalesOrderLines" | "GoodsDeliveryLines" => "Regels",
        "SearchCode" => "Zoekcode",
        "Subject" => "Onderwerp",
        "VATCode" | "SalesVATCode" | "SalesVatCode" => "Btw-code",
        "VATNumber" => "Btw-nummer",
        other => other,
    }
}
