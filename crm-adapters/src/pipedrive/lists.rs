//! The company's lists: who works there, through which stages a deal goes, which currencies there are.

use std::collections::HashMap;

use serde::Deserialize;

use super::api::{Api, Call};
use super::entity::List;
use super::fields::Choice;
use crate::error::Result;
use crate::http::Failure;

/// An entry of any of the lists. Everything may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    id: i64,
    name: Option<String>,
    email: Option<String>,
    code: Option<String>,
    pipeline_id: Option<i64>,
    default_currency: Option<String>,
}

/// Reads a list. Stages cost two calls, since they are named after their pipelines, the others one.
pub(super) async fn read(api: &Api, list: List) -> Result<Vec<Choice>> {
    Ok(match list {
        List::Users => users(entries(api, Call::list_v1("/api/v1/users")).await?),
        List::Currencies => currencies(entries(api, Call::list_v1("/api/v1/currencies")).await?),
        List::Pipelines => pipelines(&entries(api, Call::small_list("/api/v2/pipelines")).await?),
        List::Stages => {
            let pipelines = pipelines(&entries(api, Call::small_list("/api/v2/pipelines")).await?);
            stages(&entries(api, Call::small_list("/api/v2/stages")).await?, &pipelines)
        }
        List::OwnCurrency => {
            let call = Call::one("/api/v1/users/me".to_owned(), 2);
            let me: Option<Entry> = api.read(&call).await.map_err(Failure::into_read_error)?.data;
            me.and_then(|me| me.default_currency)
                .map(|code| Choice::new(code.clone(), &code))
                .into_iter()
                .collect()
        }
    })
}

async fn entries(api: &Api, call: Call) -> Result<Vec<Entry>> {
    api.read_all(&call).await.map_err(Failure::into_read_error)
}

/// By e-mail address, which is unique; by name too where only one has it.
fn users(entries: Vec<Entry>) -> Vec<Choice> {
    let names = counted(entries.iter().filter_map(|user| user.name.as_deref()));
    let users = entries.iter().filter_map(|user| {
        let name = user.name.as_deref().map(str::trim);
        let alias = name.filter(|name| names.get(name) == Some(&1)).map(str::to_owned);
        Some(Choice { alias, ..Choice::new(user.id.to_string(), user.email.as_deref().or(name)?) })
    });
    users.collect()
}

fn currencies(entries: Vec<Entry>) -> Vec<Choice> {
    let codes = entries.into_iter().filter_map(|currency| currency.code);
    codes.map(|code| Choice::new(code.clone(), &code)).collect()
}

fn pipelines(entries: &[Entry]) -> Vec<Choice> {
    let named = entries.iter().filter_map(|entry| Some((entry.id, entry.name.as_deref()?)));
    named.map(|(id, name)| Choice::new(id.to_string(), name)).collect()
}

/// `Pipeline/Stage`; the stage alone too where only one pipeline has it.
fn stages(entries: &[Entry], pipelines: &[Choice]) -> Vec<Choice> {
    let names = counted(entries.iter().filter_map(|stage| stage.name.as_deref()));
    let stages = entries.iter().filter_map(|stage| {
        let group = stage.pipeline_id?.to_string();
        let pipeline = pipelines.iter().find(|pipeline| pipeline.id == group)?;
        let name = stage.name.as_deref()?.trim();
        Some(Choice {
            alias: (names.get(name) == Some(&1)).then(|| name.to_owned()),
            group: Some(group),
            ..Choice::new(stage.id.to_string(), &format!("{}/{name}", pipeline.label))
        })
    });
    stages.collect()
}

fn counted<'n>(names: impl Iterator<Item = &'n str>) -> HashMap<&'n str, usize> {
    let mut counted = HashMap::new();
    for name in names {
        *counted.entry(name.trim()).or_default() += 1;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, name: &str, pipeline: i64) -> Entry {
        Entry { id, name: Some(name.to_owned()), pipeline_id: Some(pipeline), ..Entry::default() }
    }

    #[test]
    fn a_stage_is_named_after_its_pipeline_and_by_itself_where_that_is_clear() {
        let pipelines = pipelines(&[entry(1, "Sales", 0), entry(2, "Service", 0)]);
        let stages = stages(&[entry(10, "New", 1), entry(11, "Won", 1), entry(20, "New", 2)], &pipelines);
        let shown: Vec<_> =
            stages.iter().map(|stage| (stage.label.as_str(), stage.alias.as_deref())).collect();
        assert_eq!(shown, [("Sales/New", None), ("Sales/Won", Some("Won")), ("Service/New", None)]);
    }

    #[test]
    fn a_user_is_an_address_and_a_name_only_where_one_has_it() {
        let user = |id, name: &str, email: &str| Entry {
            id,
            name: Some(name.to_owned()),
            email: Some(email.to_owned()),
            ..Entry::default()
        };
        let users =
            users(vec![user(1, "Jan", "a@x.nl"), user(2, "Jan", "b@x.nl"), user(3, "Piet", "c@x.nl")]);
        let shown: Vec<_> = users.iter().map(|user| (user.label.as_str(), user.alias.as_deref())).collect();
        assert_eq!(shown, [("a@x.nl", None), ("b@x.nl", None), ("c@x.nl", Some("Piet"))]);
    }
}
