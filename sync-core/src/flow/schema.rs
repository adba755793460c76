//! The JSON Schema of what a config says of a flow, where the shape of a type does not tell all.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Condition;
use super::condition::{PARTS, VALUES};

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let part = generator.subschema_for::<Self>();
        let parts = json_schema!({ "type": "array", "items": part, "minItems": 1, "maxItems": PARTS });
        let literal = json_schema!({ "type": ["string", "number", "boolean"] });
        let literals = json_schema!({ "type": "array", "items": literal, "minItems": 1, "maxItems": VALUES });
        let tests = [
            ("is", "Equal to it.", literal.clone()),
            ("is_not", "Not equal to it.", literal.clone()),
            ("in", "Equal to one of them.", literals.clone()),
            ("not_in", "Equal to none of them.", literals),
            ("at_least", "Not less than it.", literal.clone()),
            ("at_most", "Not more than it.", literal),
            ("contains", "Has it inside its text.", json_schema!({ "type": "string" })),
            ("present", "Has a value, or has none.", json_schema!({ "type": "boolean" })),
        ];
        let sides = [("exact", "Exact's property."), ("crm", "The CRM's property, or `custom:Label`.")];
        let mut shapes = vec![
            alone("all", "Every one of them holds.", &parts),
            alone("any", "At least one of them holds.", &parts),
            alone("not", "It does not hold.", &part),
        ];
        for (side, whose) in sides {
            for (test, meaning, operand) in &tests {
                shapes.push(json_schema!({
                    "type": "object",
                    "properties": {
                        (side): { "type": "string", "description": whose },
                        (*test): { "description": meaning, "allOf": [operand] },
                    },
                    "required": [side, test],
                    "additionalProperties": false,
                }));
            }
        }
        json_schema!({
            "description": "A question about a record: one test of one field, or `all`, `any`, `not` of such questions.",
            "oneOf": shapes,
        })
    }
}

fn alone(key: &str, meaning: &str, schema: &Schema) -> Schema {
    json_schema!({
        "type": "object",
        "description": meaning,
        "properties": { (key): schema },
        "required": [key],
        "additionalProperties": false,
    })
}
