//! CS5: what is deployed, and what it is deployed as.

mod broken;
pub mod findings;
mod stated;
mod words;

pub use broken::tell_what_breaks;
pub use findings::{findings, leave_out_explained, of_template, wrong_digest};

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A function at which execution starts that is not there, is no function, or does not take an event and a context. What starts is named by a
    /// template beside the code (AWS SAM, CloudFormation, `serverless.yml`) or by `entry-points` in the configuration; without either it is
    /// `lambda_handler` in a module `lambda_function` at an import root.
    ///
    /// A module that the deployed version has and this one lacks is an error; one that a template names and that was never there, a warning: a
    /// build may bring it along. What a template leaves to a parameter (`!Ref`, `!Sub`), or lays beside the code in a layer, is not judged.
    ///
    /// ## Why it matters
    ///
    /// No call in the tree leads there, so no other check sees it: the first to find out is the first request after the deployment, and every
    /// one after it.
    ///
    /// ## Example
    ///
    /// ```python
    /// # lambda_function.py
    /// def lambda_handler(event):
    ///     return {'statusCode': 200}
    /// ```
    ///
    /// ```text
    /// TypeError: lambda_handler() takes 1 positional argument but 2 were given
    /// ```
    ///
    /// Take what the runtime passes:
    ///
    /// ```python
    /// # lambda_function.py
    /// def lambda_handler(event, context):
    ///     return {'statusCode': 200}
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A renamed handler: keep the old name as an alias until the template has shipped, or ship both at once.
    MISSING_HANDLER = "CS501", "missing-handler", Error, "The function at which execution starts is not there, or refuses the call";

    /// ## What it finds
    ///
    /// A file that the entry points lead to, and that is neither in the package nor in a layer: a module that something imports, at the top or in a function, a module that a table
    /// of names leads to, a data file that is opened by a literal path beside `__file__`. Each with the way from the entry point, and with the packager's rule that leaves such a
    /// file out, where one is known.
    ///
    /// An import that runs whenever the function starts makes an error, as does one that is caught or stands in a function: what it serves is off. A module whose name merely stands
    /// in a string is a warning.
    ///
    /// ## Why it matters
    ///
    /// The right code was checked and another package is uploaded. The first request finds out, or, where the import stands in a function, some later one.
    ///
    /// ## Example
    ///
    /// ```text
    /// $ zip deployment.zip src/*.py
    /// $ coship verify deployment.zip
    /// src/home: error: 'src/home' is not in the package: 7 files that the program needs, the first is src/home/__init__.py; src/lambda_function.py:12 imports home [missing-file]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Not before the package is made again. `coship pack` makes one of what is needed; a packager that leaves out a name by a rule of its own needs another name, or another packager.
    MISSING_FILE = "CS502", "missing-file", Error, "A file that the program needs is not in the package";

    /// ## What it finds
    ///
    /// A file that the package and the candidate both have, with different contents. Line ends alone are no difference. Where the content is that of an earlier revision, that
    /// one is named.
    ///
    /// ## Why it matters
    ///
    /// A zip that is updated in place, a cached build, a second checkout: what was reviewed and checked is not what will run, and half of it may be.
    ///
    /// ## Example
    ///
    /// ```text
    /// gateway_core.py:1:1: error: gateway_core.py is not the candidate's: it is that of v2025.10.21 (4f2c1e0, 2025-10-21) [stale-file]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package again from the candidate, from nothing: `zip` adds to a zip that is there.
    STALE_FILE = "CS503", "stale-file", Error, "A file of the package is not the candidate's";

    /// ## What it finds
    ///
    /// Secrets, by name (`.env`, `id_rsa`, `credentials`) and by content (private keys, tokens): an error. Modules that the candidate has deleted or never had, tests, caches,
    /// folders of version control: a warning.
    ///
    /// ## Why it matters
    ///
    /// A secret in a package is a secret in every place where packages are kept. A module that was deleted and is still there keeps imports alive that will fail in the next
    /// package, and hides others of its name.
    ///
    /// ## Example
    ///
    /// ```text
    /// .env: error: .env is in the package: the environment's secrets [extra-file]
    /// old_router.py:1:1: warning: old_router.py is in the package, and was deleted in 4f2c1e0 (2025-11-02) [extra-file]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package from nothing: `zip -u` and `zip -r` never take a file out of a zip that is there. A secret that was uploaded is to be replaced, not only removed.
    EXTRA_FILE = "CS504", "extra-file", Error, "A file of the package does not belong in it";

    /// ## What it finds
    ///
    /// A `.pyc` that CPython takes although it is of another source: one that is marked never to be checked (PEP 552) and whose hash is another source's, or one that notes the
    /// time and size of the source and has names that the source does not. Also a `.pyc` without source that is for another Python than the declared one.
    ///
    /// ## Why it matters
    ///
    /// Nothing shows it: the source in the package is the reviewed one, and other code runs.
    ///
    /// ## Example
    ///
    /// ```text
    /// __pycache__/core.cpython-311.pyc: error: __pycache__/core.cpython-311.pyc runs in place of core.py, and is of another source: it is marked never to be checked [stale-bytecode]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Without bytecode, or with bytecode that was made from these very sources. `coship pack` writes none.
    STALE_BYTECODE = "CS505", "stale-bytecode", Error, "Bytecode that runs in place of the reviewed source, or not at all";

    /// ## What it finds
    ///
    /// A file that is the beginning of the candidate's or the deployed version's and no more, one that has lost all its definitions, one that has the content of another file, and one with fewer lines
    /// than `min-lines` of the configuration wants.
    ///
    /// ## Why it matters
    ///
    /// An interrupted copy, a pasted page, an editor that saved half: what is left may even parse, and the names that are gone fail at run time.
    ///
    /// ## Example
    ///
    /// ```text
    /// cache_core.py:1:1: error: cache_core.py is cut off: the first 120 of the candidate's 310 lines [truncated-file]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package again from the candidate.
    TRUNCATED_FILE = "CS506", "truncated-file", Error, "A file of the package is not all of the candidate's";

    /// ## What it finds
    ///
    /// A package whose code lies in a folder, while what starts the function is looked for at its top.
    ///
    /// ## Why it matters
    ///
    /// `zip -r package.zip src` stores `src/lambda_function.py`. The runtime looks for `lambda_function.py`: no request gets any further.
    ///
    /// ## Example
    ///
    /// ```text
    /// src: error: the code lies in 'src', and lambda_function.py is looked for at the package's top [misplaced-root]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package from within the folder (`cd src && zip -r ../package.zip .`), or with `coship pack`.
    MISPLACED_ROOT = "CS507", "misplaced-root", Error, "The package was made from too far up: its code lies in a folder";

    /// ## What it finds
    ///
    /// A module beside a package of the same name, or beside a compiled module; one at the top that has the name of a module of the standard library; an `__init__.py` that makes a
    /// namespace package regular and so hides the half that lies in a layer; a module that the package and a layer have with different contents; a folder where Python looks for a
    /// file; an empty entry where the candidate has a folder (most likely a link to it was packed).
    ///
    /// ## Why it matters
    ///
    /// Python takes the first that it finds and says nothing of the other.
    ///
    /// ## Example
    ///
    /// ```text
    /// shop/__init__.py:1:1: error: shop/__init__.py hides what the layer base.zip has in python/shop: a regular package is one folder [shadowed-module]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Give one of them another name, or leave out the one that is not meant.
    SHADOWED_MODULE = "CS508", "shadowed-module", Error, "A module of the package is not the one that an import finds";

    /// ## What it finds
    ///
    /// Two files or folders whose names differ in nothing but case.
    ///
    /// ## Why it matters
    ///
    /// On a system that does not tell cases apart, one takes the other's place: a package that was unpacked and packed again there has only one of them.
    ///
    /// ## Example
    ///
    /// ```text
    /// Cache.py: warning: Cache.py and cache.py differ in case alone [case-collision]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Rename one of them.
    CASE_COLLISION = "CS509", "case-collision", Warning, "Two names in the package differ in case alone";

    /// ## What it finds
    ///
    /// A file or folder with a mode that lets nobody but its owner read it.
    ///
    /// ## Why it matters
    ///
    /// The function runs as another user than the one who owns its files: `Permission denied` at the first import.
    ///
    /// ## Example
    ///
    /// ```text
    /// core.py:1:1: error: core.py has mode 600: the function may not read it [unreadable-mode]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// `chmod -R a+rX` before packing, or `coship pack`, which writes 644 and 755 whatever the umask.
    UNREADABLE_MODE = "CS510", "unreadable-mode", Error, "The function may not read a file of the package";

    /// ## What it finds
    ///
    /// Names with a backslash, absolute ones, ones that lead out of the package, and links: errors. Names with `./` or `//`, which an unpacker puts in their place and an import
    /// from the zip does not find: a warning.
    ///
    /// ## Why it matters
    ///
    /// Each reader of zips makes something else of them. Nothing of it is ever written by coship.
    ///
    /// ## Example
    ///
    /// ```text
    /// a\\b.py: error: 'a\\b.py' has a backslash: on Linux this is one file name, and no folder [invisible-name]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package with a tool that writes plain names with `/`.
    INVISIBLE_NAME = "CS511", "invisible-name", Error, "A name in the package leads nowhere, or is seen by some readers only";

    /// ## What it finds
    ///
    /// A path that several members have. With different contents it is an error, with equal ones a warning.
    ///
    /// ## Why it matters
    ///
    /// The last one counts for Python and for most unpackers, the first one for some; and a reviewer sees either.
    ///
    /// ## Example
    ///
    /// ```text
    /// core.py:1:1: error: core.py is in the package more than once, with different contents: the last one counts [duplicate-entry]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package from nothing.
    DUPLICATE_ENTRY = "CS512", "duplicate-entry", Error, "A name is in the package twice";

    /// ## What it finds
    ///
    /// A compiled module for another version, build or implementation of Python than the declared one, for Windows, macOS or musl, or for another processor than the declared one, with none
    /// beside it that can be loaded instead; also a file that is no compiled module at all. Where no processor is declared: modules of which one is for x86_64 and another one for arm64.
    ///
    /// ## Why it matters
    ///
    /// Packages are often made on another machine than the one that runs them. One for another Python is not even seen; one for another system is an `ImportError`.
    ///
    /// ## Example
    ///
    /// ```text
    /// _yaml.cpython-312-x86_64-linux-gnu.so: error: ... is for Python 3.12, and Python 3.11 runs the package: it is not seen [foreign-extension]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Install for the target: `pip install --platform manylinux2014_x86_64 --python-version 3.11 --only-binary=:all: -t DIR`.
    FOREIGN_EXTENSION = "CS513", "foreign-extension", Error, "A compiled module is for another Python, system or processor";

    /// ## What it finds
    ///
    /// Members that are neither stored nor deflated, and encrypted ones.
    ///
    /// ## Why it matters
    ///
    /// Python's own importer and many unpackers know deflate alone.
    ///
    /// ## Example
    ///
    /// ```text
    /// core.py: error: core.py is compressed with method 12 (bzip2): stored and deflated members are unpacked everywhere [unsupported-compression]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Make the package with deflate, unencrypted.
    UNSUPPORTED_COMPRESSION = "CS514", "unsupported-compression", Error, "A member is compressed or encrypted in a way that is not unpacked everywhere";

    /// ## What it finds
    ///
    /// A zip of more than 50 MB (uploaded directly; by way of a bucket it may be larger, so this one is a warning), more than 250 MB unpacked with all layers, more than five layers.
    ///
    /// ## Why it matters
    ///
    /// The upload is refused, after everything else went well.
    ///
    /// ## Example
    ///
    /// ```text
    /// error: the package and its layers unpack to 262.4 MB, and 250 MB are accepted [over-limit]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Leave out what the runtime brings along (boto3 on AWS Lambda), tests and caches; move large data elsewhere.
    OVER_LIMIT = "CS515", "over-limit", Error, "The package exceeds a limit of AWS Lambda";

    /// ## What it finds
    ///
    /// A distribution whose RECORD lists modules that are not in the package, and one that requires another which neither the package nor a layer has and the runtime does not bring along.
    /// Markers are evaluated for the declared Python on Linux; without one, what is required under a marker is not judged.
    ///
    /// ## Why it matters
    ///
    /// A `dist-info` folder alone provides nothing. `pip install -t` twice into one folder, or an optimiser that deletes files, leaves such remains behind.
    ///
    /// ## Example
    ///
    /// ```text
    /// requests-2.32.5.dist-info/METADATA: warning: requests requires urllib3, and neither the package nor a layer has it [missing-dependency]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Install everything into an empty folder at once.
    MISSING_DEPENDENCY = "CS516", "missing-dependency", Warning, "A distribution in the package is not there as a whole, or lacks what it requires";

    /// ## What it finds
    ///
    /// Several `dist-info` folders of one distribution, and one distribution that requires another in versions that the one which is there is not of.
    ///
    /// ## Why it matters
    ///
    /// The files are those of whichever was installed last, mixed with what the other left behind; what reports versions takes either.
    ///
    /// ## Example
    ///
    /// ```text
    /// attrs-24.1.0.dist-info/RECORD: warning: attrs is there in versions 23.2.0 and 24.1.0 [version-conflict]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Install into an empty folder: `pip install -t DIR --upgrade` leaves the older `dist-info` there.
    VERSION_CONFLICT = "CS517", "version-conflict", Warning, "A distribution is in the package twice, or in a version that another does not want";

    /// ## What it finds
    ///
    /// A zip whose SHA-256 is another than `--expect-sha256` says, or than the `CodeSha256` of the function's configuration (`--aws-configuration FILE`).
    ///
    /// ## Why it matters
    ///
    /// What runs is not this package, or this is not the package that was reviewed.
    ///
    /// ## Example
    ///
    /// ```text
    /// $ aws lambda get-function-configuration --function-name shop > running.json
    /// $ coship verify package.zip --aws-configuration running.json
    /// package.zip:1:1: error: the package's CodeSha256 is ytQx..., and running.json has 8f3k... [wrong-digest]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Upload this package, or find out what the other one was made from: `--tree rev:REVISION`.
    WRONG_DIGEST = "CS518", "wrong-digest", Error, "The package is not the one that is expected";

    /// ## What it finds
    ///
    /// A function of a template (`--template`) whose `CodeUri` does not exist. A warning: a function that has no code at all, for which `sam build` takes the template's
    /// directory, and a `CodeUri` beside an `InlineCode`, which wins. What a template leaves to a parameter is not judged.
    ///
    /// ## Why it matters
    ///
    /// The deployment is refused, or deploys something else than is in the folder.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: error: Api: CodeUri 'sources/' does not exist [missing-code]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Name the folder as it is called, seen from the template.
    MISSING_CODE = "CS519", "missing-code", Error, "A template names code that is not there";

    /// ## What it finds
    ///
    /// A function of a template whose `Runtime` is a Python that AWS Lambda never had.
    ///
    /// ## Why it matters
    ///
    /// The linter is silent about `python3.99`; the deployment is refused.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: error: Api: there is no runtime 'python3.99' [unknown-runtime]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// With a runtime that exists. `coship check --python-version 3.13` says what the code makes of another version.
    UNKNOWN_RUNTIME = "CS520", "unknown-runtime", Error, "A template names a runtime that does not exist";

    /// ## What it finds
    ///
    /// A `Handler` that no code can serve: without a dot, with an empty part, one that begins with `.` or `/`, or names a module that is built into Python.
    ///
    /// ## Why it matters
    ///
    /// The deployment succeeds, and each request fails before any of the code runs.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: error: Api: the handler 'app' cannot be used: there is no dot: it is 'module.function' [unusable-handler]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// As `module.function`, the module as it is called from the top of the package: `app.handler`, `src.app.handler` or `src/app.handler`.
    UNUSABLE_HANDLER = "CS521", "unusable-handler", Error, "A template names a handler that no code can serve";

    /// ## What it finds
    ///
    /// A function of a template whose runtime AWS Lambda no longer supports. The days are those of a table in coship that says when it was made; what has ended since is not in it.
    ///
    /// ## Why it matters
    ///
    /// The runtime gets no corrections any more; some time later functions can neither be made nor changed with it, so that not even a correction of your own can be deployed.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: warning: Api: support for the runtime 'python3.9' ended on 2025-12-15 (as of 2026-11) [unsupported-runtime]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// With a newer runtime. `coship check --python-version 3.9,3.13` says what the code makes of both.
    UNSUPPORTED_RUNTIME = "CS522", "unsupported-runtime", Warning, "A template names a runtime whose support has ended";

    /// ## What it finds
    ///
    /// What starts a function in a template and cannot: an event with a type that SAM does not have, or without a property that its type needs; an event, a permission, a
    /// mapping or a rule that refers to a resource which the template does not declare, or to an API that is none; a route of an API that two functions have. In a
    /// `serverless.yml` the later function of an `http` route silently takes it; in SAM the description of an API does.
    ///
    /// Routes of OpenAPI descriptions (`DefinitionBody`, a `DefinitionUri` beside the template, `AWS::Include`) that lead to what the template does not declare, or to what is no
    /// function. Warnings: a route without integration, one whose function nothing allows the API to call, and an event whose route the description lacks: SAM completes that of an
    /// `HttpApi` in the template, and no other.
    ///
    /// Templates with macros other than SAM's may declare more than can be seen, and references in them are not judged.
    ///
    /// ## Why it matters
    ///
    /// The deployment is refused, after everything else was built and uploaded.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: error: Api: the event Orders of type SQS has no Queue [broken-event]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// With the event as SAM's reference has it.
    BROKEN_EVENT = "CS523", "broken-event", Error, "What starts a function in a template cannot start it";

    /// ## What it finds
    ///
    /// An environment variable that the code behind a handler reads as `os.environ['NAME']`, and that the function's `Environment` (or `Globals`, or `provider`) does not set. A
    /// read in a `try` that catches the `KeyError`, a file that also asks with `get` or `in`, variables that the code sets itself and those of the runtime are left out. Where
    /// only the deployment knows what is set, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// The function dies with a `KeyError`: when it starts if a module reads the variable, else with the first request that comes by.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: warning: Api: the environment variable 'TABLE' is not set, and src/app.py:4 reads it without a default [unset-variable]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The template with the variable before the code, or both at once.
    UNSET_VARIABLE = "CS524", "unset-variable", Warning, "Code reads an environment variable that its template does not set";

    /// ## What it finds
    ///
    /// An installed distribution in the package of which no import leads to any file, from where execution starts, and that no distribution which is used requires. A plug-in counts
    /// as asked for where something that is used names its group of entry points. What a computed name finds cannot be seen: it is information, no more.
    ///
    /// ## Why it matters
    ///
    /// It weighs: on the limits of a package, on each upload and on each start of a container.
    ///
    /// ## Example
    ///
    /// ```text
    /// pandas-2.2.3.dist-info/RECORD: info: nothing that the function starts imports pandas, which has 1421 Python files [unused-requirement]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order: nothing asks for it. `coship pack` takes only distributions of which something is needed.
    UNUSED_REQUIREMENT = "CS525", "unused-requirement", Info, "Nothing asks for a distribution in the package";

    /// ## What it finds
    ///
    /// A function of a template that has neither an event nor an address, and that nothing else in the template names: no permission, no API, no state machine, no policy of a
    /// caller, no output. Alarms and groups of logs do not count. Somebody may call it by name from elsewhere: it is information, no more.
    ///
    /// ## Why it matters
    ///
    /// Often the event was lost, or stands at another function: the code is deployed and checked, and no request reaches it.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: info: Report: nothing in the template starts it [orphan-function]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order. A function that nobody calls can go.
    ORPHAN_FUNCTION = "CS526", "orphan-function", Info, "Nothing in a template starts a function";

    /// ## What it finds
    ///
    /// In a template: code that differs from the version that is compared with (`--against`), under the same object in the same bucket (`S3Key`, `CodeUri: s3://...`), with the same version of
    /// that object if one is stated, or with the same `AutoPublishCodeSha256`; an `AutoPublishCodeSha256` that is not the digest of the package; and one that no logical id can hold.
    ///
    /// ## Why it matters
    ///
    /// CloudFormation compares the template with the last one, and not the code: where the key is the same nothing is updated. SAM publishes a version only where `CodeUri` or
    /// `AutoPublishCodeSha256` changed (aws-sam-translator 1.115.0), and the alias goes on leading to the old one.
    ///
    /// ## Example
    ///
    /// ```text
    /// template.yaml:1:1: warning: Api: the code changed, and 's3://code/api.zip' is the one of v1.0: what runs stays as it is [unchanged-key]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// With a key that holds the package's digest, as `aws cloudformation package` and `sam package` make it; `coship verify` and `coship pack` print the digest.
    UNCHANGED_KEY = "CS527", "unchanged-key", Warning, "The code changed, and what a template names it by did not";
}
