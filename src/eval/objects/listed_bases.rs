//! Classes that derive from a class outside the tree whose attributes are listed here: what neither they nor the list has is worth a warning.
//!
//! A contributor adds a line to [`BASES`], from the reference of the distribution. A list is no proof: another release may have more.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::{Ancestor, is_transparent};
use crate::eval::reuse::file_set::FileSet;
use crate::facts::May;
use crate::name::Name;
use crate::syntax::ir::{Argument, ArgumentKind, Constant, Expr, ExprKind};
use crate::syntax::visit;

/// A class outside the tree.
struct Base {
    /// Its dotted name, as programs import it.
    name: &'static str,
    /// The classes of this list that it derives from.
    bases: &'static [&'static str],
    /// What it has itself; `get_*_display`: every such name.
    has: &'static [&'static str],
}

const MODEL: &str = "django.db.models.Model";
const BASE_USER: &str = "django.contrib.auth.models.AbstractBaseUser";
const PERMISSIONS: &str = "django.contrib.auth.models.PermissionsMixin";

/// Django 2.0 to 6.0, "Model instance reference", "Model class reference" and "django.contrib.auth".
const BASES: &[Base] = &[
    Base {
        name: MODEL,
        bases: &[],
        has: &[
            "*_id",
            "*_set",
            "DoesNotExist",
            "MultipleObjectsReturned",
            "NotUpdated",
            "_*",
            "add_to_class",
            "adelete",
            "arefresh_from_db",
            "asave",
            "check",
            "clean",
            "clean_fields",
            "date_error_message",
            "delete",
            "from_db",
            "full_clean",
            "get_*_display",
            "get_*_order",
            "get_constraints",
            "get_deferred_fields",
            "get_next_by_*",
            "get_previous_by_*",
            "id",
            "mro",
            "objects",
            "pk",
            "prepare_database_save",
            "refresh_from_db",
            "save",
            "save_base",
            "serializable_value",
            "set_*_order",
            "unique_error_message",
            "validate_constraints",
            "validate_unique",
        ],
    },
    Base {
        name: BASE_USER,
        bases: &[MODEL],
        has: &[
            "EMAIL_FIELD",
            "REQUIRED_FIELDS",
            "USERNAME_FIELD",
            "acheck_password",
            "check_password",
            "get_email_field_name",
            "get_session_auth_fallback_hash",
            "get_session_auth_hash",
            "get_username",
            "has_usable_password",
            "is_active",
            "is_anonymous",
            "is_authenticated",
            "last_login",
            "natural_key",
            "normalize_username",
            "password",
            "set_password",
            "set_unusable_password",
        ],
    },
    Base {
        name: PERMISSIONS,
        bases: &[MODEL],
        has: &[
            "aget_all_permissions",
            "aget_group_permissions",
            "aget_user_permissions",
            "ahas_module_perms",
            "ahas_perm",
            "ahas_perms",
            "get_all_permissions",
            "get_group_permissions",
            "get_user_permissions",
            "groups",
            "has_module_perms",
            "has_perm",
            "has_perms",
            "is_superuser",
            "user_permissions",
        ],
    },
    Base {
        name: "django.contrib.auth.models.AbstractUser",
        bases: &[BASE_USER, PERMISSIONS],
        has: &[
            "date_joined",
            "email",
            "email_user",
            "first_name",
            "get_full_name",
            "get_short_name",
            "is_staff",
            "last_name",
            "username",
            "username_validator",
        ],
    },
];

/// Whether a class that is listed has an attribute; none: it is not listed.
fn has(class: &str, name: &str) -> Option<bool> {
    let base = BASES.iter().find(|base| base.name == class)?;
    let is_own = base.has.iter().any(|pattern| fits(pattern, name));
    Some(
        is_own
            || base
                .bases
                .iter()
                .any(|above| has(above, name) == Some(true)),
    )
}

/// Whether a name is a pattern's, in which `*` stands for some letters.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            let rest = name
                .strip_prefix(start)
                .and_then(|rest| rest.strip_suffix(end));
            rest.is_some_and(|rest| !rest.is_empty())
        }
        None => pattern == name,
    }
}

impl<'p> Evaluator<'p> {
    /// `Order.totals`, of a class whose bases outside the tree are listed: a warning, if neither they nor the class have it, and nothing in the tree puts it there.
    pub(super) fn check_listed_bases(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        name: Name,
    ) {
        let Data::Class { class, exact: true } = *self.data(base) else {
            return;
        };
        if self.is_graph()
            || is_special(name)
            || frame.is_unsure()
            || !self.is_lacked_by_listed(class, name)
        {
            return;
        }
        self.doubt_attribute(frame, (expr, base, name), May::Listed);
    }

    /// Whether some of a class's bases are listed, all others are known, and none has an attribute.
    fn is_lacked_by_listed(&mut self, class: ClassRef, name: Name) -> bool {
        let mut is_listed = false;
        for ancestor in self.class(class).mro.clone() {
            match ancestor {
                Ancestor::Tree(own) => {
                    let object = self.class(own);
                    if object.namespace.contains_key(&name)
                        || object.is_open
                        || object.is_decorated
                        || object.metaclass.is_some()
                    {
                        return false;
                    }
                }
                Ancestor::External(outside) if is_transparent(outside) => {}
                Ancestor::External(outside) => match has(&outside, &name) {
                    Some(false) => is_listed = true,
                    Some(true) | None => return false,
                },
                Ancestor::Unknown => return false,
            }
        }
        let module = self.class(class).module;
        is_listed
            && !self.is_stored_elsewhere(name)
            && !self.is_stored_for(module, name)
            && !self.is_filled(Holder::Class(class))
            && !self.is_assigned_by_methods(class, name)
            && !self.is_related(name)
    }

    /// Whether a relation names the attribute that the class at its other end gets: `related_name="orders"`.
    fn is_related(&self, name: Name) -> bool {
        // Any file may have one.
        self.look(FileSet::ALL);
        let related = self.related.get_or_init(|| {
            let mut related = FxHashSet::default();
            for module in self.program.module_ids() {
                let ir = &self.program.module(module).ir;
                for class in &ir.classes {
                    visit::all_expressions(&class.body, &mut |expr| {
                        related.extend(related_name(expr));
                    });
                }
            }
            related
        });
        // `"%(class)ss"` is one name for each class that inherits it.
        let is_pattern = |related: &Name| related.contains('%');
        related.contains(&name)
            || !name.starts_with(char::is_uppercase) && related.iter().any(is_pattern)
    }
}

/// The text that a call passes as `related_name`.
fn related_name(expr: &Expr) -> Option<Name> {
    let ExprKind::Call(call) = &expr.kind else {
        return None;
    };
    let related = |argument: &&Argument| matches!(argument.kind, ArgumentKind::Keyword(name) if name.as_str() == "related_name");
    match call.arguments.iter().find(related)?.value.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{BASES, fits, has};

    #[test]
    fn a_class_has_what_it_derives_from_has() {
        let user = "django.contrib.auth.models.AbstractUser";
        assert_eq!(has(user, "has_perm"), Some(true));
        assert_eq!(has(user, "get_role_display"), Some(true));
        assert_eq!(has(user, "Roles"), Some(false));
        assert_eq!(has("django.db.models.Manager", "all"), None);
    }

    #[test]
    fn bases_are_listed_and_names_are_in_order() {
        for base in BASES {
            assert!(base.has.is_sorted(), "{}", base.name);
            assert!(base.bases.iter().all(|above| has(above, "pk").is_some()));
        }
        assert!(fits("get_*_display", "get_kind_display"));
        assert!(!fits("get_*_display", "get_display"));
    }
}
