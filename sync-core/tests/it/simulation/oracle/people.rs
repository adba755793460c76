//! What must be true of where people work.

use crm_adapters::Kind;
use sync_core::engine::LinkRow;
use sync_core::flow::Side;
use sync_core::state::Issue;

use super::super::sort::{PEOPLE, employer};
use super::super::trade::text;
use super::super::world::{Item, World};

/// Both records of a person belong to the two records of one company; or one of these is gone, or a person is asked.
pub(super) fn check(world: &World, links: &[LinkRow], asked: &[Issue]) -> Result<(), String> {
    for link in links.iter().filter(|link| link.flow == PEOPLE.flow) {
        let (Some(exact), Some(crm)) =
            (world.exact.items.get(&link.exact_id), world.crm.items.get(&link.crm_id))
        else {
            continue;
        };
        let company = |side, item: &Item| text(&item.fields, employer(side));
        let (account, organization) = (company(Side::Exact, exact), company(Side::Crm, crm));
        let gone = |side, id: &String| world.ground(side).items.get(id).is_none_or(|item| item.deleted);
        let ends =
            exact.deleted || crm.deleted || gone(Side::Exact, &account) || gone(Side::Crm, &organization);
        let one = |link: &LinkRow| {
            link.exact_id == account && link.crm_id == organization && link.flow != PEOPLE.flow
        };
        if !ends && !links.iter().any(one) && !is_asked(&account, asked) {
            return Err(format!("{link:?} works for {account} in Exact and for {organization} in the CRM"));
        }
    }
    let strays = world.exact.items.iter().filter(|(_, item)| item.kind == Kind::Contact && !item.by_person);
    for (id, item) in strays {
        if !world.exact.items.contains_key(&text(&item.fields, employer(Side::Exact))) {
            return Err(format!("{id} was made in Exact for a company that never was"));
        }
    }
    Ok(())
}

fn is_asked(account: &str, asked: &[Issue]) -> bool {
    asked
        .iter()
        .filter(|issue| issue.flow == PEOPLE.flow && issue.field.as_deref() == Some("Account"))
        .any(|issue| issue.exact.as_ref().is_some_and(|exact| text(exact, "Account") == account))
}

/// Whether a record belongs to a company that was deleted, on either side: then nothing is made of either.
pub(super) fn is_left_alone(world: &World, side: Side, item: &Item) -> bool {
    let company = text(&item.fields, employer(side));
    let known_as = world.known_as(side, &company);
    let deleted = |side| {
        let mut items = world.ground(side).items.iter();
        items.any(|(id, item)| item.deleted && world.known_as(side, id) == known_as)
    };
    item.kind == PEOPLE.kind && [side, side.other()].into_iter().any(deleted)
}
