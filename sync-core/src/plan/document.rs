use std::fmt::Write as _;

use super::{Mapping, ResolvedRule};
use crate::flow::{Create, IfEmpty, Kinds, OnConflict, Owner, WithoutIdentity};

impl Mapping {
    /// The mapping as a document in Markdown, for the customer who is to approve it: what is kept in agreement, how
    /// records are recognised, and for every field who decides and what an empty value means.
    #[must_use]
    pub fn document(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_document(&mut text);
        text
    }

    fn write_document(&self, text: &mut String) -> std::fmt::Result {
        let flow = &self.flow;
        writeln!(text, "## {}\n", flow.name)?;
        let Kinds { exact, crm } = flow.kinds;
        writeln!(text, "Every {exact} in Exact Online and its {crm} in the CRM are kept in agreement.\n")?;
        writeln!(text, "**Recognised by** {}; never by name.", self.identity_names())?;
        writeln!(text, "**New records**: {}.", creates(flow.create))?;
        let unknown = match flow.without_identity {
            WithoutIdentity::Create => {
                "is created only where no record of the same name stands on the other side"
            }
            WithoutIdentity::Issue => "becomes a question",
        };
        writeln!(text, "**A record without any of these** {unknown}.")?;
        if let Some(key) = &flow.sync_key {
            writeln!(
                text,
                "**Tied together by** the CRM's field `{}`, which holds the id in Exact.",
                label(key)
            )?;
        }
        writeln!(
            text,
            "**Stops and asks** at more than {} creates, {} deletes or {} cleared values in one run.\n",
            flow.brakes.creates, flow.brakes.deletes, flow.brakes.clears
        )?;
        writeln!(text, "| Exact Online | CRM | Who decides | Where both changed it | An empty value |")?;
        writeln!(text, "|---|---|---|---|---|")?;
        for resolved in &self.rules {
            let rule = &resolved.rule;
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                rule.exact,
                label(&rule.crm),
                decides(resolved),
                contested(resolved),
                empty(&rule.if_empty)
            )?;
        }
        if !self.missing.is_empty() {
            let labels: Vec<_> = self.missing.iter().map(|field| format!("`{}`", field.label)).collect();
            writeln!(text, "\nThe first run creates in the CRM: {}.", labels.join(", "))?;
        }
        Ok(())
    }

    fn identity_names(&self) -> String {
        let names: Vec<_> =
            self.flow.identity_rules().map(|rule| format!("{} ({})", rule.exact, label(&rule.crm))).collect();
        names.join(", then ")
    }
}

fn label(name: &str) -> &str {
    name.strip_prefix("custom:").unwrap_or(name)
}

fn creates(create: Create) -> &'static str {
    match create {
        Create::Both => "what is new on one side is created on the other",
        Create::Exact => "what is new in the CRM is created in Exact",
        Create::Crm => "what is new in Exact is created in the CRM",
        Create::None => "nothing is created; only what stands on both sides is tied together",
    }
}

fn decides(resolved: &ResolvedRule) -> &'static str {
    match resolved.owner() {
        Owner::Exact if !resolved.rule.values.is_empty() => "Exact moves it; people may move it on",
        Owner::Exact => "Exact",
        Owner::Crm => "the CRM",
        Owner::Both => "whoever changed it last",
        Owner::Once => "the CRM, once: when it is created in Exact",
    }
}

fn contested(resolved: &ResolvedRule) -> &'static str {
    match (resolved.owner(), resolved.rule.on_conflict) {
        (Owner::Exact, _) | (Owner::Both, OnConflict::Exact) => {
            "Exact wins; the other value is kept in the history"
        }
        (Owner::Crm, _) | (Owner::Both, OnConflict::Crm) => {
            "the CRM wins; the other value is kept in the history"
        }
        (Owner::Once, _) => "a person is asked; Exact keeps its value",
        (Owner::Both, OnConflict::Review) => "a person decides",
    }
}

fn empty(rule: &IfEmpty) -> String {
    match rule {
        IfEmpty::Keep => "says nothing: the other side keeps its value".to_owned(),
        IfEmpty::Clear => "empties the other side too".to_owned(),
        IfEmpty::Stop => "stops the field: a person decides".to_owned(),
        IfEmpty::Default(value) => format!("is written as `{value}`"),
    }
}
