//! The calls that come from outside: a Lambda function's runtime calls its handler with an event and a context.

use crate::facts::{FailureKind, LostEntry};
use crate::name::Name;
use crate::program::{EntryPoint, ModuleId};
use crate::syntax::ir::Range;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::objects::attribute::Attribute;

impl<'p> Evaluator<'p> {
    /// Checks the functions at which execution starts.
    pub fn check_entry_points(&mut self) {
        for entry in self.program.entry_points() {
            if let Some(module) = entry.module {
                self.check_entry_point(entry, module);
            }
        }
    }

    /// The entry points whose modules are gone.
    pub fn lost_entries(&self) -> Vec<LostEntry> {
        let all = self.program.entry_points().iter();
        let lost = all.filter(|entry| entry.module.is_none() && entry.is_required());
        lost.map(|entry| LostEntry {
            module: entry.module_name,
            function: entry.function,
            path: entry.path.clone(),
            named_by: entry.named_by.clone(),
            is_deployed: entry.is_deployed,
        })
        .collect()
    }

    fn check_entry_point(&mut self, entry: &EntryPoint, module: ModuleId) {
        let Some(context) = self.modules[module.0 as usize].context else {
            return;
        };
        let ir = &self.program.module(module).ir;
        let mut frame = Frame::of_module(context, module, ir);
        let name = entry.function;
        let (exception, range) = match self.module_attribute(&mut frame, module, name) {
            Attribute::Missing if entry.is_required() => {
                let text = format!(
                    "AttributeError: module '{}' has no attribute '{name}'",
                    entry.module_name
                );
                (text, Range::default())
            }
            Attribute::Found(function) => {
                let range = self.where_defined(module, function);
                match self.refuses_event(&mut frame, function, range) {
                    Some(text) => (text, range),
                    None => return,
                }
            }
            _ => return,
        };
        let failure = missing_handler(name, exception, range);
        self.contexts[context.0 as usize].failures.push(failure);
    }

    /// CPython's text, if a call with an event and a context certainly fails.
    fn refuses_event(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        range: Range,
    ) -> Option<String> {
        let site = Site {
            call: None,
            range,
            shift: 0,
            dynamic: false,
            alternative: false,
        };
        let event = Actual::of(vec![Value::UNKNOWN, Value::UNKNOWN]);
        let invoked = self.invoke(frame, site, function, &event);
        invoked.refusal.map(|refusal| refusal.exception)
    }

    /// The header of a function of the module; the module's first byte for anything else.
    fn where_defined(&self, module: ModuleId, function: Value) -> Range {
        match self.data(function) {
            Data::Function(object) if object.function.module == module => {
                self.program.module(module).ir[object.function.id].header
            }
            _ => Range::default(),
        }
    }
}

fn missing_handler<'p>(name: Name, exception: String, range: Range) -> LocalFailure<'p> {
    LocalFailure {
        exception: Some(exception),
        ..LocalFailure::at(
            FailureKind::MissingHandler,
            name,
            range,
            "is called from outside",
        )
    }
}
