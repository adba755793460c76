//! What happens.

use crm_adapters::RecordId;
use sandbox::{Fault, Trouble};
use sync_core::engine::Resolution;
use sync_core::flow::Vendor;

use crate::expect::{about, no_trouble};
use crate::play::{MOMENT, PAUSE};
use crate::step::{Accident, Action, Answer, Place};
use crate::world::{World, told};

/// Lets something happen.
///
/// # Errors
/// Why it cannot.
pub(crate) async fn act(world: &mut World, action: &Action) -> Result<(), String> {
    match action {
        Action::Enter { places, kind, name, of, fields } => {
            for place in places {
                world.enter(*place, *kind, name, of.as_deref(), fields).await?;
            }
            Ok(())
        }
        Action::Change { places, name, fields } => {
            for place in places {
                world.change(*place, name, fields).await?;
            }
            Ok(())
        }
        Action::Delete { place, name } => world.delete(*place, name).await,
        Action::Merge { place, name, into } => world.merge(*place, name, into).await,
        Action::Join { place, name, company, too } => world.join(*place, name, company, *too).await,
        Action::Anonymise { place, name } => world.anonymise(*place, name).await,
        Action::Wait(time) => {
            world.wait(*time);
            Ok(())
        }
        Action::Run { yes } => run(world, *yes).await,
        Action::Restart => world.restart().await,
        Action::Answer { field, answer } => resolve(world, field, answer).await,
        Action::Accident { place, accident } => befall(world, *place, accident),
        Action::Discount { place, name, amount, percent } => {
            world.take_off(*place, name, amount, *percent).await
        }
        Action::Lines { place, name, rows } => world.enter_lines(*place, name, rows).await,
        Action::Price { place, name, price, of, from } => {
            world.price(*place, name, price, of.as_deref(), from.as_deref()).await
        }
        Action::BuyByList { place, name, list } => world.buy_by_list(*place, name, list).await,
        Action::ListPrices { place, listing, rows } => world.list_prices(*place, listing, rows).await,
        Action::Bill { place, name, invoice, credit, reference, rows } => {
            world.bill(*place, name, invoice, *credit, reference.as_ref(), rows).await
        }
        Action::Retype { kind, field } => world.retype(*kind, field).await,
        Action::Stage { name, stage } => world.decide(name, *stage).await,
        Action::Deliver { place, name, rows } => world.deliver(*place, name, rows).await,
        Action::Invoice { place, name, invoice, ordered } => {
            world.invoice(*place, name, invoice, *ordered).await
        }
        Action::Pay { place, name, amount } => world.pay(*place, name, amount.as_deref()).await,
        Action::Unpay { place, name } => world.unpay(*place, name).await,
        Action::WriteOff { place, name } => world.write_off(*place, name).await,
        Action::Credit { place, name, note, rows } => world.credit(*place, name, note, rows).await,
        Action::PutOff { place, name, amount, days } => world.put_off(*place, name, amount, *days).await,
        Action::Close { place, name } => world.close(*place, name).await,
        Action::Reply { place, name, accepted } => world.reply(*place, name, *accepted).await,
    }
}

/// A run by the schedule. What the one before reported has to have been expected.
async fn run(world: &mut World, yes: bool) -> Result<(), String> {
    no_trouble(world)?;
    world.wait(PAUSE);
    world.run(yes).await?;
    world.wait(MOMENT);
    Ok(())
}

async fn resolve(world: &mut World, field: &str, answer: &Answer) -> Result<(), String> {
    let issues = world.engine.issues().await.map_err(told)?;
    let mut asked = Vec::new();
    for issue in &issues {
        if about(world, issue, field).await {
            asked.push(issue);
        }
    }
    let [issue] = asked.as_slice() else {
        return Err(format!("there are {} issues about {field}", asked.len()));
    };
    let resolution = match answer {
        Answer::Take(side) => Resolution::Take(*side),
        Answer::Value(value) => Resolution::Value(value.clone()),
        Answer::Create => Resolution::Create,
        Answer::Skip => Resolution::Skip,
        Answer::Link { exact, crm } => {
            let ((_, exact), (_, crm)) =
                (world.find(Place::Exact(1), exact).await?, world.find(Place::Crm, crm).await?);
            Resolution::Link { exact: RecordId::new(exact), crm: RecordId::new(crm) }
        }
    };
    world.engine.resolve_issue(&issue.id(), resolution).await.map_err(told)
}

fn befall(world: &World, place: Place, accident: &Accident) -> Result<(), String> {
    let (exact, pipedrive, hubspot) =
        (world.sandbox.exact(), world.sandbox.pipedrive(), world.sandbox.hubspot());
    let fault = match accident {
        Accident::AnswerLost => Fault::new(Trouble::DropAfter),
        Accident::Refused(message) => Fault::new(Trouble::BusinessError { message: message.clone() }),
        Accident::KeptAmounts => {
            exact.configure(|settings| settings.matched_terms_keep_amount = true);
            return Ok(());
        }
        Accident::Dropped(property) => {
            let Place::Exact(_) = place else { return Err("only Exact drops fields".to_owned()) };
            exact.configure(|settings| {
                settings.dropped_properties.insert(property.clone());
            });
            return Ok(());
        }
    };
    match (place, world.vendor) {
        (Place::Exact(_), _) => exact.inject(fault.on("POST", "/api/v1/")),
        // A read is a POST there, too.
        (Place::Crm, Vendor::HubSpot) => hubspot.inject(fault.on("POST", "/batch/upsert")),
        (Place::Crm, _) => pipedrive.inject(fault.on("POST", "/api/v2/")),
    }
    Ok(())
}
