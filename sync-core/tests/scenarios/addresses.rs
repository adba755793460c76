//! Invoice and delivery addresses: lines of their company in a table, records of their own in Exact.

use serde_json::{Map, Value as Json, json};

use crate::people::guid;
use crate::world::{World, told};

const PATH: &str = "crm/Addresses";

/// How the lines of an address begin, and the type that Exact has for it.
const TYPES: [(&str, i64); 2] = [("InvoiceAddress.", 3), ("DeliveryAddress.", 4)];

/// Takes the lines of addresses out of what is entered at a company.
pub(crate) fn apart(payload: Map<String, Json>) -> (Map<String, Json>, Map<String, Json>) {
    let of_company = |(name, _): &(String, Json)| TYPES.iter().all(|(prefix, _)| !name.starts_with(prefix));
    payload.into_iter().partition(of_company)
}

impl World {
    /// A person enters or changes the addresses of a company in Exact.
    pub(crate) fn set_addresses(
        &self,
        number: usize,
        account: &str,
        fields: &Map<String, Json>,
    ) -> Result<(), String> {
        let (exact, division) = (self.sandbox.exact(), self.division(number)?);
        for (prefix, ty) in TYPES {
            let own = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
            let mut lines: Map<String, Json> =
                own.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            if lines.is_empty() {
                continue;
            }
            let is = |row: &Json| row["Account"] == account && row["Type"] == ty && row["Main"] == true;
            let known = exact.records(division, PATH).map_err(told)?.into_iter().find(is);
            if let Some(known) = known {
                let id = guid(known["ID"].as_str().unwrap_or_default())?;
                exact.edit(division, PATH, id, lines.into()).map_err(told)?;
            } else {
                lines.extend([("Account".to_owned(), json!(account)), ("Type".to_owned(), json!(ty))]);
                exact.create(division, PATH, lines.into()).map_err(told)?;
            }
        }
        Ok(())
    }

    /// The address that a document names, as its street and city.
    pub(crate) fn shown_address(&self, number: usize, id: &Json) -> Result<String, String> {
        let all = self.sandbox.exact().records(self.division(number)?, PATH).map_err(told)?;
        let found = all.into_iter().find(|row| row["ID"] == *id);
        let line = |row: &Json, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        Ok(found.map_or_else(String::new, |row| {
            format!("{}, {}", line(&row, "AddressLine1"), line(&row, "City"))
        }))
    }
}
