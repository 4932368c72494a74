//! Every construct, by its text form.

use super::dump::dump;
use crate::syntax::ir::Module;
use crate::syntax::parse;

/// Parses text without errors.
fn clean(text: &str) -> Module {
    let module = parse(text);
    assert_eq!(module.errors, [], "{text}");
    module
}

/// Asserts the text form of a file.
#[track_caller]
fn check(text: &str, expected: &str) {
    let dumped = dump(&clean(text));
    let strip = |text: &str| -> String {
        let indent = text
            .lines()
            .find(|line| !line.trim().is_empty())
            .map_or(0, |line| line.len() - line.trim_start().len());
        text.lines()
            .map(|line| line.get(indent..).unwrap_or("").trim_end())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        strip(dumped.trim_end()),
        strip(expected.trim_matches('\n')).trim_end()
    );
}

/// Asserts the text form of an expression over unknown names.
#[track_caller]
fn expr(text: &str, expected: &str) {
    check(&format!("({text})"), expected);
}

#[test]
fn literals() {
    check("'doc'\n1\nNone\n...\nb'x'\nTrue\nx", "x");
    expr("None, True, False, ...", "(None, True, False, ...,)");
    expr(
        "1, 0xff, 1_000, 9223372036854775808, 1.5, 2j",
        "(1, 255, 1000, <big>, 1.5, <complex>,)",
    );
    expr("x, 'a' \"b\" '''c''', b'a' b'b'", r#"(x, "abc", <bytes>,)"#);
    expr(
        r"x, '\n', r'\n', '\x41\u00e4\N{BULLET}'",
        r#"(x, "\n", "\\n", "Aä•",)"#,
    );
}

#[test]
fn f_strings() {
    expr("f'a{b}c'", "f'a{b}c'");
    expr("'x' f'a{b!r}' 'y' f'{c:>{d}}z'", "f'xa{b!}y{c!}{d!}z'");
    expr("f'{b=}'", "f'b={b!}'");
    expr("x, f'abc' f'', f''", r#"(x, "abc", "",)"#);
    expr("f'{{}}{a}'", "f'{}{a}'");
    expr("f'{f\"{a}\"}'", "f'{f'{a}'}'");
    check("x = t'{a}'", "x.0 = ?");
}

#[test]
fn operators() {
    expr("a and b and c or not d", "((a and b and c) or (not d))");
    expr(
        "-a + +b * ~c ** d",
        "((Negative a) Add ((Positive b) Mul (Invert (c Pow d))))",
    );
    expr("a - b - c", "((a Sub b) Sub c)");
    expr(
        "a @ b, a / b, a // b, a % b, a << b, a >> b, a | b, a ^ b, a & b",
        "((a MatMul b), (a Div b), (a FloorDiv b), (a Mod b), (a LShift b), (a RShift b), (a BitOr b), (a BitXor b), (a BitAnd b),)",
    );
    expr("a < b <= c != d", "(a Lt b LtE c NotEq d)");
    expr(
        "a == b, a > b, a >= b, a is b, a is not b, a in b, a not in b",
        "((a Eq b), (a Gt b), (a GtE b), (a Is b), (a IsNot b), (a In b), (a NotIn b),)",
    );
    expr("a if b else c", "(a if b else c)");
    check("(x := 1) + x", "((x.0 := 1) Add x.0)");
}

#[test]
fn displays_calls_and_subscripts() {
    expr(
        "[a, *b], {a, *b}, {a: b, **c}, (), []",
        "([a, *b], {a, *b}, {a: b, **c}, (,), [],)",
    );
    expr("f(a, *b, k=c, *d, **e)", "f(a, *b, k=c, *d, **e)");
    expr("f(x for y in z)", "f(Generator(x for y.0 in z))");
    expr("a.b.c(d)[e].f", "a.b.c(d)[e].f");
    expr(
        "a[1:2], a[:], a[::3], a[1, *b]",
        "(a[slice(1, 2)], a[slice()], a[slice(3)], a[(1, *b,)],)",
    );
}

#[test]
fn assignments() {
    check("a = b = c", "a.0 = b.1 = c");
    check(
        "a, (b, *c) = [d, e.f] = g",
        "(a.0, (b.1, *c.2,),) = [d.3, e.f] = g",
    );
    check(
        "a += 1\na.b -= c\na[0] **= d",
        "a.0 Add= 1\na.0.b Sub= c\na.0[0] Pow= d",
    );
    check(
        "a: int = 1\nb: str\nc.d: x = y",
        "a.0: int = 1\nb.1: str\nc.d: x = y",
    );
    check("a = 1\ndel a, b.c, d[0]", "a.0 = 1\ndel a.0, b.c, d[0]");
}

#[test]
fn statements() {
    check(
        "if a: b\nelif c: d\nelif e: f\nelse: g",
        "
        if a
          b
        elif c
          d
        elif e
          f
        else
          g",
    );
    check(
        "for i, *j in k:\n  break\nelse:\n  i\nwhile a:\n  continue\nelse:\n  pass",
        "
        for (i.0, *j.1,) in k
          break
        else
          i.0
        while a
          continue
        else
          pass",
    );
    check(
        "with a, b as c, d as (e, f.g):\n  'x'\n  c",
        "
        with a b as c.0 d as (e.1, f.g,)
          c.0",
    );
    check(
        "try:\n  a\nexcept A as e:\n  e\nexcept (B, C):\n  pass\nexcept:\n  raise\nelse:\n  raise X\nfinally:\n  raise Y from e",
        "
        try
          a
        except A as e.0
          e.0
        except (B, C,)
          pass
        except
          raise
        else
          raise X
        finally
          raise Y from e.0",
    );
    check("try: a\nexcept* A: b", "try\n  a\nexcept A\n  b");
    check("assert a, b\nassert c", "assert a, b\nassert c");
}

#[test]
fn imports() {
    check(
        "import a.b.c, d as e, f.g as h",
        "import a.b.c -> a.0\nimport d as -> e.1\nimport f.g as -> h.2",
    );
    check(
        "from a.b import c, d as e\nfrom . import f\nfrom ...g import h\nfrom i import *",
        "from a.b import c -> c.0 d -> e.1\nfrom . import f -> f.2\nfrom ...g import h -> h.3\nfrom i import *",
    );
}

#[test]
fn matching() {
    check(
        "match a, b:\n\
         \x20 case 1 | -2 | 'x' | c.d: pass\n\
         \x20 case None | True: pass\n\
         \x20 case [e, *f, _] | (e, *f): e\n\
         \x20 case {'k': g, **h} if g > h: pass\n\
         \x20 case C(i, j=[k]) as l: pass\n\
         \x20 case [*_]: pass\n\
         \x20 case _: pass\n",
        r#"
        match (a, b,)
          case 1 | (Negative 2) | "x" | c.d
            pass
          case None | True
            pass
          case [e.0, *f.1, _] | [e.0, *f.1]
            e.0
          case {"k": g.2, **h.3} if (g.2 Gt h.3)
            pass
          case C(i.4, j=[k.5]) as l.6
            pass
          case [*_]
            pass
          case _
            pass"#,
    );
}

#[test]
fn functions_and_classes() {
    check(
        "@d(x)\nasync def f(a, /, b: int, *c, d=1, **e) -> r:\n  'doc'\n  async with a as g: await b\n  async for h in c: pass\n  return [i async for i in d]\n",
        "
        @d(x)
        async def f.0 f(/a, b: int, *c, !d=1, **e) -> r
          async with a.0 as g.5
            (await b.1)
          async for h.6 in c.2
            pass
          return List(i.7 async for i.7 in d.3)",
    );
    check(
        "def g(*, k): yield\ndef h():\n  x = yield k\n  yield from x\nlambda: (yield)",
        "
        def g.0 g(!k) generator
          (yield)
        def h.1 h() generator
          x.0 = (yield k)
          (yield from x.0)
        <<lambda>(): (yield)>",
    );
    check(
        "@d\nclass C(A, *B, metaclass=M, **k):\n  x: int = 1\n  y = x\n  def m(self): return x, C\n  class D:\n    def n(self): pass\n",
        "
        @d
        class C.0 C(A, *B, metaclass=M, **k)
          x.0: int = 1
          y.1 = x.0
          def m.2 C.m(self)
            return (x, C,)
          class D.3 C.D()
            def n.0 C.D.n(self)
              pass",
    );
    check(
        "def f(): return locals(), vars\ndef g(): exec('x')",
        "
        def f.0 f() dynamic
          return (locals(), vars,)
        def g.1 g() dynamic
          exec(\"x\")",
    );
}

#[test]
fn scopes() {
    check(
        "x = 1\ndef f(a):\n  y = a\n  def g():\n    nonlocal y\n    y = x\n    def h(): return a, y\n  global x, z\n  x = z = g\n",
        "
        x.0 = 1
        def f.2 f(a)
          y.1 = a.0
          def g.2 f.<locals>.g()
            y^1.1 = x
            def h.0 f.<locals>.g.<locals>.h()
              return (a^2.0, y^2.1,)
          x = z = g.2",
    );
    // What a function declares global, the functions in it see as global.
    check(
        "def f():\n  x = 1\n  def g():\n    global x\n    def h(): return x\n",
        "
        def f.1 f()
          x.0 = 1
          def g.1 f.<locals>.g()
            def h.0 f.<locals>.g.<locals>.h()
              return x",
    );
    // A class body sees its own names, the functions in it do not; its comprehensions see them in the first iterable.
    check(
        "def f(n):\n  class C:\n    n = n\n    m = [n for i in n for j in n]\n    def g(self): return n\n",
        "
        def f.0 f(n)
          class C.1 f.<locals>.C()
            n.0 = n.0
            m.1 = List(n^1.0 for i.3 in n.0 for j.4 in n^1.0)
            def g.2 f.<locals>.C.g(self)
              return n^1.0",
    );
    check(
        "def f():\n  global g\n  def g(): pass\n  class C: pass\n",
        "
        def f.1 f()
          def g g()
            pass
          class C.0 f.<locals>.C()
            pass",
    );
    let module = clean(
        "def f(a, b, c, d):\n  def g():\n    nonlocal b\n    b = a\n  global e\n  e = c = 1\n",
    );
    let flags: Vec<_> = module.functions[0]
        .scope
        .slots
        .iter()
        .map(|v| (v.name.as_str(), v.bindings, v.captured, v.assigned_inside))
        .collect();
    assert_eq!(
        flags,
        [
            ("a", 1, true, false),
            ("b", 2, true, true),
            ("c", 2, false, false),
            ("d", 1, false, false),
            ("g", 1, false, false),
        ]
    );
    let e = &module.scope.slots[0];
    assert_eq!(
        (e.name.as_str(), e.bindings, e.assigned_inside),
        ("e", 1, true)
    );
}

#[test]
fn comprehensions() {
    check(
        "x = [x for x in x if x]\ny = {k: v for k, (v, *w) in x}\nz = {a for b in c for a in b}",
        "
        x.0 = List(x.3 for x.3 in x.0 if x.3)
        y.1 = Dict(k.4: v.5 for (k.4, (v.5, *w.6,),) in x.0)
        z.2 = Set(a.8 for b.7 in c for a.8 in b.7)",
    );
    check(
        "def f(n):\n  t = {k: lambda a: (k, n, a) for k in n}\n  return [last := k for k in t]\n",
        "
        def f.0 f(n)
          t.1 = Dict(k.3: <f.<locals>.<dictcomp>.<lambda>(a): (k^1.3, n^1.0, a.0,)> for k.3 in n.0)
          return List((last.2 := k.4) for k.4 in t.1)",
    );
    check(
        "t = [lambda: k for k in n]\nclass C:\n  u = [lambda: (k, t) for k in n]\n",
        "
        t.0 = List(<<listcomp>.<lambda>(): k~m.2> for k.2 in n)
        class C.1 C()
          u.0 = List(<C.<listcomp>.<lambda>(): (k~c0.1, t,)> for k.1 in n)",
    );
    check(
        "[[i for i in j] for j in i]",
        "List(List(i.1 for i.1 in j.0) for j.0 in i)",
    );
    let module = clean("[1 for a in b for a in a]");
    assert_eq!(module.scope.slots.len(), 1);
    assert!(module.scope.slots[0].hidden);
    assert_eq!(module.scope.slots[0].bindings, 2);
}

#[test]
fn type_parameters() {
    check(
        "def f[T: int, *Ts, **P](a: T) -> T:\n  return T\nclass C[T](B[T]):\n  x: T\n  def m(self): return T\ntype X[T] = list[T]\nT",
        "
        T.3 = ?
        Ts.4 = ?
        P.5 = ?
        def f.0 f(a: T.3) -> T.3
          return T~m.3
        T.6 = ?
        class C.1 C(B[T.6])
          x.0: T~m.6
          def m.1 C.m(self)
            return T~m.6
        X.2 = ?
        T",
    );
}

#[test]
fn private_names() {
    check(
        "class _A:\n  __x = 1\n  def __m(self, __p, q=2):\n    self.__x = __p.__y__\n    self.__m(__k=__g)\n    import __i, __j.k\n    from __n import __o as r\n    ___z = __\n    class B__: __w = _.__x\n",
        "
        class _A.0 _A()
          _A__x.0 = 1
          def _A__m.1 _A.__m(self, _A__p, q=2)
            self.0._A__x = _A__p.1.__y__
            self.0._A__m(__k=_A__g)
            import _A__i -> _A__i.3
            import __j.k -> _A__j.4
            from _A__n import _A__o -> r.5
            _A___z.6 = __
            class B__.7 _A.__m.<locals>.B__()
              _B____w.0 = _._B____x",
    );
    check("class _:\n  __x = 1", "class _.0 _()\n  __x.0 = 1");
    check(
        "class A:\n  def f(self, o):\n    global __g\n    __g = 1\n    match o:\n      case C(__a=__b): pass\n__g",
        "
        class A.1 A()
          def f.0 A.f(self, o)
            _A__g = 1
            match o.1
              case C(__a=_A__b.2)
                pass
        __g",
    );
}

/// The text at a range.
fn at(text: &str, range: crate::syntax::ir::Range) -> &str {
    &text[range.start as usize..range.end as usize]
}

#[test]
fn ranges_of_functions_and_classes() {
    let text = "@a  # not: this\n@b(\n)\n\n# nor: this\nasync def f(x: (int) = (1), *y: z, **k) -> (\n  r # ):\n) \\\n : pass\n\
                @c\nclass C(A): x = lambda  p = ':' , *q : (p)\ng = lambda: 0\ndef h(): pass\n";
    let module = clean(text);
    let texts: Vec<_> = module
        .functions
        .iter()
        .map(|f| (at(text, f.header), at(text, f.name_range)))
        .collect();
    assert_eq!(
        texts,
        [
            (
                "async def f(x: (int) = (1), *y: z, **k) -> (\n  r # ):\n)",
                "f"
            ),
            ("lambda  p = ':' , *q", "lambda"),
            ("lambda", "lambda"),
            ("def h()", "h"),
        ]
    );
    assert!(at(text, module.functions[0].range).starts_with("async def f("));
    assert!(at(text, module.functions[0].range).ends_with(": pass"));
    assert_eq!(
        at(text, module.functions[1].range),
        "lambda  p = ':' , *q : (p)"
    );
    assert!(at(text, module.classes[0].range).starts_with("class C(A):"));
    assert_eq!(at(text, module.classes[0].name_range), "C");
    assert_eq!(module.body[0].range, module.functions[0].range);
    let params: Vec<_> = module.functions[0]
        .params
        .iter()
        .map(|p| at(text, p.range))
        .collect();
    assert_eq!(params, ["x: (int) = (1)", "*y: z", "**k"]);
}

#[test]
fn ranges_of_calls_and_imports() {
    use crate::syntax::ir::{ExprKind, StmtKind};
    let text = "((f))((a), k = (b), *c, **d)\nfrom . . x import (y as z, w)\nfrom .  import v\nimport p.q as r\nfrom \\\n m import n\n";
    let module = clean(text);
    let StmtKind::Expr(call) = &module.body[0].kind else {
        panic!()
    };
    let ExprKind::Call(call) = &call.kind else {
        panic!()
    };
    assert_eq!(at(text, call.function.range), "f");
    let arguments: Vec<_> = call.arguments.iter().map(|a| at(text, a.range)).collect();
    assert_eq!(arguments, ["a", "k = (b)", "*c", "**d"]);
    assert_eq!(at(text, call.arguments[1].value.range), "b");
    let modules: Vec<_> = module.body[1..]
        .iter()
        .map(|stmt| match &stmt.kind {
            StmtKind::ImportFrom(import) => at(text, import.module_range),
            StmtKind::Import(import) => at(text, import.range),
            _ => panic!(),
        })
        .collect();
    assert_eq!(modules, [". . x", ".", "p.q", "m"]);
    let StmtKind::ImportFrom(import) = &module.body[1].kind else {
        panic!()
    };
    assert_eq!(at(text, import.names[0].range), "y");
}

#[test]
fn directives_are_comments_only() {
    let text = "x = '# coship: no'  # coship: ignore[a] because\n#coship:b\n## coship:  c  \n# say coship: d\n\"\"\"\n# coship: e\n\"\"\"\n";
    let module = clean(text);
    let texts: Vec<_> = module
        .directives
        .iter()
        .map(|d| (d.text.as_str(), at(text, d.range)))
        .collect();
    assert_eq!(
        texts,
        [
            ("ignore[a] because", "# coship: ignore[a] because"),
            ("b", "#coship:b"),
            ("c", "## coship:  c  "),
        ]
    );
}

#[test]
fn rewiring_of_imports_is_noted() {
    for text in [
        "__path__.append('x')",
        "import sys\nsys.modules[__name__] = x",
        "import sys\nsys.modules.update(x)",
        "import sys\nthis = sys.modules[__name__]\nthis.x = 1",
        "import sys\nthis = sys.modules[__name__]\nthis.x += 1",
        "import sys\nthis = sys.modules[__name__]\ndel this.x",
        "import sys\nthis = sys.modules[__name__]\nfor this.x in y: pass",
        "import sys\nthis = sys.modules[__name__]\ndef f(n): setattr(this, n, 1)",
        "import sys\nthis = sys.modules[__name__]\nother = this",
        "import sys\nthis = that = sys.modules[__name__]\nthat.x = 1",
        "import sys\nfill(sys.modules[__name__])",
        "import sys\nx = [sys.modules[__name__]]",
        "import sys\nsys.modules[__name__].x = 1",
        "import sys\nsys.modules[__name__].__class__ = x",
        "import sys\ndef f(x=sys.modules[__name__]): pass",
        "import sys\ntable = sys.modules",
        "import sys\nfrom sys import modules",
        "def f():\n  import sys\n  sys.meta_path.append(x)",
    ] {
        assert!(clean(text).rewires_imports, "{text}");
    }
    for text in [
        "modules = 1\nx = '__path__'",
        "plugins.modules[__name__].active = True",
        "import sys\nif x in sys.modules: y = sys.modules[x]",
        "import sys\ndef f(x): return sys.modules.get(x), list(sys.modules)",
        "import sys\nthis = sys.modules[__name__]",
        "import sys\nthis = sys.modules[__name__]\nx = [n for n in y if not hasattr(this, n)]",
        "import sys\ndef f(n):\n  this = sys.modules[__name__]\n  return getattr(this, n, None), this.other",
        "import sys\nx = getattr(sys.modules[__name__], 'y')\nz = sys.modules[__name__].z",
        "import inspect, sys as s\nx = inspect.getmembers(s.modules[__name__], inspect.isclass)",
    ] {
        assert!(!clean(text).rewires_imports, "{text}");
    }
}
