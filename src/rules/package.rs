//! CS5: what is deployed, and what it is deployed as.

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
}
