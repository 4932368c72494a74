//! What a runtime brings along.

/// A runtime with packages of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// AWS Lambda's for Python; whether something says so, or only the name of the module that it starts.
    Lambda {
        /// Whether a template or the configuration says so.
        declared: bool,
    },
}

/// What lies on the path of Lambda's images for Python: the SDK and what it needs, the runtime client and what it needs.
const LAMBDA: [&str; 12] = [
    "awslambdaric",
    "bootstrap",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "rapidjson",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "urllib3",
];

impl Runtime {
    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        "AWS Lambda's runtime"
    }

    /// Whether it brings a top-level module along.
    #[must_use]
    pub fn provides(self, top: &str) -> bool {
        LAMBDA.contains(&top)
    }
}

#[cfg(test)]
mod tests {
    use super::{LAMBDA, Runtime};

    #[test]
    fn lambda_has_the_sdk() {
        assert!(LAMBDA.is_sorted());
        let lambda = Runtime::Lambda { declared: true };
        assert!(lambda.provides("boto3") && !lambda.provides("requests"));
    }
}
