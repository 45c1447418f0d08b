//! The JSON Schema of scenario files, made of the table of keys that the reader itself uses.

use super::keys::{FILE, Key, Kind, Table};
use super::lower::FIELDS;
use crate::tcp::{Profile, State};
use serde_json::{Map, Value, json};

/// The JSON Schema (2020-12) of scenario files, for editors that complete and check TOML.
pub fn schema() -> Value {
    let mut root = table(&FILE);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("wirewalk scenario");
    root["description"] =
        json!("One scenario of wirewalk. docs/scenario-language.md says what may stand in its strings.");
    root["$defs"] = json!({
        "text": {
            "type": "object",
            "description": "a text in both languages",
            "properties": {
                "en": { "type": "string", "description": "English", "minLength": 1 },
                "zh": { "type": "string", "description": "Chinese", "minLength": 1 },
            },
            "required": ["en", "zh"],
            "additionalProperties": false,
        },
        "time": {
            "type": "string",
            "description": "a time with its unit (ns us ms s min h d), such as 20ms; or a knob, such as $rate",
            "examples": ["20ms", "1.5s", "2h"],
        },
        "filled": { "type": "string", "description": "a knob, or an expression of knobs", "pattern": "\\$" },
    });
    root
}

fn table(keys: &Table) -> Value {
    let mut properties = Map::new();
    for key in keys.keys {
        properties.insert(key.name.to_owned(), property(key));
    }
    let required: Vec<&str> = keys.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(key: &Key) -> Value {
    let mut value = kind(key);
    if let Some(object) = value.as_object_mut() {
        object.insert("description".to_owned(), json!(key.means));
    }
    value
}

fn kind(key: &Key) -> Value {
    let string = json!({ "type": "string" });
    let filled = json!({ "$ref": "#/$defs/filled" });
    match key.kind {
        Kind::Text => json!({ "$ref": "#/$defs/text" }),
        Kind::String if key.name == "answer" => {
            json!({ "anyOf": [{ "enum": FIELDS }, { "type": "string", "pattern": "^(?!frame\\.)" }] })
        }
        Kind::String => string,
        Kind::Word(words) => json!({ "anyOf": [{ "enum": words }, filled] }),
        Kind::Strings => json!({ "type": "array", "items": string }),
        Kind::StringOrStrings => {
            json!({ "anyOf": [string, { "type": "array", "items": { "type": "string" } }] })
        }
        Kind::Time => json!({ "$ref": "#/$defs/time" }),
        Kind::Integer(low, high) => {
            json!({ "anyOf": [{ "type": "integer", "minimum": low, "maximum": high }, filled] })
        }
        Kind::Probability => {
            json!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "string" }] })
        }
        Kind::Loss(bursts) => json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            { "type": "string" },
            table(bursts),
        ] }),
        Kind::FrameNumbers => {
            let list = json!({ "type": "array", "items": { "type": "integer", "minimum": 1 } });
            json!({ "anyOf": [list, { "type": "object", "additionalProperties": list }] })
        }
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::IntegerOrString => json!({ "type": ["integer", "string"] }),
        Kind::Settings => settings(),
        Kind::PerHost => {
            let states: Vec<&str> = State::ALL.map(State::name).to_vec();
            json!({ "type": "object", "additionalProperties": { "type": "string", "examples": [states.join(" ")] } })
        }
        Kind::Addresses => {
            let one_or_more =
                json!({ "anyOf": [string, { "type": "array", "items": { "type": "string" } }] });
            let by_neighbour = json!({ "type": "object", "additionalProperties": one_or_more });
            json!({ "anyOf": [string, { "type": "array", "items": { "type": "string" } }, by_neighbour] })
        }
        Kind::Table(inner) => table(inner),
        Kind::Named(inner) => {
            json!({ "type": "object", "additionalProperties": table(inner), "minProperties": 1 })
        }
        Kind::List(inner) => json!({ "type": "array", "items": table(inner) }),
    }
}

/// Kernel settings by name, with their ranges.
fn settings() -> Value {
    let mut properties = Map::new();
    for row in Profile::SETTINGS {
        let number = json!({ "type": "integer", "minimum": row.min, "maximum": row.max });
        let means = row.means(crate::lang::Lang::En);
        let value = json!({ "anyOf": [number, { "$ref": "#/$defs/filled" }], "description": means });
        properties.insert(row.name.to_owned(), value);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::scenario::{builtins, template};

    fn errors(text: &str) -> Vec<String> {
        let value: toml::Value = toml::from_str(text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        let validator = jsonschema::validator_for(&schema()).unwrap();
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path)).collect()
    }

    #[test]
    fn every_embedded_scenario_and_the_template_fit_the_schema() {
        for builtin in builtins() {
            assert_eq!(errors(builtin.text), Vec::<String>::new(), "{}", builtin.path());
        }
        for lang in [Lang::En, Lang::Zh] {
            assert_eq!(errors(&template(lang)), Vec::<String>::new());
        }
    }

    #[test]
    fn what_the_reader_refuses_the_schema_refuses_too() {
        let template = template(Lang::En);
        for wrong in [
            template.replace("title", "titel"),
            template.replace("[host.client]", "[host.client]\nisn = -1"),
            template.replace("[host.client]", "[host.client]\nsysctl = { tcp_syncookie = 1 }"),
            template.replace("[[expect]]", "[[expect]]\nsay = 1"),
        ] {
            assert!(wrong != template && !errors(&wrong).is_empty(), "{wrong}");
            assert!(crate::scenario::Scenario::parse("x.toml", &wrong).is_err(), "{wrong}");
        }
    }
}
