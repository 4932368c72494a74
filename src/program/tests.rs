use std::sync::Arc;

use super::{Input, Program, Resolution};
use crate::facts::FileId;
use crate::name::Name;
use crate::syntax::parse;

/// A tree of Python files (`path: content`) and other files (`path` alone).
fn program(files: &[(&str, &str)]) -> Program {
    with_roots(files, None)
}

fn with_roots(files: &[(&str, &str)], roots: Option<&[String]>) -> Program {
    let (python, others): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|(path, _)| path.rsplit_once('.').is_some_and(|(_, end)| end == "py"));
    let inputs: Vec<Input> = python
        .iter()
        .enumerate()
        .map(|(index, (path, text))| Input {
            file: FileId(u32::try_from(index).unwrap()),
            path,
            module: Arc::new(parse(text)),
        })
        .collect();
    let others: Vec<&str> = others.iter().map(|(path, _)| *path).collect();
    Program::build(&inputs, &others, roots, None)
}

fn roots(program: &Program) -> Vec<&str> {
    program
        .roots()
        .iter()
        .map(|root| root.path.as_str())
        .collect()
}

fn names(program: &Program) -> Vec<&str> {
    program.modules().iter().map(|m| m.name.as_str()).collect()
}

/// What a resolution says, with names for ids.
fn text(program: &Program, resolution: Resolution) -> String {
    let name = |id| {
        let module = program.module(id);
        let kind = if module.is_package {
            "package"
        } else {
            "module"
        };
        format!("{kind} {}", module.name)
    };
    match resolution {
        Resolution::Module(id) => name(id),
        Resolution::Namespace(id) => format!("namespace {}", program.namespace_name(id)),
        Resolution::Missing { parent, name: part } => format!("no {part} in {}", name(parent)),
        Resolution::MissingInNamespace { parent, name } => {
            format!("no {name} in namespace {}", program.namespace_name(parent))
        }
        Resolution::Misplaced { module, beside } => {
            let where_ = if beside { "beside" } else { "elsewhere" };
            format!("{} {where_}", name(module))
        }
        other => format!("{other:?}"),
    }
}

/// What `import dotted`, or `from ..x import` with its dots, finds in the file at `index`.
fn found(program: &Program, index: u32, dotted: &str) -> String {
    let importer = program.module_of(FileId(index)).unwrap();
    let rest = dotted.trim_start_matches('.');
    let level = dotted.len() - rest.len();
    let resolution = if level == 0 {
        program.resolve(importer, Name::new(rest))
    } else {
        let module = (!rest.is_empty()).then(|| Name::new(rest));
        program.resolve_relative(importer, u32::try_from(level).unwrap(), module)
    };
    text(program, resolution)
}

#[test]
fn no_imports_mean_the_top() {
    let program = program(&[("a.py", ""), ("b/c.py", ""), ("b/__init__.py", "")]);
    assert_eq!(roots(&program), [""]);
    assert_eq!(names(&program), ["a", "b.c", "b"]);
    assert_eq!(found(&program, 0, "b.c"), "module b.c");
    assert_eq!(found(&program, 0, "requests"), "External");
}

#[test]
fn a_gateway_system_has_its_root_where_its_imports_begin() {
    let program = program(&[
        ("src/__init__.py", ""),
        (
            "src/gateway_core.py",
            "import cache_core\nfrom home.ha_core import x",
        ),
        (
            "src/cache_core.py",
            "def f():\n  from gateway_core import y",
        ),
        ("src/lambda_function.py", "import gateway_core, cache_core"),
        ("src/home/__init__.py", ""),
        (
            "src/home/ha_core.py",
            "from gateway_core import z\nimport ha_common",
        ),
        ("src/home/ha_common.py", ""),
    ]);
    assert_eq!(roots(&program), ["src"]);
    assert_eq!(
        names(&program),
        [
            "src",
            "gateway_core",
            "cache_core",
            "lambda_function",
            "home",
            "home.ha_core",
            "home.ha_common"
        ]
    );
    assert_eq!(found(&program, 5, "gateway_core"), "module gateway_core");
    // The defect that works on the developer's machine only.
    assert_eq!(
        found(&program, 5, "ha_common"),
        "module home.ha_common beside"
    );
    assert_eq!(
        found(&program, 1, "ha_common"),
        "module home.ha_common elsewhere"
    );
    assert_eq!(
        found(&program, 1, "home.ha_missing"),
        "no home.ha_missing in package home"
    );
    assert_eq!(
        found(&program, 1, "cache_core.x"),
        "no cache_core.x in module cache_core"
    );
    assert_eq!(
        found(&program, 1, "src.cache_core"),
        "package src elsewhere"
    );
    assert_eq!(found(&program, 5, ".ha_common"), "module home.ha_common");
    assert_eq!(found(&program, 5, "..cache_core"), "BeyondTopLevel");
    assert_eq!(found(&program, 1, ".cache_core"), "NoParentPackage");
}

/// A program with a `lib/` beside it whose files import one another more often than the program's do.
fn with_library<'a>(program: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let library = [
        ("lib/numbers_of.py", "import rare\nimport common.text\n"),
        ("lib/rare.py", "import numbers_of\nimport common\n"),
        (
            "lib/common/__init__.py",
            "import rare\nimport numbers_of\nimport common.text\n",
        ),
        (
            "lib/common/text.py",
            "import numbers_of\nimport common.more\nimport rare\n",
        ),
        (
            "lib/common/more.py",
            "import rare\nimport common.text\nimport numbers_of\n",
        ),
    ];
    program.iter().copied().chain(library).collect()
}

#[test]
fn a_program_that_brings_much_of_others_is_found_from_where_it_lies() {
    let program = program(&with_library(&[
        ("start.py", "import app\n"),
        ("app/__init__.py", "from app import words\n"),
        ("app/words.py", "import numbers_of\nfrom app import pages\n"),
        ("app/pages.py", ""),
    ]));
    assert_eq!(roots(&program), ["", "lib"]);
}

#[test]
fn a_package_whose_files_once_found_their_neighbours_is_no_root() {
    let program = program(&with_library(&[
        ("start.py", "import app\nfrom app import words\n"),
        (
            "app/__init__.py",
            "from app import pages\nfrom app import words\n",
        ),
        (
            "app/words.py",
            "if old:\n    import pages\nelse:\n    from app import pages\n",
        ),
        ("app/pages.py", "from app import words\n"),
    ]));
    assert_eq!(roots(&program), ["", "lib"]);
}

#[test]
fn siblings_imported_in_a_package_make_no_root() {
    let program = program(&[
        ("app.py", "import lib.y"),
        ("lib/y.py", "import x"),
        ("lib/z.py", "import x"),
        ("lib/x.py", ""),
    ]);
    assert_eq!(roots(&program), [""]);
    assert_eq!(found(&program, 1, "x"), "module lib.x beside");
}

#[test]
fn a_module_beside_is_meant_only_where_nobody_means_another() {
    let program = program(&[
        ("pkg/__init__.py", "from pkg.core import x"),
        ("pkg/core.py", "import numpy"),
        ("pkg/printing/__init__.py", ""),
        ("pkg/printing/numpy.py", ""),
        (
            "pkg/printing/latex.py",
            "import numpy\nimport botocore.exceptions\nimport helper.deep",
        ),
        ("pkg/printing/botocore/__init__.py", ""),
        ("pkg/printing/helper/__init__.py", ""),
        ("pkg/printing/helper/deep.py", ""),
        ("pkg/printing/redis.py", "import redis"),
        ("pkg/a/responses.py", ""),
        ("pkg/a/x.py", "import responses"),
        ("pkg/b/responses.py", ""),
        ("pkg/b/x.py", "import responses"),
    ]);
    let name = "module pkg.printing.numpy elsewhere";
    assert_eq!(found(&program, 4, "numpy"), name);
    assert_eq!(
        found(&program, 4, "botocore.exceptions"),
        "package pkg.printing.botocore elsewhere"
    );
    assert_eq!(
        found(&program, 4, "helper.deep"),
        "package pkg.printing.helper beside"
    );
    assert_eq!(found(&program, 8, "redis"), "External");
    assert_eq!(
        found(&program, 10, "responses"),
        "module pkg.a.responses elsewhere"
    );
}

#[test]
fn a_wheel_begins_at_the_top() {
    let program = program(&[
        ("pkg/__init__.py", "from .core import f\nimport requests"),
        ("pkg/core.py", "from . import util\nimport yaml, json"),
        ("pkg/util.py", ""),
        ("pkg/yaml.py", "import yaml"),
        ("pkg/json.py", ""),
        ("pkg/compat/__init__.py", ""),
        ("pkg/compat/requests.py", "import requests"),
        ("pkg/_speedups.cpython-311-x86_64-linux-gnu.so", ""),
        ("pkg-1.0.dist-info/METADATA", ""),
    ]);
    assert_eq!(roots(&program), [""]);
    assert_eq!(program.modules()[2].package.as_str(), "pkg");
    assert_eq!(found(&program, 1, ".util"), "module pkg.util");
    assert_eq!(found(&program, 1, "."), "package pkg");
    assert_eq!(found(&program, 1, "json"), "External");
    assert_eq!(found(&program, 1, "pkg._speedups"), "Opaque");
    assert_eq!(found(&program, 1, "pkg._speedups.x"), "Opaque");
    assert_eq!(
        found(&program, 1, "pkg._other"),
        "no pkg._other in package pkg"
    );
    assert_eq!(found(&program, 6, "..util"), "module pkg.util");
    assert_eq!(found(&program, 6, "...util"), "BeyondTopLevel");
    assert_eq!(
        found(&program, 6, "..compat.requests"),
        "module pkg.compat.requests"
    );
}

#[test]
fn src_layouts() {
    let files = [
        ("setup.py", "import setuptools"),
        ("src/pkg/__init__.py", "from .a import f"),
        ("src/pkg/a.py", ""),
        ("tests/test_a.py", "import pytest\nfrom pkg.a import f"),
    ];
    let plain = program(&files);
    assert_eq!(roots(&plain), ["src", ""]);
    assert_eq!(names(&plain), ["setup", "pkg", "pkg.a", "tests.test_a"]);
    assert_eq!(found(&plain, 3, "pkg.b"), "no pkg.b in package pkg");

    // Tests that import one another through the top do not change that.
    let mut more = files.to_vec();
    more.extend([
        ("tests/__init__.py", ""),
        ("tests/tools.py", ""),
        ("tests/test_b.py", "from tests.tools import x"),
        ("tests/test_c.py", "from tests.tools import x"),
        ("tests/test_d.py", "from tests.tools import x"),
    ]);
    let more = program(&more);
    assert_eq!(roots(&more), ["", "src"]);
    assert_eq!(found(&more, 3, "pkg.a"), "module pkg.a");
    assert_eq!(found(&more, 6, "tests.tools"), "module tests.tools");

    // Without a single absolute import the name of the directory decides.
    let silent = program(&files[1..3]);
    assert_eq!(roots(&silent), ["src"]);
    assert_eq!(names(&silent), ["pkg", "pkg.a"]);
}

#[test]
fn services_have_a_root_each() {
    let program = program(&[
        (
            "services/a/app.py",
            "import db, tools\nimport layer\nimport shared",
        ),
        ("services/a/db.py", "import conf"),
        ("services/a/conf.py", ""),
        ("services/b/app.py", "import db\nimport conf"),
        ("services/b/db.py", "import conf"),
        ("services/b/conf.py", ""),
        ("services/b/tools.py", ""),
        ("services/c/main.py", "import tools"),
        ("services/c/tools.py", ""),
        (
            "layer/python/layer/__init__.py",
            "import layer.x\nfrom layer.x import y",
        ),
        ("layer/python/layer/x.py", ""),
    ]);
    assert_eq!(
        roots(&program),
        ["layer/python", "services/a", "services/b", "services/c"]
    );
    assert_eq!(found(&program, 0, "db"), "module db");
    let own = program.module_of(FileId(1)).unwrap();
    let importer = program.module_of(FileId(0)).unwrap();
    assert_eq!(
        program.resolve(importer, Name::new("db")),
        Resolution::Module(own)
    );
    assert_eq!(found(&program, 0, "layer.x"), "module layer.x");
    assert_eq!(found(&program, 0, "tools"), "Ambiguous");
    assert_eq!(found(&program, 0, "shared"), "External");
}

#[test]
fn packages_go_before_modules_and_modules_before_directories() {
    let program = program(&[
        ("main.py", "import gateway, plain, both"),
        ("gateway.py", ""),
        ("gateway/wrappers.py", ""),
        ("both.py", ""),
        ("both/__init__.py", ""),
        ("plain/inner.py", ""),
        ("plain/deep/x.py", ""),
        ("logging/setup.py", ""),
        ("websocket.py", ""),
        ("json.py", ""),
        ("sys.py", ""),
    ]);
    assert_eq!(found(&program, 0, "gateway"), "module gateway");
    assert_eq!(
        found(&program, 0, "gateway.wrappers"),
        "no gateway.wrappers in module gateway"
    );
    assert_eq!(found(&program, 0, "both"), "package both");
    assert_eq!(found(&program, 0, "plain"), "namespace plain");
    assert_eq!(found(&program, 0, "plain.deep.x"), "module plain.deep.x");
    assert_eq!(
        found(&program, 0, "plain.deep.y"),
        "no plain.deep.y in namespace plain.deep"
    );
    // The root goes before the standard library, but not before what the interpreter has built in, and a plain directory
    // goes behind everything.
    assert_eq!(found(&program, 0, "json"), "module json");
    assert_eq!(found(&program, 0, "sys"), "External");
    assert_eq!(found(&program, 0, "logging"), "External");
    assert_eq!(found(&program, 0, "websocket"), "module websocket");
}

#[test]
fn stubs_and_compiled_modules_exist_and_are_unknown() {
    let program = program(&[
        ("main.py", "import fast, typed, both, pkg"),
        ("both.py", ""),
        ("both.pyi", ""),
        ("both.pyd", ""),
        ("fast.pyx", ""),
        ("typed.pyi", ""),
        ("pkg/__init__.pyi", ""),
        ("pkg/inner.py", ""),
        ("lone.pyc", ""),
        ("main.pyc", ""),
        ("__pycache__/main.cpython-311.pyc", ""),
        ("data.json", ""),
        (".so", ""),
    ]);
    assert_eq!(found(&program, 0, "both"), "module both");
    let behind = program.module_ids().map(|id| program.module(id));
    let behind: Vec<_> = behind
        .filter(|module| module.is_behind_extension)
        .map(|module| module.name.to_string())
        .collect();
    assert_eq!(behind, ["both"]);
    for opaque in ["fast", "typed", "pkg", "pkg.other", "lone", "fast.x"] {
        assert_eq!(found(&program, 0, opaque), "Opaque", "{opaque}");
    }
    assert_eq!(found(&program, 0, "pkg.inner"), "module pkg.inner");
    assert_eq!(found(&program, 0, "data"), "External");
}

#[test]
fn packages_are_installed_beside_their_records() {
    // More imports of `numpy` than of the package itself, which has folders of these names.
    let files = [
        ("tools/__init__.py", ""),
        ("tools/array.py", "import numpy\nimport torch\nimport tools"),
        ("tools/data.py", "import numpy\nimport torch"),
        ("tools/numpy/__init__.py", "import math"),
        ("tools/torch/__init__.py", "import math"),
    ];
    assert_eq!(roots(&program(&files)), ["tools"]);
    let installed = [&files[..], &[("tools-1.0.dist-info/", "")]].concat();
    assert_eq!(roots(&program(&installed)), [""]);
}

#[test]
fn submodules() {
    let program = program(&[
        ("main.py", "import pkg, ns.x"),
        ("pkg/__init__.py", ""),
        ("pkg/a.py", ""),
        ("ns/x.py", ""),
        ("hook/__init__.py", "__path__.append('x')"),
        ("hook/sub/__init__.py", ""),
        ("six.py", "import sys\nsys.modules['six.moves'] = 1"),
    ]);
    let id = |index| program.module_of(FileId(index)).unwrap();
    let sub = |parent, name| text(&program, program.submodule(parent, Name::new(name)));
    assert_eq!(sub(id(1), "a"), "module pkg.a");
    assert_eq!(sub(id(1), "b"), "no pkg.b in package pkg");
    assert_eq!(sub(id(2), "b"), "no pkg.a.b in module pkg.a");
    let Resolution::Namespace(ns) = program.resolve(id(0), Name::new("ns")) else {
        panic!("a namespace");
    };
    let member = |name| text(&program, program.namespace_member(ns, Name::new(name)));
    assert_eq!(member("x"), "module ns.x");
    assert_eq!(member("y"), "no ns.y in namespace ns");
    assert!(!program.may_have_more(id(1)));
    assert!(program.may_have_more(id(4)));
    assert!(program.may_have_more(id(5)));
    assert!(program.may_have_more(id(6)));
    assert_eq!(program.by_name(Name::new("pkg.a")), Some(id(2)));
}

#[test]
fn namespace_packages_have_parts_in_several_roots() {
    let program = program(&[
        ("one/ns/a.py", "import top_one"),
        ("one/top_one.py", "import ns.a"),
        ("two/ns/b.py", "import top_two"),
        ("two/top_two.py", "import ns.b"),
    ]);
    assert_eq!(roots(&program), ["one", "two"]);
    assert_eq!(found(&program, 1, "ns.a"), "module ns.a");
    assert_eq!(found(&program, 1, "ns.b"), "module ns.b");
    assert_eq!(found(&program, 1, "ns.c"), "no ns.c in namespace ns");
}

#[test]
fn a_tree_that_is_itself_a_package() {
    let program = program(&[
        ("__init__.py", "from .a import f"),
        ("a.py", "from . import b\nfrom .sub.c import g"),
        ("b.py", ""),
        ("sub/__init__.py", ""),
        ("sub/c.py", "from .. import b\nfrom ..a import f"),
    ]);
    assert_eq!(roots(&program), [""]);
    assert_eq!(found(&program, 1, ".b"), "module b");
    assert_eq!(found(&program, 1, ".sub.c"), "module sub.c");
    assert_eq!(found(&program, 4, "..a"), "module a");
    assert_eq!(found(&program, 4, "..x"), "no x in package __init__");
    assert_eq!(found(&program, 4, "...a"), "BeyondTopLevel");
}

#[test]
fn configured_roots_are_taken_as_they_are() {
    let files = [("app/x.py", "import y"), ("app/y.py", ""), ("z.py", "")];
    let roots_of = |paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        let program = with_roots(&files, Some(&paths));
        let named = names(&program).join(" ");
        (roots(&program).join(" "), named)
    };
    assert_eq!(
        roots_of(&["."]),
        (String::new(), "app.x app.y z".to_owned())
    );
    assert_eq!(roots_of(&["app/"]), ("app ".to_owned(), "x y z".to_owned()));
    assert_eq!(
        roots_of(&["./app", "none", ""]),
        ("app ".to_owned(), "x y z".to_owned())
    );
    assert_eq!(
        roots_of(&["none"]),
        (String::new(), "app.x app.y z".to_owned())
    );
}

#[test]
fn an_empty_tree() {
    let program = program(&[]);
    assert_eq!(roots(&program), [""]);
    assert!(program.modules().is_empty());
}

#[test]
fn a_directory_of_data_within_a_package() {
    let program = program(&[
        ("pkg/__init__.py", ""),
        ("pkg/tests/__init__.py", "from . import data"),
        ("pkg/tests/data/utf-8.file", ""),
        ("pkg/__pycache__/x.txt", ""),
        ("data/utf-8.file", ""),
    ]);
    let found = |package: &str, name: &str| {
        let module = program.by_name[&Name::new(package)];
        text(&program, program.submodule(module, Name::new(name)))
    };
    assert_eq!(found("pkg.tests", "data"), "namespace pkg.tests.data");
    assert_eq!(
        found("pkg.tests", "other"),
        "no pkg.tests.other in package pkg.tests"
    );
    assert_eq!(
        found("pkg", "__pycache__"),
        "no pkg.__pycache__ in package pkg"
    );
}

#[test]
fn tests_laid_out_like_what_they_test_mean_that() {
    let files = [
        ("src/shop/__init__.py", ""),
        ("src/shop/kinds.py", "SIZE = 1"),
        ("src/shop/till/__init__.py", ""),
        ("src/shop/till/drawer.py", ""),
        ("tests/shop/__init__.py", ""),
        ("tests/shop/till/__init__.py", ""),
        (
            "tests/shop/till/test_drawer.py",
            "from shop.kinds import SIZE\nfrom shop.till import drawer\nimport tools",
        ),
        (
            "tests/shop/test_kinds.py",
            "from shop.kinds import SIZE\nfrom tools import x",
        ),
        ("tests/tools.py", "x = 1"),
    ];
    let within = program(&[&files[..], &[("tests/__init__.py", "")]].concat());
    assert_eq!(found(&within, 6, "shop.kinds"), "module shop.kinds");
    assert_eq!(
        found(&within, 6, "shop.till.drawer"),
        "module shop.till.drawer"
    );
    assert_eq!(found(&within, 7, "shop.kinds"), "module shop.kinds");
    // Without that file the tests' own package is the one that a runner finds.
    let beside = program(&files);
    assert_eq!(
        found(&beside, 6, "shop.kinds"),
        "no shop.kinds in package shop"
    );
}

/// A folder that holds a distribution called like what that needs is not what is imported, nor is one into which nobody goes; one with modules is.
#[test]
fn folders_that_no_import_goes_into() {
    let program = program(&[
        (
            "embedders/openai/shop/embedders/openai.py",
            "import openai\nfrom openai import OpenAI\nfrom shop.tools import cut",
        ),
        ("embedders/start.py", "import plain.paint"),
        ("embedders/plain/paint.py", ""),
        ("embedders/tools/inner/cut.py", ""),
        ("core/shop/tools/__init__.py", "cut = 1"),
    ]);
    assert_eq!(found(&program, 0, "openai"), "External");
    assert_eq!(found(&program, 1, "tools"), "External");
    assert_eq!(found(&program, 1, "plain.paint"), "module plain.paint");
    assert_eq!(
        found(&program, 1, "plain.brush"),
        "no plain.brush in namespace plain"
    );
}

/// Where several distributions lie beside each other, each with a part of one namespace package, a part that is called like what it needs is not that.
#[test]
fn parts_of_a_namespace_package_are_no_roots() {
    let program = program(&[
        ("all-1.0.dist-info/", ""),
        ("shop-core/shop/core.py", ""),
        (
            "shop-embedders/cohere/shop/embedders/cohere/__init__.py",
            "",
        ),
        (
            "shop-embedders/cohere/shop/embedders/cohere/client.py",
            "import cohere\nfrom shop.core import cut",
        ),
        (
            "shop-rankers/ranker.py",
            "import cohere\nfrom shop.core import cut\nfrom cohere import Client",
        ),
    ]);
    let elsewhere = "package shop-embedders.cohere.shop.embedders.cohere elsewhere";
    assert_eq!(found(&program, 2, "cohere"), elsewhere);
    assert_eq!(found(&program, 3, "cohere"), elsewhere);
}

/// A script in a package finds the inner package of the same name first, where the outer one lacks what it asks for.
#[test]
fn packages_called_like_those_around_them() {
    let program = program(&[
        ("all-1.0.dist-info/", ""),
        ("client/__init__.py", ""),
        (
            "client/client.py",
            "from client.database import Store\nif __name__ == '__main__':\n    Store()",
        ),
        ("client/client/__init__.py", ""),
        ("client/client/database.py", "from client.models import One"),
        ("client/client/models.py", "One = 1"),
    ]);
    assert_eq!(found(&program, 1, "client.database"), "Ambiguous");
    assert_eq!(found(&program, 3, "client.models"), "Ambiguous");
    assert_eq!(
        found(&program, 3, "client.nothing"),
        "no client.nothing in package client"
    );
    let without_script = self::program(&[
        ("all-1.0.dist-info/", ""),
        ("client/__init__.py", "from client.database import Store"),
        ("client/client/__init__.py", ""),
        ("client/client/database.py", ""),
    ]);
    assert_eq!(
        found(&without_script, 0, "client.database"),
        "no client.database in package client"
    );
}
