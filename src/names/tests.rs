use super::Doubts;
use crate::syntax::parse;

/// The doubts of a file's first function as `line name`, with `?` for one that is not certain.
fn doubts(body: &str) -> Vec<String> {
    let text = format!("def f(a, b):\n{body}");
    let ir = parse(&text);
    assert!(ir.errors.is_empty(), "{:?}", ir.errors);
    let found = Doubts::of(&ir).of_function(crate::syntax::ir::FunctionId(0));
    let tell = |doubt: &super::Doubt| {
        let line = text[..doubt.at as usize].matches('\n').count();
        let name = text[doubt.at as usize..]
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap();
        format!("{line} {name}{}", if doubt.is_certain { "" } else { "?" })
    };
    found.iter().map(tell).collect()
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
    assert_eq!(doubts(body), expected, "{body}");
}

#[test]
fn straight_code() {
    check(" x = 1\n return x\n", &[]);
    check(" y = x\n x = 1\n", &["1 x"]);
    check(" x += 1\n", &["1 x"]);
    check(" x: int\n return x\n", &["2 x"]);
    check(" x = 1\n del x\n return x\n", &["3 x"]);
    check(" del a\n return a\n", &["2 a"]);
    check(" return x\n x = 1\n", &["1 x"]);
    check(" return a\n y = x\n x = 1\n", &[]);
    check(" import x.y\n return x\n", &[]);
    check(" print((x := a), x)\n", &[]);
    check(" print(x, (x := a))\n", &["1 x"]);
}

#[test]
fn branches() {
    check(" if a:\n  x = 1\n return x\n", &["3 x?"]);
    check(" if a:\n  x = 1\n else:\n  x = 2\n return x\n", &[]);
    check(" if a:\n  x = 1\n else:\n  raise E\n return x\n", &[]);
    check(" if False:\n  x = 1\n return x\n", &["3 x"]);
    check(" if TYPE_CHECKING:\n  import x\n return x\n", &["3 x"]);
    check(" a and (x := b)\n return x\n", &["2 x?"]);
    check(" if a and (x := b):\n  return x\n", &[]);
    check(" if a or (x := b):\n  return x\n", &["2 x?"]);
    check(" y = x if a else 1\n x = 2\n", &["1 x"]);
    check(
        " match a:\n  case 1:\n   x = 1\n  case _:\n   x = 2\n return x\n",
        &[],
    );
    check(" match a:\n  case 1:\n   x = 1\n return x\n", &["4 x?"]);
    check(" match a:\n  case [x, *y]:\n   return x, y\n", &[]);
    check(" assert False\n return x\n x = 1\n", &[]);
}

#[test]
fn loops() {
    check(" for i in a:\n  pass\n return i\n", &["3 i?"]);
    check(" for i in a:\n  x += i\n", &["2 x"]);
    check(" for i in a:\n  print(x)\n  x = i\n", &["2 x"]);
    check(
        " for i in a:\n  if b:\n   x = 1\n  else:\n   print(x)\n",
        &["5 x?"],
    );
    check(
        " while True:\n  x = a()\n  if x:\n   break\n return x\n",
        &[],
    );
    check(" while a:\n  x = 1\n return x\n", &["3 x?"]);
    check(
        " for i in a:\n  x = 1\n  break\n else:\n  x = 2\n return x\n",
        &[],
    );
    check(
        " for i in a:\n  if b:\n   continue\n  x = 1\n  del x\n return x\n",
        &["6 x"],
    );
    check(
        " while True:\n  try:\n   x = a()\n  except E:\n   continue\n  return x\n",
        &[],
    );
}

#[test]
fn exceptions() {
    check(" try:\n  x = a()\n except E:\n  print(x)\n", &["4 x"]);
    check(
        " try:\n  x = a()\n  b()\n except E:\n  print(x)\n",
        &["5 x?"],
    );
    check(" try:\n  x = None\n  b()\n except E:\n  print(x)\n", &[]);
    check(
        " try:\n  x = a()\n except E:\n  pass\n return x\n",
        &["5 x?"],
    );
    check(" try:\n  x = a()\n except E:\n  return\n return x\n", &[]);
    check(" try:\n  x = a()\n finally:\n  print(x)\n", &["4 x?"]);
    check(" try:\n  x = a()\n finally:\n  b()\n return x\n", &[]);
    check(" try:\n  return a()\n finally:\n  x = 1\n", &[]);
    check(
        " try:\n  a()\n except E as e:\n  pass\n return e\n",
        &["5 e"],
    );
    check(
        " e = 1\n try:\n  a()\n except E as e:\n  pass\n return e\n",
        &["6 e?"],
    );
    check(
        " for i in a:\n  try:\n   break\n  finally:\n   x = 1\n else:\n  return\n return x\n",
        &["8 x?"],
    );
    check(" with a as x:\n  y = b()\n return x, y\n", &[]);
    check(" with a:\n  raise E\n return x\n x = 1\n", &["3 x"]);
    check(" with a:\n  x = 1\n  b()\n  del x\n return x\n", &["5 x?"]);
}

#[test]
fn what_runs_later() {
    check(
        " def g():\n  nonlocal x\n  x = 1\n g()\n return x\n x = 2\n",
        &[],
    );
    check(" g = (x for _ in a)\n x = 1\n return g\n", &["1 x?"]);
    check(" g = [x for _ in a]\n x = 1\n", &["1 x"]);
    check(" g = [x for x in a]\n return g\n", &[]);
    check(" g = lambda: x\n x = 1\n return g\n", &[]);
    check(" g = lambda y=x: y\n x = 1\n", &["1 x"]);
    check(" @x\n def x(): pass\n", &["1 x"]);
}
