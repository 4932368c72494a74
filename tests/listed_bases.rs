//! Attributes of classes whose bases outside the tree are listed: what neither they nor the list has is a warning.

use std::fs;
use std::process::Command;

/// The lines of the warnings about attributes that `check` finds in a file.
fn warned(name: &str, text: &str) -> Vec<usize> {
    let directory =
        std::env::temp_dir().join(format!("coship-listed-{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory for the test");
    fs::write(directory.join("app.py"), text).expect("the file is written");
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args(["check", "--against", "none", "--output-format", "concise"])
        .arg(&directory)
        .output()
        .expect("coship runs");
    fs::remove_dir_all(&directory).expect("the directory goes");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let warnings = lines
        .lines()
        .filter(|line| line.contains(": warning: ") && line.ends_with("[missing-attribute]"));
    let number = |line: &str| line.split(':').nth(1)?.parse().ok();
    warnings.filter_map(number).collect()
}

/// Each line that ends in `# warning` must have one, and no other line any.
fn holds(name: &str, text: &str) {
    let expected = text.lines().enumerate();
    let expected = expected.filter(|(_, line)| line.ends_with("# warning"));
    let expected: Vec<usize> = expected.map(|(index, _)| index + 1).collect();
    assert_eq!(warned(name, text), expected, "{name}");
}

#[test]
fn a_model_has_what_its_body_and_the_list_have() {
    holds(
        "model",
        r#"
from django.contrib.auth.models import AbstractUser
from django.db import models


class Base(models.Model):
    class Meta:
        abstract = True

    @classmethod
    def recent(cls):
        return cls.objects.all()


class Order(Base):
    class State(models.TextChoices):
        OPEN = "open"

    shop = models.ForeignKey("Shop", on_delete=models.CASCADE, related_name="orders")


class Shop(models.Model):
    name = models.TextField()


class User(AbstractUser):
    pass


def use(number):
    Order.objects.get(id=number)
    Order.recent().filter(state=Order.State.OPEN)
    Order.get_next_by_date, Order.shop_id, Order.DoesNotExist, Order._meta, Order.get_state_display
    Shop.orders, Shop.order_set, Shop.name
    User.has_perm, User.username, User.REQUIRED_FIELDS
    Order.OPEN  # warning
    Order.from_line(number)  # warning
    Shop.State  # warning
    User.Roles  # warning
"#,
    );
}

#[test]
fn what_else_may_put_it_there_is_left_alone() {
    holds(
        "others",
        r#"
from django.db import models
from somewhere import Mixin, Meta


class Order(Mixin, models.Model):
    pass


class Shop(models.Model):
    pass


class Item(models.Model, metaclass=Meta):
    pass


class Line(models.Model):
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="%(class)s_lines")


Shop.opened = True


def use():
    Order.total, Shop.opened, Item.price
    if hasattr(Shop, "closed"):
        Shop.closed()
    try:
        Shop.sold
    except AttributeError:
        pass
    Shop.line_lines
    Shop.Sign  # warning
"#,
    );
}
