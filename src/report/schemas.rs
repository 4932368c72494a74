//! The JSON schemas of what coship writes. They are generated from the types that are written, by the test below, and published in `schema/`; the program
//! prints the published ones.

/// A kind of document with its schema.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// What it is called: the command that writes it, mostly.
    pub name: &'static str,
    /// What it is the form of, for people.
    pub about: &'static str,
    /// The schema.
    pub text: &'static str,
}

macro_rules! published {
    ($($name:literal, $about:literal;)+) => {
        /// All documents with a schema, the configuration first.
        pub static PUBLISHED: &[Published] = &[$(Published {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../schema/", $name, ".json")),
        }),+];
    };
}

published! {
    "config", "coship.toml, and [tool.coship] in pyproject.toml";
    "check", "coship check and coship verify, --output-format json";
    "finding", "a line of coship check --output-format json-lines";
    "diff", "coship diff --output-format json";
    "plan", "coship plan --output-format json";
    "routes", "coship routes --output-format json";
    "graph", "coship graph --output-format json";
    "environment", "coship environment --output-format json";
    "cold-start", "coship cold-start --output-format json";
    "history", "a line of coship history --output-format json-lines";
    "running", "coship verify --running ZIP --output-format json";
    "rule", "coship rule --output-format json";
    "settings", "coship config --output-format json";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use schemars::generate::SchemaSettings;
    use schemars::{Schema, SchemaGenerator};

    use super::PUBLISHED;
    use crate::history::Step;
    use crate::report::{cold, diff, environment, json, plan, routes, rules, running, settings};
    use crate::{config, rules as all_rules};

    fn generated(name: &str) -> String {
        let mut generator: SchemaGenerator = SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator();
        let generator = &mut generator;
        let schema: Schema = match name {
            "config" => {
                let rules: Vec<(&str, &str)> = all_rules::all()
                    .flat_map(|rule| [(rule.name, rule.summary), (rule.code, rule.summary)])
                    .collect();
                return pretty(&config::schema(&rules));
            }
            "check" => json::schema(generator),
            "finding" => json::line_schema(generator),
            "diff" => diff::schema(generator),
            "plan" => plan::json::schema(generator),
            "routes" => routes::schema(generator),
            "graph" => generator.root_schema_for::<BTreeMap<&str, Vec<&str>>>(),
            "environment" => environment::schema(generator),
            "cold-start" => cold::schema(generator),
            "history" => generator.root_schema_for::<Step>(),
            "running" => running::schema(generator),
            "rule" => rules::schema(generator),
            "settings" => settings::schema(generator),
            other => panic!("{other} has no type"),
        };
        let mut schema = schema.to_value();
        let about = PUBLISHED.iter().find(|it| it.name == name).unwrap().about;
        schema["title"] = serde_json::Value::from(about);
        pretty(&schema)
    }

    fn pretty(value: &serde_json::Value) -> String {
        format!("{}\n", serde_json::to_string_pretty(value).unwrap())
    }

    /// `UPDATE_SCHEMAS=1 cargo test --lib schemas` writes them anew; read the difference.
    #[test]
    fn the_published_schemas_are_those_of_the_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
        for published in PUBLISHED {
            let now = generated(published.name);
            if std::env::var_os("UPDATE_SCHEMAS").is_some() {
                std::fs::write(folder.join(format!("{}.json", published.name)), now).unwrap();
            } else {
                assert!(
                    published.text == now,
                    "schema/{}.json: UPDATE_SCHEMAS=1 cargo test --lib schemas writes it anew",
                    published.name
                );
            }
        }
    }
}
