//! The mapping as a document for the customer.

use std::fmt::Write as _;

use super::{Mapping, ResolvedRule, Samples};
use crate::flow::{
    Combine, Create, ExactKey, FieldRule, IfEmpty, Joined, Kinds, OnConflict, Owner, Price, Promotion, Scale,
    Side, WithoutIdentity,
};

impl Mapping {
    /// The mapping as a document in Markdown, for the customer who is to approve it: what is kept in agreement, how
    /// records are recognised, and for every field who decides and what an empty value means. With values of their own
    /// where there are [samples](Samples).
    #[must_use]
    pub fn document(&self, samples: &Samples) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_document(&mut text, samples);
        text
    }

    fn write_document(&self, text: &mut String, samples: &Samples) -> std::fmt::Result {
        writeln!(text, "## {}\n", self.flow.name)?;
        match &self.flow.exact_key {
            Some(key) if self.flow.rolls_up() => self.write_roll_up(text, key)?,
            Some(key) => self.write_hand_off(text, key)?,
            None => self.write_mirror(text)?,
        }
        if let Some(when) = &self.flow.when {
            writeln!(text, "- **Takes part**: only where {when}.")?;
        }
        self.write_new_records(text)?;
        self.write_places(text)?;
        if let Some(key) = &self.flow.sync_key {
            writeln!(
                text,
                "- **Tied together by** the CRM's field `{}`, which holds the id in Exact.",
                label(key)
            )?;
        }
        self.write_what_ends(text)?;
        let brakes = self.flow.brakes;
        writeln!(
            text,
            "- **Stops and asks** at more than {} creates, {} deletes or {} cleared values in one run.\n",
            brakes.creates, brakes.deletes, brakes.clears
        )?;
        self.write_fields(text, samples)?;
        self.write_divisions(text)?;
        if !self.missing.is_empty() {
            let labels: Vec<_> = self.missing.iter().map(|field| format!("`{}`", field.label)).collect();
            writeln!(text, "\nThe first run creates in the CRM: {}.", labels.join(", "))?;
        }
        Ok(())
    }

    /// Which records of Exact reach the CRM, what new ones get, and what they make of others.
    fn write_new_records(&self, text: &mut String) -> std::fmt::Result {
        let flow = &self.flow;
        let exact = flow.kinds.exact;
        if let Some(creatable) = flow.creatable.as_ref().filter(|_| flow.create.allows(Side::Crm)) {
            writeln!(
                text,
                "- **New in the CRM**: only where {creatable}; what else stands on both sides is tied together all the same."
            )?;
        }
        for side in [Side::Exact, Side::Crm] {
            let given: Vec<String> =
                flow.constants(side).map(|one| format!("{} `{}`", label(&one.field), one.value)).collect();
            if !given.is_empty() && flow.create.allows(side) {
                writeln!(
                    text,
                    "- **What is new in {}** gets {}, whatever the other side says.",
                    side,
                    listed(&given)
                )?;
            }
        }
        if let Some(Promotion { of, when, to, .. }) = &flow.promotion {
            let to: Vec<String> = to.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
            writeln!(
                text,
                "- **Before its first {exact}**, what {of} names gets {} where {when}; it is never set back.",
                listed(&to)
            )?;
        }
        Ok(())
    }

    /// The administrations: which take part, and which gets what is new.
    fn write_places(&self, text: &mut String) -> std::fmt::Result {
        let flow = &self.flow;
        if !flow.divisions.is_empty() {
            let divisions: Vec<String> = flow.divisions.iter().map(ToString::to_string).collect();
            writeln!(text, "- **Administrations**: {}.", listed(&divisions))?;
        }
        if !flow.create.allows(Side::Exact) {
            return Ok(());
        }
        for route in &flow.routes {
            writeln!(text, "- **Goes to administration {}** where {}.", route.division, route.when)?;
        }
        let rest = if flow.routes.is_empty() { "What is new in the CRM" } else { "Everything else" };
        match flow.create_in.or_else(|| flow.divisions.first().copied().filter(|_| flow.divisions.len() > 1))
        {
            Some(division) => writeln!(text, "- **{rest}** goes to administration {division}."),
            None => Ok(()),
        }
    }

    /// What becomes of records that are deleted or anonymised.
    fn write_what_ends(&self, text: &mut String) -> std::fmt::Result {
        if let Some(anonymised) = &self.flow.anonymised {
            writeln!(
                text,
                "- **Forgotten**: who is deleted on a side, or anonymised (where {anonymised}); nothing of them is kept, and they are never created again."
            )?;
        }
        let then = match self.flow.hands_over() {
            true => "a person is asked",
            false => "the two are no longer kept in agreement",
        };
        writeln!(
            text,
            "- **Nothing is ever deleted** in Exact. Where a person deletes a record on one side, the other one stays, and {then}."
        )
    }

    fn write_mirror(&self, text: &mut String) -> std::fmt::Result {
        let Kinds { exact, crm } = self.flow.kinds;
        writeln!(text, "Every {exact} in Exact Online and its {crm} in the CRM are kept in agreement.\n")?;
        writeln!(text, "- **Recognised by** {}; never by name.", self.identity_names())?;
        writeln!(text, "- **New records**: {}.", creates(self.flow.create))?;
        let unknown = match self.flow.without_identity {
            WithoutIdentity::Create => {
                "is created only where no record of the same name stands on the other side"
            }
            WithoutIdentity::Issue => "becomes a question",
        };
        writeln!(text, "- **A record without any of these** {unknown}.")
    }

    fn write_roll_up(&self, text: &mut String, key: &ExactKey) -> std::fmt::Result {
        let ExactKey { property, prefix } = key;
        let crm = self.flow.kinds.crm;
        writeln!(
            text,
            "What is invoiced in Exact Online for a {crm} of the CRM shows on it, added up. Nothing is written to Exact Online, and no {crm} is created.\n"
        )?;
        writeln!(
            text,
            "- **Recognised by** {property} of the invoices and credit notes, which is `{prefix}` and the id of the {crm}; of one customer."
        )
    }

    fn write_hand_off(&self, text: &mut String, key: &ExactKey) -> std::fmt::Result {
        let Kinds { exact, crm } = self.flow.kinds;
        writeln!(
            text,
            "A {crm} of the CRM becomes one {exact} in Exact Online, exactly once. What becomes of it there flows back; what is in Exact is never changed afterwards.\n"
        )?;
        writeln!(
            text,
            "- **Recognised by** {}, which is `{}` and the id of the {crm}.",
            key.property, key.prefix
        )?;
        if let Some(start) = &self.flow.start {
            let since = start.since.map(|since| since.format("%-d %B %Y").to_string());
            let since = since.unwrap_or_else(|| "the first run".to_owned());
            writeln!(
                text,
                "- **Begins** with {since}, by `{}`; what was earlier is history.",
                label(&start.field)
            )?;
        }
        if self.flow.price == Price::Review {
            writeln!(text, "- **Prices** that are not Exact's are asked about.")?;
        }
        Ok(())
    }

    fn write_fields(&self, text: &mut String, samples: &Samples) -> std::fmt::Result {
        let examples: Vec<String> = self.rules.iter().map(|resolved| samples.of(&resolved.rule)).collect();
        let with_examples = examples.iter().any(|example| !example.is_empty());
        let (head, line) = if with_examples { (" For example |", "---|") } else { ("", "") };
        writeln!(
            text,
            "| Exact Online | CRM |{head} Who decides | Where both changed it | An empty value |"
        )?;
        writeln!(text, "|---|---|{line}---|---|---|")?;
        for (resolved, example) in self.rules.iter().zip(examples) {
            let rule = &resolved.rule;
            let example = if with_examples { format!(" {example} |") } else { String::new() };
            writeln!(
                text,
                "| {} | {} |{example} {} | {} | {} |",
                label(&rule.exact),
                in_crm(rule, self.called(rule)),
                decides(resolved),
                contested(resolved),
                empty(&rule.if_empty)
            )?;
            for part in &rule.lines {
                let example = if with_examples { " |" } else { "" };
                writeln!(
                    text,
                    "| … {} | … {} |{example} | | {} |",
                    part.exact,
                    in_crm(part, label(&part.crm)),
                    empty(&part.if_empty)
                )?;
            }
        }
        Ok(())
    }

    /// What the CRM shows of a record that is one in several administrations.
    fn write_divisions(&self, text: &mut String) -> std::fmt::Result {
        if self.flow.divisions.len() < 2 || self.flow.is_of_one_division() {
            return Ok(());
        }
        let shown = |how: Combine| {
            let rules = self.combined_rules().filter(|rule| rule.combine == how);
            rules.map(|rule| self.called(rule)).collect::<Vec<_>>().join(", ")
        };
        writeln!(
            text,
            "\n**In several administrations**: an edit in one of them reaches the others through the CRM.\n"
        )?;
        let said = [
            (Combine::Sum, "added up over all of them"),
            (Combine::Max, "the highest or latest of all of them"),
            (Combine::First, "from the first of them that has a value"),
        ];
        for (how, said) in said {
            let fields = shown(how);
            if !fields.is_empty() {
                writeln!(text, "- {fields}: {said}")?;
            }
        }
        Ok(())
    }

    fn identity_names(&self) -> String {
        let names: Vec<_> = self
            .flow
            .identity_rules()
            .map(|rule| format!("{} ({})", rule.exact, self.called(rule)))
            .collect();
        names.join(", then ")
    }

    /// The CRM's field of a rule, as people call it there.
    fn called(&self, rule: &FieldRule) -> String {
        let own = self.rules.iter().find(|resolved| resolved.rule.exact == rule.exact);
        match own.map(|resolved| resolved.crm.label.as_str()) {
            Some(called) if !called.is_empty() && Joined::parse(&rule.crm).is_none() => called.to_owned(),
            _ => label(&rule.crm),
        }
    }
}

/// A field as people call it.
fn label(name: &str) -> String {
    match Joined::parse(name) {
        Some(joined) => joined.to_string(),
        None => name.strip_prefix("custom:").unwrap_or(name).to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(several: &[String]) -> String {
    match several {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The CRM's field, and what its value is there.
fn in_crm(rule: &FieldRule, called: String) -> String {
    let mut said: Vec<String> = rule.transform.iter().map(ToString::to_string).collect();
    said.extend(rule.values.iter().map(|(exact, crm)| format!("`{crm}` at `{exact}`")));
    if rule.scale == Scale::Percent {
        said.push("as a percentage".to_owned());
    }
    match said.is_empty() {
        true => called,
        false => format!("{called}: {}", said.join(", then ")),
    }
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
