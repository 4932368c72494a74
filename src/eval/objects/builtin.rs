//! What classes and their instances have from outside the tree: from `type`, `object`, metaclasses and base classes of the standard library.
//!
//! [`GIVEN`] is what `tests/type_attributes.py` prints for CPython 3.8 to 3.13, one union; `tests/type_attributes.rs` holds it against the interpreter that is there.

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::domain::value::ClassRef;
use crate::eval::objects::mro::Ancestor;

/// What a class gets by deriving from a base.
struct Given {
    /// The base, by its dotted name.
    base: &'static str,
    /// What the class itself has, from its metaclass too.
    to_class: &'static [&'static str],
    /// What its instances have.
    to_instances: &'static [&'static str],
}

/// Names with two underscores on either side are left out: nearly everything has them.
const GIVEN: &[Given] = &[
    Given {
        base: "abc.ABC",
        to_class: &[
            "_abc_caches_clear",
            "_abc_impl",
            "_abc_registry_clear",
            "_dump_registry",
            "register",
        ],
        to_instances: &["_abc_impl"],
    },
    Given {
        base: "builtins.object",
        to_class: &["mro"],
        to_instances: &[],
    },
    Given {
        base: "enum.Enum",
        to_class: &[
            "_add_alias_",
            "_add_member_",
            "_add_value_alias_",
            "_check_for_existing_members",
            "_check_for_existing_members_",
            "_convert",
            "_convert_",
            "_create_",
            "_find_data_repr_",
            "_find_data_type_",
            "_find_new_",
            "_generate_next_value_",
            "_get_mixins_",
            "_member_map_",
            "_member_names_",
            "_member_type_",
            "_missing_",
            "_new_member_",
            "_unhashable_values_",
            "_unhashable_values_map_",
            "_use_args_",
            "_value2member_map_",
            "_value_repr_",
            "name",
            "value",
        ],
        to_instances: &[
            "_add_alias_",
            "_add_value_alias_",
            "_generate_next_value_",
            "_member_map_",
            "_member_names_",
            "_member_type_",
            "_missing_",
            "_name_",
            "_new_member_",
            "_sort_order_",
            "_unhashable_values_",
            "_unhashable_values_map_",
            "_use_args_",
            "_value2member_map_",
            "_value_",
            "_value_repr_",
            "name",
            "value",
        ],
    },
    Given {
        base: "typing.Generic",
        to_class: &["_is_protocol"],
        to_instances: &["_is_protocol"],
    },
    Given {
        base: "typing.NamedTuple",
        to_class: &[
            "_asdict",
            "_field_defaults",
            "_field_types",
            "_fields",
            "_fields_defaults",
            "_make",
            "_replace",
            "count",
            "index",
        ],
        to_instances: &[
            "_asdict",
            "_field_defaults",
            "_field_types",
            "_fields",
            "_fields_defaults",
            "_make",
            "_replace",
            "count",
            "index",
        ],
    },
    Given {
        base: "typing.Protocol",
        to_class: &[
            "_abc_caches_clear",
            "_abc_impl",
            "_abc_registry_clear",
            "_dump_registry",
            "_is_protocol",
            "_is_runtime_protocol",
            "register",
        ],
        to_instances: &["_abc_impl", "_is_protocol", "_is_runtime_protocol"],
    },
];

impl Evaluator<'_> {
    /// Whether a class, or else its instances, may have an attribute from a base or a metaclass outside the tree.
    pub fn is_given(&self, class: ClassRef, to_class: bool, name: Name) -> bool {
        let object = self.class(class);
        GIVEN.iter().any(|given| {
            let names = if to_class {
                given.to_class
            } else {
                given.to_instances
            };
            let derives = || match given.base {
                "builtins.object" => true,
                "abc.ABC" if object.is_abstract_base => true,
                base => object
                    .mro
                    .iter()
                    .any(|ancestor| *ancestor == Ancestor::External(Name::new(base))),
            };
            names.contains(&name.as_str()) && derives()
        })
    }
}
