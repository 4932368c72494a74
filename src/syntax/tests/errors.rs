//! What is refused, and that the rest is lowered all the same.

use super::dump::dump;
use crate::syntax::parse;

fn errors(text: &str) -> Vec<(String, &str)> {
    parse(text)
        .errors
        .into_iter()
        .map(|error| {
            let at = text.get(error.range.start as usize..error.range.end as usize);
            (error.message, at.unwrap_or("out of bounds"))
        })
        .collect()
}

/// Asserts that there is one error, with this message, at this text.
#[track_caller]
fn refused(text: &str, message: &str, at: &str) {
    assert_eq!(errors(text), [(message.to_owned(), at)], "{text}");
}

#[test]
fn the_rest_of_a_file_is_lowered() {
    let module = parse("def f(:\n  pass\nx = 1\ndef g(a): return a +\ny = (\n");
    assert!(!module.errors.is_empty());
    let text = dump(&module);
    assert!(text.contains("x."), "{text}");
    assert!(text.contains("def g"), "{text}");
    assert!(module.errors.is_sorted_by_key(|error| error.range));
}

#[test]
fn postponed_annotations_bind_and_yield_nothing() {
    let future = "'''Doc.'''\nfrom __future__ import division, annotations\n";
    for (text, at) in [
        ("x: (y := 1)\n", "y := 1"),
        ("x: (lambda a=(y := 1): a)\n", "y := 1"),
        ("def f(p: (y := 1)): pass\n", "y := 1"),
        ("def f():\n  x: (yield)\n", "yield"),
        ("async def f():\n  x: (await q) = 1\n", "await q"),
    ] {
        assert_eq!(errors(text), [], "{text}");
        let text = format!("{future}{text}");
        let found = errors(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].1, at, "{text}");
    }
    for text in [
        "x: lambda: (y := 1)\n",
        "x: lambda: (yield)\n",
        "x: [y := 1 for i in z]\n",
        "x: {(y := 1): 2 for i in z}\n",
        "x: [i for i in z if (y := i)]\n",
        "def f(p: [y := 1 for i in z]): pass\n",
        "def f(p: lambda: (y := 1)): pass\n",
        "@(y := 1)\ndef f(a=(z := 1)): pass\n",
    ] {
        assert_eq!(errors(&format!("{future}{text}")), [], "{text}");
    }
    // No import from the future.
    assert_eq!(errors("from past import annotations\nx: (y := 1)\n"), []);
}

#[test]
fn python_2_is_refused() {
    for text in [
        "print 'x'\n",
        "exec 'x'\n",
        "raise E, 'x'\n",
        "x = 0777\n",
        "x = ur'x'\n",
        "def f((a, b)): pass\n",
        "x <> y\n",
        "x = `y`\n",
        "try: pass\nexcept E, e: print(e)\n",
        "def f():\n  try: pass\n  except (A, B), err: raise\n",
    ] {
        assert!(!errors(text).is_empty(), "{text}");
    }
    // Python 3.14 reads this as two exceptions.
    assert_eq!(errors("try: pass\nexcept A, B: pass\n"), []);
    assert_eq!(
        errors("from x import *\ntry: pass\nexcept a, b: pass\n"),
        []
    );
    assert_eq!(errors("import a, b\ntry: pass\nexcept a, b: pass\n"), []);
}

#[test]
fn syntax_of_any_version_of_python_3_is_taken() {
    for text in [
        "match x:\n  case 1: pass\n",
        "try: pass\nexcept* E: pass\n",
        "type X[T] = list[T]\n",
        "def f[T = int](x: T): pass\n",
        "(x := 1)\n",
        "def f(a, /): pass\n",
        "with (open(a) as b, c): pass\n",
        "@x[0].y\ndef f(): pass\n",
        "x = f'{a[\"b\"]}' f'{'c'}'\n",
        "for x in *a, *b: pass\n",
        "x[*y]\n",
        "def f(*a: *b): pass\n",
        "x = t'{a}'\n",
        "async def f(): return [x async for x in [y async for y in z]]\n",
        "def f():\n  x: (yield) = 1\n",
        "match = case = type = _ = 1\nprint(match, case, type)\n",
        "del __debug__\n",
    ] {
        assert_eq!(errors(text), [], "{text}");
    }
    refused("f((a)=1)", "parenthesized keyword argument name", "(a)");
}

#[test]
fn what_the_compiler_refuses() {
    refused("def f(a, a): pass", "Duplicate parameter \"a\"", "a");
    refused(
        "return 1",
        "`return` statement outside of a function",
        "return 1",
    );
    refused(
        "class C:\n  return",
        "`return` statement outside of a function",
        "return",
    );
    refused(
        "def f():\n  nonlocal x",
        "no binding for nonlocal `x` found",
        "x",
    );
    refused(
        "nonlocal x",
        "nonlocal declaration not allowed at module level",
        "nonlocal x",
    );
    refused("break", "`break` outside loop", "break");
    refused(
        "for x in y: pass\nelse: continue",
        "`continue` outside loop",
        "continue",
    );
    refused(
        "while x:\n  def f(): break",
        "`break` outside loop",
        "break",
    );
    refused("f(a=1, a=2)", "Duplicate keyword argument `a`", "a=2");
    refused("*a", "can't use starred expression here", "*a");
    refused(
        "def f(a):\n  global a",
        "name `a` cannot refer to a parameter and a global variable",
        "a",
    );
    for text in [
        "yield x",
        "class C:\n  yield x",
        "await x",
        "def f(): await x",
        "def f(): return [(yield) for x in y]",
        "async def f(): yield from x",
        "def f():\n  x = 1\n  global x",
        "def f():\n  print(x)\n  global x",
        "a, *b, *c = d",
        "*a = b",
        "__debug__ = 1",
        "x = 1\nfrom __future__ import annotations",
        "from __future__ import braces",
        "def f():\n  from x import *",
        "[x := 1 for x in y]",
        "class C:\n  [y := 1 for x in z]",
        "match x:\n  case y: pass\n  case 1: pass",
        "async def f():\n  yield 1\n  return 2",
        "def f[T, T](): pass",
        "f() = 1",
        "a + 1 = 2",
    ] {
        assert!(!errors(text).is_empty(), "{text}");
    }
    for text in [
        "class C:\n  def f(self):\n    nonlocal __class__\n    __class__ = 1\n",
        "for x in y:\n  if z: break\n  try: continue\n  finally: pass\n",
        "def f():\n  x = 1\n  def g():\n    nonlocal x\n    x = 2\n",
        "x = 1\ndef f():\n  global x\n  x = 2\n",
        "async def f(): return (await x async for x in y)\n",
        "def f(): return (x async for x in y)\n",
        "lambda: (yield)\n",
        "'doc'\nfrom __future__ import annotations, division\nimport x\n",
        "class C:\n  def f(self):\n    def g():\n      nonlocal __x\n      __x = 1\n    __x = 2\n",
    ] {
        assert_eq!(errors(text), [], "{text}");
    }
}

#[test]
fn odd_bytes() {
    for text in [
        "\0",
        "x = 1\0",
        "\u{feff}x = 1",
        "\u{feff}\u{feff}x",
        "\r\rx\r",
        "x = '",
        "\"\"\"",
        "(",
        "\\",
        "\t x",
    ] {
        let _ = parse(text);
    }
    assert_eq!(errors("\u{feff}x = 1\r\ny = 2\rz = 3"), []);
    assert_eq!(errors(""), []);
    let module = parse("\u{feff}def f(): pass");
    assert_eq!(module.functions[0].range.start, 3);
}
