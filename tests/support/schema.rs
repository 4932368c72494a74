//! The published schemas, as judges of what is written.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

thread_local! {
    static COMPILED: RefCell<(Schemas, HashMap<String, SchemaIndex>)> = RefCell::new((Schemas::new(), HashMap::new()));
}

/// Fails, with the place, if a document is not of the kind that `schema/KIND.json` describes.
pub fn assert_valid(kind: &str, document: &Value, about: &str) {
    COMPILED.with_borrow_mut(|(schemas, compiled)| {
        let index = *compiled
            .entry(kind.to_owned())
            .or_insert_with(|| compile(kind, schemas));
        if let Err(error) = schemas.validate(document, index) {
            panic!("{about}: no {kind}: {error:#}");
        }
    });
}

fn compile(kind: &str, schemas: &mut Schemas) -> SchemaIndex {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{kind}.json"));
    let schema = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut compiler = Compiler::new();
    let name = format!("https://coship.invalid/{kind}.json");
    compiler.add_resource(&name, schema).unwrap();
    compiler
        .compile(&name, schemas)
        .unwrap_or_else(|error| panic!("schema/{kind}.json: {error:#}"))
}
