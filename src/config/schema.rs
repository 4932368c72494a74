//! The JSON schema of the configuration, from the table of its keys.

use serde_json::{Map, Value, json};

use super::{COLD_START, KEYS, LayerProfile, Level, OTHERS, Shape};

/// The schema of `coship.toml` and of `[tool.coship]`. `rules` are the names and codes of the rules, each with its summary.
#[must_use]
pub fn schema(rules: &[(&str, &str)]) -> Value {
    let mut properties = Map::new();
    for key in KEYS {
        let mut property = shape(key.shape);
        if let Value::Object(property) = &mut property {
            let about = format!("{}. Without it: {}.", key.about, key.default);
            property.insert("description".to_owned(), Value::from(about));
        }
        properties.insert(key.name.to_owned(), property);
    }
    let levels: Map<String, Value> = rules
        .iter()
        .map(|(rule, summary)| {
            let level = json!({"$ref": "#/$defs/level", "description": summary});
            ((*rule).to_owned(), level)
        })
        .collect();
    let names: Vec<&str> = Level::NAMES.iter().map(|entry| entry.0).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "coship.toml",
        "description": "The configuration of coship, in coship.toml or in [tool.coship] of pyproject.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": {
            "level": {"enum": names},
            "texts": {"type": "array", "items": {"type": "string"}},
            // What is no name or code of a rule may be the beginning of a code.
            "levels": {
                "type": "object",
                "properties": levels,
                "patternProperties": {"^(ALL|CS[0-9]{1,3})$": {"$ref": "#/$defs/level"}},
                "additionalProperties": false
            },
            "waiver": waiver(),
        }
    })
}

fn shape(shape: Shape) -> Value {
    let texts = json!({"$ref": "#/$defs/texts"});
    let text = json!({"type": "string"});
    match shape {
        Shape::Against => json!({
            "oneOf": [text, {
                "type": "object",
                "properties": {"tag": text},
                "required": ["tag"],
                "additionalProperties": false
            }]
        }),
        Shape::Versions => {
            let version = json!({"type": "string", "pattern": r"^3\.[0-9]+$"});
            json!({"oneOf": [version, {"type": "array", "items": version}]})
        }
        Shape::Texts | Shape::Rules => texts,
        Shape::Levels => json!({"$ref": "#/$defs/levels"}),
        Shape::LevelsByPath => {
            json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/levels"}})
        }
        Shape::Severity => {
            let names: Vec<&str> = Level::NAMES[..3].iter().map(|entry| entry.0).collect();
            json!({"enum": names})
        }
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Text => text,
        Shape::Waivers => json!({"type": "array", "items": {"$ref": "#/$defs/waiver"}}),
        Shape::ColdStart => {
            let limit = json!({"type": "integer", "minimum": 0});
            let limits = COLD_START
                .iter()
                .map(|(name, _)| ((*name).to_owned(), limit.clone()));
            let limits: Map<String, Value> = limits.collect();
            json!({"type": "object", "properties": limits, "additionalProperties": false})
        }
        Shape::CountsByPath => {
            let count = json!({"type": "integer", "minimum": 0});
            json!({"type": "object", "additionalProperties": count})
        }
        Shape::Groups => json!({"type": "object", "additionalProperties": texts}),
        Shape::Layers => json!({
            "type": "object",
            "properties": {
                "profile": {"enum": LayerProfile::NAMES},
                "may-import": {
                    "type": "object",
                    "properties": {OTHERS: texts},
                    "additionalProperties": texts
                },
                "private": texts,
                "parts": {"oneOf": [text, {"type": "object", "additionalProperties": texts}]},
                "type-checking-imports": {"type": "boolean"}
            },
            "additionalProperties": texts
        }),
    }
}

/// A day is written with or without quotes; TOML's own dates come as strings to a validator.
fn waiver() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    json!({
        "type": "object",
        "properties": {
            "rule": text,
            "path": text,
            "function": text,
            "fingerprint": text,
            "until": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "reason": text,
            "by": text
        },
        "required": ["rule", "path", "until", "reason"],
        "additionalProperties": false
    })
}
