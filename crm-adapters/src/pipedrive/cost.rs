//! What writes will cost, in calls and in tokens of the day's budget.

use super::Pipedrive;
use super::api::{DELETE_COST, GET_COST, LIST_COST, SEARCH_COST, WRITE_COST};
use super::entity::Entity;
use super::fields::Catalogue;
use super::map::needs_basis;
use crate::change::{Action, Cost, Work, Write};
use crate::error::Result;

impl Pipedrive {
    pub(super) async fn cost_of(&self, entity: &Entity, work: Work<'_>) -> Result<Cost> {
        let mut cost = Cost::default();
        match work {
            Work::Write(writes) => {
                let catalogue = self.cache.get(&self.api, entity).await?;
                writes.iter().for_each(|write| cost += of_write(entity, &catalogue, write));
            }
            Work::Find => cost += one(SEARCH_COST),
            Work::Fields(fields) => {
                fields.iter().for_each(|_| cost += one(WRITE_COST));
                // They are read anew, with the lists that fields choose from.
                (0..=entity.lists.len()).for_each(|_| cost += one(LIST_COST));
            }
        }
        Ok(cost)
    }
}

fn one(budget: u64) -> Cost {
    Cost { calls: 1, budget }
}

fn of_write(entity: &Entity, catalogue: &Catalogue, write: &Write) -> Cost {
    let mut cost = match write.action {
        Action::Archive(_) => one(entity.price(DELETE_COST)),
        _ => one(entity.price(WRITE_COST)),
    };
    // What is only a part of a whole has the record read before it.
    if matches!(&write.action, Action::Update(_, fields) if needs_basis(catalogue, fields)) {
        cost += one(entity.price(GET_COST));
    }
    cost
}
