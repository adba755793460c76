//! What a schema can tell of a write before it is sent.

use rust_decimal::Decimal;

use super::{Field, FieldType, Fields, Schema, Value};
use crate::error::{Error, ErrorKind, Result};

impl Schema {
    /// Whether a record can be created with these fields, as far as this schema tells.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a field that does not exist; [`Invalid`](ErrorKind::Invalid), with the field
    /// and the remedy, for a value that it cannot hold, a field that only updates take, or a required one that is empty.
    pub fn check_create(&self, fields: &Fields) -> Result<()> {
        self.check_update(fields)?;
        let early = |(name, _): (&String, _)| self.get(name).filter(|field| field.updates_only);
        if let Some(field) = fields.iter().find_map(early) {
            let error = field.refuse("a new record does not take it");
            return Err(error.with_remedy("write it in an update, once the record is there"));
        }
        match self.fields().find(|field| field.required && fields.get(&field.name).is_none()) {
            Some(missing) => Err(empty(missing)),
            None => Ok(()),
        }
    }

    /// Whether these fields of a record can be changed so, as far as this schema tells.
    ///
    /// # Errors
    /// As [`check_create`](Self::check_create); a required field may be left out, but not be cleared.
    pub fn check_update(&self, fields: &Fields) -> Result<()> {
        fields.iter().try_for_each(|(name, value)| match self.get(name) {
            Some(field) => field.check(value),
            None => Err(Error::new(ErrorKind::Config, "there is no such field")
                .with_field(name)
                .with_remedy("create it, or correct its name in the mapping")),
        })
    }
}

impl Field {
    fn check(&self, value: &Value) -> Result<()> {
        if self.read_only {
            return Err(self.refuse("it cannot be written").with_remedy("map it in one direction only"));
        }
        if value.is_empty() {
            return if self.required { Err(empty(self)) } else { Ok(()) };
        }
        match (self.ty, value) {
            (FieldType::Text, Value::List(_) | Value::Lines(_)) => Err(self.unfit("a text")),
            (FieldType::Text, _) => self.check_length(&value.to_string()),
            (FieldType::Decimal, Value::Decimal(number)) => self.check_decimals(*number),
            (FieldType::Decimal, Value::Text(text)) => match text.parse() {
                Ok(number) => self.check_decimals(number),
                Err(_) => Err(self.unfit("a number")),
            },
            (FieldType::Decimal, _) => Err(self.unfit("a number")),
            (FieldType::Bool, Value::Bool(_))
            | (FieldType::Date, Value::Date(_))
            | (FieldType::Instant, Value::Instant(_))
            | (FieldType::Reference(_), Value::Reference(_))
            | (FieldType::Lines, Value::Lines(_)) => Ok(()),
            (FieldType::Bool, _) => Err(self.unfit("yes or no")),
            (FieldType::Date, _) => Err(self.unfit("a calendar day")),
            (FieldType::Instant, _) => Err(self.unfit("a moment")),
            (FieldType::Reference(kind), _) => Err(self.unfit(&format!("a reference to a {kind}"))),
            (FieldType::Lines, _) => Err(self.unfit("lines")),
            (FieldType::Choice, Value::List(_)) => Err(self.unfit("one option")),
            (FieldType::Choice, _) => self.check_option(&value.to_string()),
            (FieldType::Choices, Value::List(labels)) => {
                labels.iter().try_for_each(|label| self.check_option(&label.to_string()))
            }
            (FieldType::Choices, _) => self.check_option(&value.to_string()),
            (FieldType::Other, _) => Err(self.unfit("something that has no neutral form")),
        }
    }

    fn check_length(&self, text: &str) -> Result<()> {
        let length = text.chars().count();
        match self.max_length {
            Some(longest) if length > longest => Err(self
                .refuse(format!("{length} characters are more than the {longest} that it takes"))
                .with_remedy("shorten the value, or map it to a longer field")),
            _ => Ok(()),
        }
    }

    fn check_decimals(&self, number: Decimal) -> Result<()> {
        let number = number.normalize();
        match self.decimals {
            Some(most) if number.scale() > most => Err(self
                .refuse(format!("{number} has more than the {most} decimals that it takes"))
                .with_remedy("round it in the mapping, or map it to another field")),
            _ => Ok(()),
        }
    }

    fn check_option(&self, label: &str) -> Result<()> {
        if self.options.iter().any(|option| option == label) {
            return Ok(());
        }
        Err(self
            .refuse("the value is none of its options")
            .with_remedy(format!("take one of: {}; or add the option", self.options.join(", "))))
    }

    fn unfit(&self, wanted: &str) -> Error {
        self.refuse(format!("the value does not fit: it holds {wanted}"))
            .with_remedy("map it to a field of the same type, or transform it")
    }

    fn refuse(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Invalid, message).with_field(&self.name)
    }
}

fn empty(field: &Field) -> Error {
    field.refuse("it must not be empty").with_remedy("say in the mapping what stands for an empty value")
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::model::Kind;

    fn schema() -> Schema {
        Schema::new([
            Field::new("name", "Name", FieldType::Text).required().max_length(5),
            Field::new("sum", "Sum", FieldType::Decimal),
            Field::new("heads", "Heads", FieldType::Decimal).decimals(0),
            Field::new("day", "Day", FieldType::Date),
            Field::new("sort", "Sort", FieldType::Choice).options(vec!["Project".to_owned()]),
            Field::new("tags", "Tags", FieldType::Choices).options(vec!["a".to_owned(), "b".to_owned()]),
            Field::new("firm", "Firm", FieldType::Reference(Kind::Company)),
            Field::new("made", "Made", FieldType::Instant).read_only(),
            Field::new("later", "Later", FieldType::Text).updates_only().max_length(5),
        ])
    }

    #[test]
    fn a_value_that_a_field_cannot_hold_is_named_with_the_field() {
        let good = Fields::new()
            .with("name", "Énée")
            .with("sum", "12.50")
            .with("heads", "12.0")
            .with("day", Value::Date(NaiveDate::MIN))
            .with("sort", "Project")
            .with("tags", Value::List(vec![Value::text("a"), Value::text("b")]))
            .with("firm", Value::Null);
        assert!(schema().check_create(&good).is_ok());
        let table = [
            ("name", Value::text("longer"), ErrorKind::Invalid),
            ("name", Value::Null, ErrorKind::Invalid),
            ("sum", Value::text("much"), ErrorKind::Invalid),
            ("heads", Value::Decimal(Decimal::new(125, 1)), ErrorKind::Invalid),
            ("heads", Value::text("12.5"), ErrorKind::Invalid),
            ("day", Value::text("2026-01-01"), ErrorKind::Invalid),
            ("sort", Value::text("project"), ErrorKind::Invalid),
            ("tags", Value::List(vec![Value::text("a"), Value::text("c")]), ErrorKind::Invalid),
            ("firm", Value::text("1"), ErrorKind::Invalid),
            ("made", Value::text("now"), ErrorKind::Invalid),
            ("mane", Value::text("A"), ErrorKind::Config),
            ("later", Value::text("x"), ErrorKind::Invalid),
        ];
        for (field, value, kind) in table {
            let error = schema().check_create(&good.clone().with(field, value)).unwrap_err();
            assert_eq!((error.kind(), error.field()), (kind, Some(field)), "{error}");
            assert!(error.remedy().is_some(), "{error}");
        }
    }

    #[test]
    fn a_field_that_no_create_takes_can_be_written_by_an_update() {
        let later = |text: &str| Fields::new().with("later", text);
        assert!(schema().check_update(&later("x")).is_ok());
        let error = schema().check_update(&later("longer")).unwrap_err();
        assert_eq!(error.field(), Some("later"), "and is held against its limits: {error}");
    }

    #[test]
    fn a_required_field_may_be_left_out_of_an_update_only() {
        let fields = Fields::new().with("sum", Decimal::ONE);
        assert!(schema().check_update(&fields).is_ok());
        assert_eq!(schema().check_create(&fields).unwrap_err().field(), Some("name"));
    }
}
