//! What a template states about its functions in Python that can be judged before a deployment: code, runtime, handler.
//!
//! What it leaves to a parameter or a condition is not judged.

use super::events::Trigger;
use super::functions::{Code, Function};
use super::runtimes::{Support, support};

/// What is wrong with what a template states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The path of the code does not exist.
    NoSuchCode(String),
    /// Nothing says where the code is; `sam build` takes the template's directory.
    NoCode,
    /// A path of the code counts for nothing, since the code is written out in the template.
    CodeBesideInline(String),
    /// There is no such runtime.
    NoSuchRuntime(String),
    /// Support for the runtime has ended: the day.
    OldRuntime(String, &'static str),
    /// The handler cannot be used: what the runtime's client says, and why.
    Handler(String, &'static str),
    /// What starts it is wrong.
    Trigger(Trigger),
    /// The code changed, and what names it did not: what that is, and the version that has it too.
    Unchanged(String, String),
    /// `AutoPublishCodeSha256` is not the package's digest: what it is, and that digest in hex.
    OtherDigest(String, String),
    /// `AutoPublishCodeSha256` has characters that no logical id may have.
    DigestAsId(String),
    /// An environment variable is not set that the code reads without a default: the variable, and where.
    Unset(String, String),
}

/// Modules that are built into the interpreter and that the runtime's client refuses as handlers (awslambdaric 4.2.2, `bootstrap._get_handler`).
const BUILTIN: [&str; 5] = ["time", "sys", "gc", "marshal", "posix"];

impl Function {
    /// What is wrong with what is stated of it. `exists` says whether a path, seen from the template's directory, is there.
    #[must_use]
    pub fn faults(&self, exists: impl Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        match &self.code {
            Code::Local(path) if !self.is_only_noted && !exists(path) => {
                faults.push(Fault::NoSuchCode(path.clone()))
            }
            Code::Nowhere => faults.push(Fault::NoCode),
            Code::Inline(Some(path)) => faults.push(Fault::CodeBesideInline(path.clone())),
            _ => {}
        }
        if let Some(runtime) = &self.runtime {
            match support(runtime) {
                Support::Supported => {}
                Support::Ended(day) => faults.push(Fault::OldRuntime(runtime.clone(), day)),
                Support::NoSuch => faults.push(Fault::NoSuchRuntime(runtime.clone())),
            }
            if let Some(digest) = &self.publishes
                && !digest.chars().all(|c| c.is_ascii_alphanumeric())
            {
                faults.push(Fault::DigestAsId(digest.clone()));
            }
            if let Some(handler) = &self.handler
                && let Some(why) = unusable(handler)
            {
                faults.push(Fault::Handler(handler.clone(), why));
            }
        }
        faults
    }
}

/// What functions have as before although their code changed, each with the function's name: the object that is uploaded, and the digest that makes SAM publish a version.
/// CloudFormation compares these and not the code, so that the old code goes on running. `name` is the version that `deployed` is of.
#[must_use]
pub fn unchanged(
    functions: &[Function],
    deployed: &[Function],
    name: &str,
) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    for function in functions {
        let Some(before) = deployed.iter().find(|it| it.name == function.name) else {
            continue;
        };
        let pairs = [
            (&function.object, &before.object),
            (&function.publishes, &before.publishes),
        ];
        for (now, before) in pairs {
            if let Some(now) = now
                && before.as_ref() == Some(now)
            {
                let fault = Fault::Unchanged(now.clone(), name.to_owned());
                faults.push((function.name.clone(), fault));
            }
        }
    }
    faults
}

/// The function whose `AutoPublishCodeSha256` is not the digest of the package that is uploaded for it. With several functions that state one, any of these may be the package's.
#[must_use]
pub fn other_digest(functions: &[Function], hex: &str, base64: &str) -> Option<(String, Fault)> {
    let mut stated = functions
        .iter()
        .filter_map(|function| Some((function, function.publishes.as_ref()?)));
    let (function, digest) = stated.next()?;
    let is_it = digest.eq_ignore_ascii_case(hex) || digest == base64;
    // What is no SHA-256 may stand for the code in another way.
    let is_digest = digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit());
    (stated.next().is_none() && is_digest && !is_it).then(|| {
        let fault = Fault::OtherDigest(digest.clone(), hex.to_owned());
        (function.name.clone(), fault)
    })
}

/// Whether the runtime sets an environment variable itself (the developer guide, "Defined runtime environment variables").
#[must_use]
pub fn is_set_by_the_runtime(variable: &str) -> bool {
    let own = [
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONPATH",
        "TZ",
    ];
    variable.starts_with("AWS_") || own.contains(&variable)
}

/// Why no handler of that name can be loaded, whatever the code has (awslambdaric 4.2.2).
fn unusable(handler: &str) -> Option<&'static str> {
    let Some((module, function)) = handler.rsplit_once('.') else {
        return Some("there is no dot: it is 'module.function'");
    };
    if function.is_empty() || module.is_empty() {
        return Some("it is 'module.function', and one of them is empty");
    }
    if handler.starts_with(['.', '/']) {
        return Some("it begins with '.' or '/': the runtime takes that for a relative import");
    }
    if module.contains("//") {
        return Some("it has an empty part");
    }
    BUILTIN
        .contains(&module)
        .then_some("a module of that name is built into Python")
}

#[cfg(test)]
mod tests {
    use super::Fault;
    use crate::template::{Code, functions};

    const TEMPLATE: &str = "
Globals:
  Function:
    Runtime: python3.12
Resources:
  Good:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/, Handler: src/app.handler}
  Lost:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: gone/, Handler: app, Runtime: python3.99}
  Nowhere:
    Type: AWS::Serverless::Function
    Properties: {Handler: ./src/app.handler, Runtime: python3.8, Architectures: [arm64]}
  Both:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: 'x', CodeUri: src/, Handler: index.handler}
  Open:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: !Ref Where, Handler: !Sub '${A}.b', Runtime: !Ref Which}
  Bucket:
    Type: AWS::Lambda::Function
    Properties: {Code: {S3Bucket: b, S3Key: k}, Handler: time.handler, Runtime: python3.13}
  Other:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs20.x}
";

    #[test]
    fn what_is_stated_is_judged_and_what_is_open_is_not() {
        let found = functions("template.yaml", TEMPLATE);
        let names: Vec<&str> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Good", "Lost", "Nowhere", "Both", "Open", "Bucket"]);
        let faults: Vec<Vec<Fault>> = found
            .iter()
            .map(|it| it.faults(|path| path == "src/"))
            .collect();
        assert_eq!(faults[0], []);
        assert_eq!(faults[1].len(), 3);
        assert_eq!(faults[1][0], Fault::NoSuchCode("gone/".to_owned()));
        assert_eq!(faults[2].len(), 3);
        assert_eq!(found[2].processor, Some("arm64"));
        assert_eq!(faults[3], [Fault::CodeBesideInline("src/".to_owned())]);
        assert_eq!(found[4].code, Code::Elsewhere);
        assert_eq!(faults[4], []);
        assert_eq!(faults[5].len(), 1);
    }
}
