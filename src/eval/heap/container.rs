//! Lists, sets, dicts and tuples: their items, and what subscripts read, write and delete.

use std::rc::Rc;

use crate::facts::{Confidence, FailureKind};
use crate::syntax::ir::{Expr, ExprKind};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::reuse::changes::About;
use crate::eval::reuse::content::Part;

use crate::eval::domain::state::{Dict, Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::range_length;
use crate::eval::domain::value::{Data, Kind, SharedId, Value};
use crate::eval::domain::written::UNKNOWN_TEXT;
use crate::eval::exceptions::class::KEY_ERROR;
use crate::eval::interpreter::frame::{Decision, Frame, LocalFailure};
use crate::eval::interpreter::operation::Wrong;

/// How many letters of a text are told apart.
const ITEMS: usize = 256;

/// How many letters or numbers a loop goes through one by one.
const FEW: usize = 4;

impl<'p> Evaluator<'p> {
    /// The content of a list, set or dict, with what unseen code may have done to it.
    pub fn object_of(&mut self, frame: &Frame<'p>, value: Value) -> Option<Rc<Object>> {
        self.object_for(frame, value, None)
    }

    /// A list, set or dict as it was made, for someone who asks what type it has and nothing of its content: that stays the same whatever is put into it, so that it
    /// is no look into a container that functions fill.
    pub fn container_at<'a>(&'a self, frame: &'a Frame<'p>, value: Value) -> Option<&'a Object> {
        let shared = |id: SharedId| &*self.shared[id.0 as usize].object;
        match *self.data(value) {
            Data::Local(id) => Some(match frame.state.object(id) {
                Object::Moved(id) => shared(*id),
                object => object,
            }),
            Data::Shared(id) => Some(shared(id)),
            _ => None,
        }
    }

    /// The same for someone who asks for one key.
    pub fn object_for(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
        key: Option<Value>,
    ) -> Option<Rc<Object>> {
        match *self.data(value) {
            Data::Local(id) => match frame.state.object(id) {
                Object::Moved(shared) => Some(self.shared_object(frame, *shared, key)),
                _ => Some(frame.state.object_rc(id)),
            },
            Data::Shared(id) => Some(self.shared_object(frame, id, key)),
            _ => None,
        }
    }

    /// The object after code that may have done anything to it but make it something else.
    pub fn opened(&mut self, object: &Object) -> Object {
        match object {
            Object::Dict(dict) => {
                let mut dict = dict.clone();
                for entry in &mut dict.entries {
                    entry.value = self.values.join(entry.value, Value::UNKNOWN);
                    entry.certain = false;
                }
                let rest = self.any_rest(dict.rest);
                dict.open_up(rest);
                Object::Dict(dict)
            }
            Object::List(items) => Object::List(self.opened_sequence(items)),
            Object::Set(items) => Object::Set(self.opened_sequence(items)),
            other => other.clone(),
        }
    }

    /// The object after code that may have put such items there, taken others out, and done nothing else.
    pub fn opened_to(&mut self, object: &Object, item: Value) -> Object {
        let Object::Dict(dict) = object else {
            return match object {
                Object::List(items) => Object::List(self.sequence_opened_to(items, item)),
                Object::Set(items) => Object::Set(self.sequence_opened_to(items, item)),
                other => other.clone(),
            };
        };
        let mut dict = dict.clone();
        for entry in &mut dict.entries {
            let known = self.as_item(entry.value).unwrap_or(Value::UNKNOWN);
            entry.value = self.values.join(known, item);
            entry.certain = false;
        }
        let rest = self.rest_with(&dict, item);
        dict.open_up(rest);
        Object::Dict(dict)
    }

    fn sequence_opened_to(&mut self, sequence: &Sequence, item: Value) -> Sequence {
        let rest = match sequence.any(&mut self.values) {
            Some(known) => {
                let known = self.as_item(known).unwrap_or(Value::UNKNOWN);
                self.values.join(known, item)
            }
            None => item,
        };
        Sequence::of_any(rest).in_form(sequence.form)
    }

    /// The same for an object that others hold as well: most that a loop goes over once more may be anything already.
    pub fn opened_rc(&mut self, object: &Rc<Object>) -> Rc<Object> {
        if self.is_opened(object) {
            Rc::clone(object)
        } else {
            Rc::new(self.opened(object))
        }
    }

    /// Whether [`Self::opened`] gives just the same.
    fn is_opened(&mut self, object: &Object) -> bool {
        match object {
            Object::List(sequence) | Object::Set(sequence) => {
                sequence.items.is_empty()
                    && sequence
                        .rest
                        .is_some_and(|rest| self.values.join(rest, Value::UNKNOWN) == rest)
            }
            Object::Dict(_) => false,
            Object::Anything | Object::Moved(_) => true,
        }
    }

    /// What further keys of a dict lead to, once code that is not known has it; the call graph remembers what else they led to.
    pub fn any_rest(&mut self, rest: Option<Value>) -> Value {
        match rest.filter(|_| self.is_graph()) {
            Some(rest) => self.values.join(rest, Value::UNKNOWN),
            None => Value::UNKNOWN,
        }
    }

    fn opened_sequence(&mut self, sequence: &Sequence) -> Sequence {
        let rest = sequence.any(&mut self.values);
        let rest = rest.map_or(Value::UNKNOWN, |rest| {
            self.values.join(rest, Value::UNKNOWN)
        });
        Sequence::of_any(rest).in_form(sequence.form)
    }

    /// Changes a container. `change` gets the content, and whether the change certainly happens. `key`: the only item of a dict that it changes.
    pub fn change_object(
        &mut self,
        frame: &mut Frame<'p>,
        value: Value,
        key: Option<Value>,
        change: &mut dyn FnMut(&mut Self, &mut Object, bool),
    ) {
        match self.data(value).clone() {
            Data::Local(id) => {
                if let Object::Moved(shared) = *frame.state.object(id) {
                    self.change_shared(frame, shared, key, change);
                } else {
                    let mut object = frame.state.take_object(id);
                    change(self, Rc::make_mut(&mut object), true);
                    frame.state.set_object(id, object);
                }
            }
            Data::Shared(id) => self.change_shared(frame, id, key, change),
            Data::Union(members) => {
                for &member in members.iter() {
                    let shared = match *self.data(member) {
                        Data::Shared(id) => id,
                        Data::Local(id) => {
                            if let Object::Moved(shared) = *frame.state.object(id) {
                                shared
                            } else {
                                let mut object = frame.state.object(id).clone();
                                change(self, &mut object, true);
                                let joined =
                                    frame.state.object_rc(id).join(&object, &mut self.values);
                                frame.state.set_object(id, Rc::new(joined));
                                continue;
                            }
                        }
                        _ => continue,
                    };
                    if self.is_graph() {
                        self.change_shared(frame, shared, key, change);
                    } else {
                        self.acts_on_shared(shared, None);
                        self.content_rests_on_looks(shared, Part::Opened);
                        self.shared[shared.0 as usize].changed = true;
                    }
                }
            }
            _ => {}
        }
    }

    /// The items of an iterable of known length, in order.
    pub fn known_items(&mut self, frame: &Frame<'p>, value: Value) -> Option<Vec<Value>> {
        let value = self.plain_or_self(value);
        match *self.data(value) {
            Data::Tuple(ref items) => return Some(items.to_vec()),
            Data::Class { class, .. } => return self.enum_members(class),
            Data::Str(text) if text.len() <= ITEMS => {
                let letters = text.chars();
                return Some(
                    letters
                        .map(|letter| self.values.text(&letter.to_string()))
                        .collect(),
                );
            }
            Data::Bytes(text) if text.len() <= ITEMS => {
                let bytes = text.chars().map(|byte| i128::from(u32::from(byte)));
                return Some(bytes.map(|byte| self.values.int(byte)).collect());
            }
            Data::Range { start, stop, step } => {
                let length = i128::from(range_length(start, stop, step));
                let numbers = (0..length).map(|at| i128::from(start) + at * i128::from(step));
                return (length <= 64).then(|| numbers.map(|at| self.values.int(at)).collect());
            }
            _ => {}
        }
        match &*self.object_of(frame, value)? {
            Object::List(sequence) | Object::Set(sequence) if sequence.rest.is_none() => {
                Some(sequence.items.clone())
            }
            Object::Dict(dict)
                if dict.rest.is_none() && dict.entries.iter().all(|entry| entry.certain) =>
            {
                Some(dict.entries.iter().map(|entry| entry.key).collect())
            }
            _ => None,
        }
    }

    /// The same for a loop, which takes the items of a range or of a text one by one only if they are few: no code is written for one of them.
    pub fn items_to_loop_over(&mut self, frame: &Frame<'p>, value: Value) -> Option<Vec<Value>> {
        let value = self.plain_or_self(value);
        let many = match *self.data(value) {
            Data::Str(text) | Data::Bytes(text) => text.len() > FEW,
            Data::Range { start, stop, step } => range_length(start, stop, step) > FEW as u64,
            _ => false,
        };
        if many {
            None
        } else {
            self.known_items(frame, value)
        }
    }

    fn is_empty_display(&self, frame: &Frame<'p>, value: Value) -> bool {
        match self.data(value) {
            Data::Tuple(items) => items.is_empty(),
            Data::Local(id) => {
                matches!(frame.state.object(*id), Object::List(list) if *list == Sequence::default())
            }
            _ => false,
        }
    }

    /// Any one item of an iterable.
    pub fn any_item(&mut self, frame: &Frame<'p>, value: Value) -> Value {
        if let Some(members) = self.values.union_of(value) {
            let mut items = Vec::new();
            for &member in members.iter() {
                // `table.get(key, ())`: nothing comes out of an empty one.
                if self.is_empty_display(frame, member) {
                    continue;
                }
                let item = self.any_item(frame, member);
                items.extend(self.values.alternatives(item));
            }
            return self.values.union(items);
        }
        let value = self.plain_or_self(value);
        match *self.data(value) {
            Data::Tuple(ref items) => {
                let flat = items.to_vec();
                let flat = flat
                    .into_iter()
                    .flat_map(|item| self.values.alternatives(item))
                    .collect();
                return self.values.union(flat);
            }
            Data::Str(_) | Data::Of(Kind::Str) | Data::Truthy(Kind::Str) => {
                return self.values.truthy(Kind::Str);
            }
            Data::Range { .. } | Data::Bytes(_) => return self.values.of(Kind::Int),
            Data::Of(Kind::Range | Kind::Bytes) | Data::Truthy(Kind::Range | Kind::Bytes) => {
                return self.values.of(Kind::Int);
            }
            _ => {}
        }
        match self.object_of(frame, value).as_deref() {
            Some(Object::List(sequence) | Object::Set(sequence)) => {
                sequence.any(&mut self.values).unwrap_or(Value::UNKNOWN)
            }
            Some(Object::Dict(dict)) if dict.rest.is_none() => {
                let keys = dict.entries.iter().map(|entry| entry.key).collect();
                self.values.union(keys)
            }
            Some(Object::Dict(dict))
                if dict
                    .entries
                    .iter()
                    .all(|entry| matches!(self.values.get(entry.key), Data::Str(_))) =>
            {
                Value::UNKNOWN
            }
            _ => Value::UNKNOWN,
        }
    }

    /// The known keys (items) of a container with their certainty, and whether there are no others.
    pub fn known_keys(
        &mut self,
        frame: &Frame<'p>,
        container: Value,
        asked: Option<Value>,
    ) -> Option<(Vec<(Value, bool)>, bool)> {
        if let Data::Tuple(items) = self.data(container) {
            return Some((items.iter().map(|&item| (item, true)).collect(), true));
        }
        let object = self.object_for(frame, container, asked)?;
        keys_of(&object, asked)
    }

    /// The least and the greatest number of items.
    pub fn object_size(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
    ) -> Option<(usize, Option<usize>)> {
        match &*self.object_of(frame, value)? {
            Object::Dict(dict) => Some((
                dict.entries.iter().filter(|entry| entry.certain).count(),
                dict.rest.is_none().then_some(dict.entries.len()),
            )),
            Object::Set(set) => {
                let is_known = set.items.iter().all(|&item| is_key(&self.values, item));
                let least = if is_known {
                    set.items.len()
                } else {
                    set.items.len().min(1)
                };
                Some((least, set.rest.is_none().then_some(set.items.len())))
            }
            Object::List(sequence) => Some((
                sequence.items.len(),
                sequence.rest.is_none().then_some(sequence.items.len()),
            )),
            _ => None,
        }
    }

    /// `base[index]`.
    pub fn subscript(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        index: Value,
    ) -> Value {
        let before = frame.failures.len();
        self.check_subscript(frame, expr, base, index);
        if let ExprKind::Subscript { value, .. } = &expr.kind {
            self.leave_failed(frame, value, base, before);
        }
        if let Some(members) = self.values.union_of(base) {
            return self.of_each(frame, &members, |own, frame, member| {
                own.subscript_one(frame, expr, member, index, false)
            });
        }
        self.subscript_one(frame, expr, base, index, true)
    }

    fn subscript_one(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        index: Value,
        only: bool,
    ) -> Value {
        if let Some(members) = self.values.union_of(index) {
            return self.of_each(frame, &members, |own, frame, member| {
                own.subscript_one(frame, expr, base, member, false)
            });
        }
        if let Some(item) = self.read_item(frame, base, index) {
            return item;
        }
        let base = self.plain_or_self(base);
        match self.data(base).clone() {
            Data::Tuple(items) => {
                if let Data::Slice(bounds) = self.data(index) {
                    let bounds = *bounds.clone();
                    return match self.cut(&bounds, &items) {
                        Some(items) => self.values.tuple(items),
                        None => self.values.of(Kind::Tuple),
                    };
                }
                self.sequence_item(frame, &items, None, index)
            }
            Data::Str(_) | Data::Bytes(_) | Data::Range { .. } => {
                self.plain_item(frame, base, index)
            }
            Data::Local(_) | Data::Shared(_) => match self.made_list(frame, base, index, None) {
                Some(list) => list,
                None => self.object_item(frame, expr, base, index, only),
            },
            Data::Class { class, .. } => {
                let asked = only.then_some(expr.range);
                self.class_item(frame, asked, (class, base), index)
            }
            // An item of what a class of the library made.
            Data::External(made) if made.ends_with("()") => {
                self.may_raise(frame);
                Value::UNKNOWN
            }
            // `Dict[str, Any]`
            Data::External(name) => {
                match (name.as_str(), self.data(index)) {
                    ("os.environ", _) => {
                        self.may_raise(frame);
                        self.values.of(Kind::Str)
                    }
                    ("sys.version_info", Data::Int(0)) => self.values.int(3),
                    // The first parts are ordered as the whole.
                    ("sys.version_info", Data::Slice(_)) => base,
                    ("sys.version_info", _) => self.values.of(Kind::Int),
                    ("typing.Union", Data::Tuple(members)) => {
                        let members = members.clone();
                        self.values.intern(Data::Either(members))
                    }
                    ("typing.Optional", _) => self
                        .values
                        .intern(Data::Either([index, Value::NONE].into())),
                    _ => base,
                }
            }
            Data::Of(Kind::Str) | Data::Truthy(Kind::Str) => {
                self.may_raise(frame);
                self.values.of(Kind::Str)
            }
            Data::Instance { .. } => {
                self.call_special(frame, base, "__getitem__", &[index], expr.range)
            }
            _ => {
                self.may_raise(frame);
                Value::UNKNOWN
            }
        }
    }

    /// The items between two bounds; none if it is not known which those are (the data model, `slice.indices`).
    fn cut<T: Copy>(&self, bounds: &[Value; 3], items: &[T]) -> Option<Vec<T>> {
        let length = i128::try_from(items.len()).ok()?;
        let number = |bound: Value| match bound {
            Value::NONE => Some(None),
            _ => self.values.as_int(bound).map(Some),
        };
        let step = number(bounds[2])?.unwrap_or(1);
        let (least, most) = if step > 0 {
            (0, length)
        } else {
            (-1, length - 1)
        };
        let place = |bound: Option<i128>, otherwise: i128| match bound {
            None => otherwise,
            Some(at) if at < 0 => (at + length).max(least),
            Some(at) => at.min(most),
        };
        let (first, last) = if step > 0 {
            (least, most)
        } else {
            (most, least)
        };
        let mut at = place(number(bounds[0])?, first);
        let stop = place(number(bounds[1])?, last);
        let mut cut = Vec::new();
        while step > 0 && at < stop || step < 0 && at > stop {
            cut.push(*items.get(usize::try_from(at).ok()?)?);
            at = at.checked_add(step)?;
        }
        (step != 0).then_some(cut)
    }

    /// An item of a text, bytes or a range, or a part of it.
    fn plain_item(&mut self, frame: &mut Frame<'p>, base: Value, index: Value) -> Value {
        let kind = self.values.plain_kind(base).unwrap_or(Kind::Str);
        if let Data::Slice(bounds) = self.data(index) {
            let bounds = *bounds.clone();
            return match *self.data(base) {
                Data::Str(text) | Data::Bytes(text) => {
                    let letters: Vec<char> = text.chars().collect();
                    match self.cut(&bounds, &letters) {
                        Some(letters) => {
                            let text: String = letters.into_iter().collect();
                            if kind == Kind::Str {
                                self.values.text(&text)
                            } else {
                                self.values.bytes(&text)
                            }
                        }
                        None => self.values.of(kind),
                    }
                }
                _ => self.values.of(kind),
            };
        }
        let item = match (self.data(base).clone(), self.values.as_int(index)) {
            (Data::Str(text) | Data::Bytes(text), Some(at)) => {
                let length = i128::try_from(text.chars().count()).unwrap_or(i128::MAX);
                let at = if at < 0 { at + length } else { at };
                usize::try_from(at)
                    .ok()
                    .and_then(|at| text.chars().nth(at))
                    .map(|letter| {
                        if kind == Kind::Str {
                            self.values.text(&letter.to_string())
                        } else {
                            self.values.int(i128::from(u32::from(letter)))
                        }
                    })
            }
            (Data::Range { start, stop, step }, Some(at)) => {
                let length = i128::from(range_length(start, stop, step));
                let at = if at < 0 { at + length } else { at };
                (0..length)
                    .contains(&at)
                    .then(|| self.values.int(i128::from(start) + at * i128::from(step)))
            }
            _ => None,
        };
        item.unwrap_or_else(|| {
            self.may_raise(frame);
            match kind {
                Kind::Str => self.values.truthy(Kind::Str),
                _ => self.values.of(Kind::Int),
            }
        })
    }

    fn sequence_item(
        &mut self,
        frame: &mut Frame<'p>,
        items: &[Value],
        rest: Option<Value>,
        index: Value,
    ) -> Value {
        let index = match *self.data(index) {
            Data::Bool(_) => {
                let number = self.values.as_int(index).unwrap_or_default();
                self.values.int(number)
            }
            _ => index,
        };
        match *self.data(index) {
            Data::Int(at) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let position = if at < 0 && rest.is_none() {
                    at + length
                } else {
                    at
                };
                match usize::try_from(position)
                    .ok()
                    .and_then(|position| items.get(position))
                {
                    Some(&item) => item,
                    None => {
                        self.may_raise(frame);
                        rest.unwrap_or(Value::UNKNOWN)
                    }
                }
            }
            _ => {
                self.may_raise(frame);
                let mut members: Vec<Value> = Vec::new();
                for &item in items.iter().chain(&rest) {
                    members.extend(self.values.alternatives(item));
                }
                self.values.union(members)
            }
        }
    }

    fn object_item(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        index: Value,
        only: bool,
    ) -> Value {
        let Some(object) = self.object_for(frame, base, Some(index)) else {
            self.may_raise(frame);
            return Value::UNKNOWN;
        };
        match &*object {
            Object::List(sequence) => {
                if let Data::Slice(bounds) = self.data(index) {
                    let bounds = *bounds.clone();
                    let cut = self.cut(&bounds, &sequence.items);
                    let cut = cut.filter(|_| sequence.rest.is_none() && !self.is_graph());
                    let is_whole = bounds == [Value::NONE; 3];
                    let cut = match cut {
                        Some(items) => Sequence::of(items),
                        None if is_whole && sequence.form == Form::Register => {
                            return self.new_list(frame, sequence.clone());
                        }
                        None => self.opened_sequence(sequence),
                    };
                    return self.new_list(frame, cut.in_form(Form::Plain));
                }
                if sequence.form == Form::Register {
                    self.may_raise(frame);
                    return sequence.any(&mut self.values).unwrap_or(Value::UNKNOWN);
                }
                self.sequence_item(frame, &sequence.items, sequence.rest, index)
            }
            Object::Dict(dict) => self.dict_item(frame, expr, base, dict, index, only),
            _ => {
                self.may_raise(frame);
                Value::UNKNOWN
            }
        }
    }

    fn dict_item(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        dict: &Dict,
        index: Value,
        only: bool,
    ) -> Value {
        if !is_key(&self.values, index) {
            self.may_raise(frame);
            return self.unknown_item(dict, index);
        }
        if let Some(entry) = dict.find(index) {
            let (value, is_certain) = (entry.value, entry.certain);
            if !is_certain {
                self.may_raise(frame);
                if only {
                    self.check_parted_key(frame, expr, (base, dict), index);
                }
            }
            self.note_lookup(frame, index, true);
            return value;
        }
        if let Some(rest) = dict.other(index) {
            self.may_raise(frame);
            return rest;
        }
        if let Some(equal) = self.equal_key(frame, base, dict, index) {
            return self.object_item(frame, expr, base, equal, only);
        }
        self.note_lookup(frame, index, false);
        if only {
            self.key_error(frame, expr, base, index);
        }
        Value::UNKNOWN
    }

    /// A key that is not known leads to every entry; one that stands for all keys is split instead.
    pub fn unknown_item(&mut self, dict: &Dict, index: Value) -> Value {
        let symbolic = match self.data(index) {
            Data::Symbol { .. } => true,
            Data::Tuple(items) => items
                .iter()
                .any(|&item| matches!(self.values.get(item), Data::Symbol { .. })),
            _ => false,
        };
        if symbolic {
            for entry in dict.entries.iter().filter(|_| !dict.is_namespace) {
                self.note_split(index, entry.key);
            }
            return Value::UNKNOWN;
        }
        let mut members: Vec<Value> = Vec::new();
        for value in dict
            .entries
            .iter()
            .map(|entry| entry.value)
            .chain(dict.rest)
        {
            members.extend(self.values.alternatives(value));
        }
        self.values.union(members)
    }

    /// A key that certainly is not there.
    fn key_error(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, base: Value, key: Value) {
        if self.is_caught_here(frame, *KEY_ERROR) != Truth::False {
            self.may_raise(frame);
            if self.is_expected_here(frame, *KEY_ERROR) {
                frame.state.live = false;
            }
            return;
        }
        self.may_raise(frame);
        let shown = self.repr_of(frame, key);
        let part = self.deciding_part(frame, key);
        let Some(subject) = self.key_name(part) else {
            return;
        };
        let (kind, decision) = match (self.handed_over(frame, base), self.data(key)) {
            (Some(parameter), Data::Str(name)) => {
                (FailureKind::MissingKey, Decision::Key(parameter, *name))
            }
            _ => match self.parameter_with(frame, part) {
                Some(parameter) => {
                    let kind = if matches!(self.data(part), Data::Member { .. }) {
                        FailureKind::UnknownInterface
                    } else {
                        FailureKind::UnknownOperation
                    };
                    (kind, Decision::Parameter(parameter))
                }
                None => {
                    self.absent_key(frame, expr, base, (key, shown));
                    return;
                }
            },
        };
        let shown = shown.unwrap_or_else(|| String::from(UNKNOWN_TEXT));
        let confidence = if frame.is_unsure() {
            Confidence::May
        } else {
            Confidence::Must
        };
        frame.failures.push(LocalFailure {
            confidence,
            exception: Some(format!("KeyError: {shown}")),
            blame: Self::blame_of(frame, decision),
            ..LocalFailure::at(kind, subject, expr.range, "looks the key up")
        });
    }

    /// Whether a container that outlives its body goes by no name, or by one that is handed to something, which may fill it.
    fn is_given_away(&self, expr: &Expr, base: Value) -> bool {
        if !matches!(self.data(base), Data::Shared(_)) {
            return false;
        }
        let ExprKind::Subscript { value, .. } = &expr.kind else {
            return true;
        };
        let (ExprKind::Name(name, _)
        | ExprKind::Attribute {
            attribute: name, ..
        }) = value.kind
        else {
            return true;
        };
        self.look_at_name(name, About::Content);
        self.survey.given_away.contains(&name)
    }

    /// A key that a dict does not have which this body made, or a call that it made gave it: its keys are those that the code writes out.
    fn absent_key(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        (key, shown): (Value, Option<String>),
    ) {
        let Some(shown) = shown else { return };
        let keys: Vec<Value> = match self.object_of(frame, base).as_deref() {
            Some(Object::Dict(dict)) if !dict.entries.is_empty() && !dict.is_namespace => {
                dict.entries.iter().map(|entry| entry.key).collect()
            }
            _ => return,
        };
        // A member of an enum may be equal to a text or a number.
        let is_constant = |key| self.values.plain_kind(key).is_some();
        if self.is_graph()
            || !is_constant(key)
            || !keys.into_iter().all(is_constant)
            || self.is_given_away(expr, base)
        {
            return;
        }
        let wrong = Wrong {
            kind: FailureKind::AbsentKey,
            exception: format!("KeyError: {shown}"),
            subject: &shown,
            note: "looks the key up",
        };
        self.wrong_operation(frame, expr.range, wrong);
    }

    /// `base[index] = value`.
    pub fn assign_item(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        index: Value,
        value: Value,
        target: Option<&'p Expr>,
    ) {
        self.stored_item(frame, base, index, value);
        if self.is_graph()
            && let Some(members) = self.values.union_of(base)
        {
            let value = self.outlive(frame, value);
            for &member in members.iter() {
                self.assign_item(frame, member, index, value, target);
            }
            return;
        }
        if self.puts_list(frame, base, index, value)
            || self.log_store(frame, base, index, value, target)
        {
            return;
        }
        let known = is_key(&self.values, index);
        self.change_object(
            frame,
            base,
            known.then_some(index),
            &mut |evaluator, object, certain| match object {
                Object::Dict(dict) if known && certain => dict.set(index, value),
                Object::Dict(dict) if known => {
                    dict.set_perhaps(&mut evaluator.values, index, value);
                }
                Object::Dict(dict) => dict.set_unknown(&mut evaluator.values, value),
                Object::List(_) | Object::Set(_) => *object = evaluator.opened(object),
                _ => {}
            },
        );
        if let Data::Instance { .. } = self.data(base) {
            self.havoc(frame, value);
        }
    }

    /// `del base[index]`.
    pub fn delete_item(&mut self, frame: &mut Frame<'p>, base: Value, index: Value) {
        self.ask(frame, base, &["__delitem__"], &[index]);
        let known = is_key(&self.values, index);
        self.change_object(
            frame,
            base,
            known.then_some(index),
            &mut |evaluator, object, certain| match object {
                Object::Dict(dict) if known && certain => dict.remove(index),
                Object::Dict(dict) => {
                    for entry in &mut dict.entries {
                        entry.certain &= known && entry.key != index;
                    }
                }
                _ => *object = evaluator.opened(object),
            },
        );
    }

    /// A new dict of this function body.
    pub fn new_dict(&mut self, frame: &mut Frame<'p>, dict: Dict) -> Value {
        let id = frame.state.allocate(Object::Dict(dict));
        self.values.local(id)
    }

    /// A new list of this function body.
    pub fn new_list(&mut self, frame: &mut Frame<'p>, sequence: Sequence) -> Value {
        let id = frame.state.allocate(Object::List(sequence));
        self.values.local(id)
    }

    /// What `**value` or `dict(value)` adds: a copy of the content, open if it is not known.
    pub fn as_mapping(&mut self, frame: &Frame<'p>, value: Value) -> Dict {
        if let Some(members) = self.values.union_of(value) {
            // `**(kwargs or {})`: what both agree on.
            let mut result: Option<Object> = None;
            for &member in members.iter() {
                let dict = Object::Dict(self.as_mapping(frame, member));
                result = Some(match result {
                    Some(known) => known.join(&dict, &mut self.values),
                    None => dict,
                });
            }
            return match result {
                Some(Object::Dict(dict)) => dict,
                _ => Dict::open(),
            };
        }
        match self.object_of(frame, value).as_deref() {
            Some(Object::Dict(dict)) => dict.clone(),
            _ => Dict::open(),
        }
    }
}

/// The keys of a dict, or the items of a list or set, each with whether it is there for certain, and whether there are no others; of a dict: none that may be `asked`.
pub fn keys_of(object: &Object, asked: Option<Value>) -> Option<(Vec<(Value, bool)>, bool)> {
    match object {
        Object::Dict(dict) => {
            let entries = dict.entries.iter();
            let keys = entries.map(|entry| (entry.key, entry.certain)).collect();
            let others = asked.map_or(dict.rest, |key| dict.other(key));
            Some((keys, others.is_none()))
        }
        Object::List(sequence) | Object::Set(sequence) => {
            let is_certain = sequence.form != Form::Register;
            let items = sequence.items.iter().map(|&item| (item, is_certain));
            Some((items.collect(), sequence.rest.is_none()))
        }
        Object::Anything | Object::Moved(_) => None,
    }
}

/// Whether a dict, list or set has just this key, and for certain.
pub fn has_key(object: &Object, key: Value) -> bool {
    match object {
        Object::Dict(dict) => dict.find(key).is_some_and(|entry| entry.certain),
        Object::List(sequence) | Object::Set(sequence) => {
            sequence.form != Form::Register && sequence.items.contains(&key)
        }
        Object::Anything | Object::Moved(_) => false,
    }
}
