//! The flows of a scenario: presets, and what it changes about them.

use sync_core::flow::{
    Condition, Division, Flow, Preset, Price, Route, RuleChange, Side, Test, Vendor, WithoutIdentity,
};

use crate::field::Glossary;
use crate::money::stage_of;
use crate::step::{Brake, Place, Setting, Stage};

/// The presets that a scenario names, companies alone where it names none, with its rules.
pub(crate) fn flows(settings: &[Setting], vendor: Vendor, divisions: &[i64]) -> Result<Vec<Flow>, String> {
    let named = settings.iter().find_map(|setting| match setting {
        Setting::Flows(presets) => Some(presets.clone()),
        _ => None,
    });
    let presets = named.unwrap_or_else(|| vec![Preset::Companies]);
    let mut flows: Vec<Flow> = presets.iter().map(|preset| preset.flow(vendor)).collect();
    let names: Vec<String> = flows.iter().map(|flow| flow.name.clone()).collect();
    for flow in &mut flows {
        flow.rules.retain(|rule| !rule.optional || rule.via.as_ref().is_none_or(|via| names.contains(via)));
    }
    let glossary = Glossary::new(vendor);
    for setting in settings {
        set(&mut flows, &glossary, divisions, setting)?;
    }
    Ok(flows)
}

fn set(flows: &mut [Flow], glossary: &Glossary, divisions: &[i64], setting: &Setting) -> Result<(), String> {
    match setting {
        Setting::Flows(_)
        | Setting::Divisions(_)
        | Setting::NeverRun
        | Setting::Today(_)
        | Setting::Choices { .. }
        | Setting::Clock { .. } => {}
        Setting::Rule { field, change } => {
            let (field, of) =
                field.split_once(" of ").map_or((field.as_str(), None), |(field, of)| (field, Some(of)));
            let mut wanted = flows.iter_mut().filter(|flow| of.is_none_or(|of| flow.name == of));
            let flow = wanted.next().ok_or_else(|| format!("there is no flow for {field}"))?;
            let property = glossary.property(flow, field).unwrap_or_else(|| field.to_owned());
            flow.change(&property, change.clone())?;
        }
        Setting::Create(create) => flows.iter_mut().for_each(|flow| flow.create = *create),
        Setting::Brake { of, at } => flows.iter_mut().for_each(|flow| {
            *match of {
                Brake::Creates => &mut flow.brakes.creates,
                Brake::Deletes => &mut flow.brakes.deletes,
                Brake::Clears => &mut flow.brakes.clears,
            } = *at;
        }),
        Setting::Match { kind, fields } => {
            let flow = flows.iter_mut().find(|flow| flow.kinds.crm == *kind);
            let flow = flow.ok_or("there is no flow of this kind")?;
            let property = |field: &String| glossary.property(flow, field).unwrap_or_else(|| field.clone());
            flow.identity = fields.iter().map(property).collect();
        }
        Setting::Quote => quote(flows, glossary)?,
        Setting::AskAboutPrices => flows.iter_mut().for_each(|flow| flow.price = Price::Review),
        Setting::AskWithoutIdentity => {
            flows.iter_mut().for_each(|flow| flow.without_identity = WithoutIdentity::Issue);
        }
        Setting::Route { kind, field, value, place } => {
            let flow = flows.iter_mut().find(|flow| flow.kinds.crm == *kind);
            let flow = flow.ok_or("there is no flow of this kind")?;
            let name = glossary.name(flow, Side::Crm, field).unwrap_or_else(|| field.clone());
            let Place::Exact(number) = place else { return Err("records go to Exact".to_owned()) };
            let code = number.checked_sub(1).and_then(|at| divisions.get(at));
            let code = code.and_then(|code| u32::try_from(*code).ok());
            let division = Division::new(code.ok_or("there is no such administration")?);
            let when = Condition::crm(name, Test::Is(value.as_str().into()));
            flow.routes.push(Route { when, division });
        }
        Setting::Take { kind, side, field, value } => {
            let flow = flows.iter_mut().find(|flow| flow.kinds.on(*side) == *kind);
            let flow = flow.ok_or("there is no flow of this kind")?;
            let name = glossary.name(flow, *side, field).unwrap_or_else(|| field.clone());
            let test = Test::Is(value.as_str().into());
            flow.narrow(Condition::Field { side: *side, name, test });
        }
    }
    Ok(())
}

/// Deals at one stage are quoted, and go to another one by the answer.
fn quote(flows: &mut [Flow], glossary: &Glossary) -> Result<(), String> {
    let quotations = flows.iter_mut().find(|flow| flow.name == Preset::Quotations.as_str());
    let flow = quotations.ok_or("there is no flow of quotations")?;
    let field = glossary.stage();
    let label = |stage| stage_of(glossary.vendor(), stage).map(|(_, label)| label);
    flow.narrow(Condition::crm(field, Test::Is(label(Stage::Proposed)?.into())));
    let values = [("accepted", Stage::Accepted), ("rejected", Stage::Rejected)];
    let values = values.map(|(answer, stage)| Ok((answer.to_owned(), label(stage)?.to_owned())));
    let values = values.into_iter().collect::<Result<_, String>>()?;
    let crm = Some(field.to_owned());
    flow.change("Answer.Status", RuleChange { crm, values: Some(values), ..RuleChange::default() })
}
