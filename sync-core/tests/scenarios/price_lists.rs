//! Price lists that customers of Exact share.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::people::guid;
use crate::step::{Listing, Place, Row};
use crate::world::{World, told};

const LISTS: &str = "sales/SalesPriceLists";

impl World {
    /// A customer buys by a price list from now on.
    pub(crate) async fn buy_by_list(&self, place: Place, name: &str, list: &str) -> Result<(), String> {
        let division = self.books(place)?;
        let fields = json!({ "PriceList": self.price_list(division, list)? });
        let customer = guid(&self.find(place, name).await?.1)?;
        self.sandbox.exact().edit(division, "crm/Accounts", customer, fields).map_err(told)
    }

    /// A period of a price list, with what it says of products and of groups of them.
    pub(crate) async fn list_prices(
        &self,
        place: Place,
        listing: &Listing,
        rows: &[Row],
    ) -> Result<(), String> {
        let division = self.books(place)?;
        let fields = json!({
            "PriceList": self.price_list(division, &listing.list)?, "Currency": "EUR",
            "Type": if listing.offer { 2 } else { 1 }, "StartDate": listing.from, "EndDate": listing.until,
        });
        let exact = self.sandbox.exact();
        let period = exact.create(division, "sales/SalesPriceListPeriods", fields).map_err(told)?;
        for row in rows {
            let mut fields = Map::from_iter([("PriceListPeriod".to_owned(), json!(period))]);
            for (head, cell) in row.iter().filter(|(_, cell)| !cell.is_empty()) {
                let (property, value) = match head.as_str() {
                    "Product" => ("Item", json!(self.find(place, cell).await?.1)),
                    "Group" => ("ItemGroup", self.coded(division, "logistics/ItemGroups", "Code", cell)?),
                    "Price" => ("NewPrice", number(cell)?),
                    "Discount" => ("Discount", number(cell)?),
                    "Quantity" => ("Quantity", number(cell)?),
                    other => return Err(format!("a price list has no {other}")),
                };
                fields.insert(property.to_owned(), value);
            }
            exact.create(division, "sales/SalesPriceListVolumeDiscounts", fields.into()).map_err(told)?;
        }
        Ok(())
    }

    fn books(&self, place: Place) -> Result<i64, String> {
        let Place::Exact(number) = place else { return Err("price lists are in Exact".to_owned()) };
        self.division(number)
    }

    /// The list of that name, made where there is none.
    fn price_list(&self, division: i64, name: &str) -> Result<Uuid, String> {
        match self.coded(division, LISTS, "Description", name) {
            Ok(id) => guid(id.as_str().unwrap_or_default()),
            Err(_) => {
                let fields = json!({ "Code": name, "Description": name });
                self.sandbox.exact().create(division, LISTS, fields).map_err(told)
            }
        }
    }

    fn coded(&self, division: i64, path: &str, property: &str, value: &str) -> Result<Json, String> {
        let records = self.sandbox.exact().records(division, path).map_err(told)?;
        let found = records.iter().find(|record| record[property] == json!(value));
        found.map(|record| record["ID"].clone()).ok_or_else(|| format!("nothing is called \"{value}\" there"))
    }
}

fn number(cell: &str) -> Result<Json, String> {
    cell.parse::<serde_json::Number>().map(Json::Number).map_err(|_| format!("`{cell}` is no number"))
}
