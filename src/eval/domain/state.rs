//! The state of one function body at one point: variables, and the lists and dicts that it made or was handed.

use std::rc::{Rc, Weak};

use rustc_hash::FxHashMap;

use crate::eval::domain::places::Places;
use crate::eval::domain::value::{LocalId, Value, Values};
use crate::name::Name;
use crate::syntax::ir::Slot;

/// A list, set or dict.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A dict.
    Dict(Dict),
    /// A list.
    List(Sequence),
    /// A set; the order of its items means nothing.
    Set(Sequence),
    /// It was handed to code that is not known: a container with any content.
    Anything,
    /// It became an object that outlives the function body.
    Moved(crate::eval::domain::value::SharedId),
}

/// A dict's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dict {
    /// Known keys in insertion order.
    pub entries: Vec<Entry>,
    /// What other keys may lead to; none: there are no other keys.
    pub rest: Option<Value>,
    /// Keys that are not among those others, sorted: `**kwargs` never holds what a parameter of its function takes. Empty without `rest`.
    pub absent: Vec<Value>,
    /// Whether a key is put there when it is looked up, as a `defaultdict` does: no key is known not to be there.
    pub makes_keys: bool,
    /// Whether it may be of a subclass of `dict`, such as `OrderedDict`.
    pub is_subtype: bool,
    /// Whether it is a namespace: what its names are for is not known, and nobody looks all of them up.
    pub is_namespace: bool,
}

/// One key of a [`Dict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The key, one known constant, enum member, tuple of these, function or class.
    pub key: Value,
    /// Its value.
    pub value: Value,
    /// Whether the key is there on every way.
    pub certain: bool,
}

/// A list's or set's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence {
    /// The first items, all of them unless `rest` is there.
    pub items: Vec<Value>,
    /// What further items may be; none: there are no more.
    pub rest: Option<Value>,
    /// What it is besides.
    pub form: Form,
}

/// What a [`Sequence`] is the content of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// A list or a set.
    #[default]
    Plain,
    /// A `frozenset`.
    Frozen,
    /// Something that is iterated over once: a `map`, a `zip`, what `iter` gives. With the type's name; it is empty where the type is one of several.
    Iterator(&'static str),
    /// A generator expression.
    Generator,
    /// The keys, values or items of a dict, with the type's name.
    View(&'static str),
    /// A list or a set to which code adds: its items are there once the modules were imported that add them, in whatever order, and others besides.
    Register,
}

impl Form {
    /// The name of the type, of what is kept as a list; none: it is one of several.
    #[must_use]
    pub fn name_of_list(self) -> Option<&'static str> {
        Some(match self {
            Self::Plain | Self::Register | Self::Frozen => "list",
            Self::Generator => "generator",
            Self::Iterator(name) | Self::View(name) => name,
        })
        .filter(|name| !name.is_empty())
    }
}

impl Dict {
    /// A dict of which nothing is known.
    #[must_use]
    pub fn open() -> Self {
        Self::of_others(Value::UNKNOWN, Vec::new())
    }

    /// A dict whose keys may be any but some, and lead to `rest`.
    #[must_use]
    pub fn of_others(rest: Value, mut absent: Vec<Value>) -> Self {
        absent.sort_unstable();
        absent.dedup();
        Self {
            entries: Vec::new(),
            rest: Some(rest),
            absent,
            makes_keys: false,
            is_subtype: false,
            is_namespace: false,
        }
    }

    /// A `defaultdict`, whose keys lead to `made`.
    #[must_use]
    pub fn making(made: Value) -> Self {
        Self {
            makes_keys: true,
            is_subtype: true,
            is_namespace: false,
            ..Self::of_others(made, Vec::new())
        }
    }

    /// What a key without an entry may lead to; none: it is not there.
    #[must_use]
    #[inline]
    pub fn other(&self, key: Value) -> Option<Value> {
        self.rest.filter(|_| !self.absent.contains(&key))
    }

    /// Whether a key is not there.
    fn lacks(&self, key: Value) -> bool {
        self.find(key).is_none() && self.other(key).is_none()
    }

    /// Any other key may be there now, and lead to `rest`.
    pub fn open_up(&mut self, rest: Value) {
        self.rest = Some(rest);
        self.absent.clear();
    }

    /// A key that had no entry gets one.
    fn add(&mut self, entry: Entry) {
        self.absent.retain(|absent| *absent != entry.key);
        self.entries.push(entry);
    }

    /// The entry of a known key.
    #[must_use]
    #[inline]
    pub fn find(&self, key: Value) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Where the entry of a known key is.
    fn place(&self, key: Value) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }

    /// `dict[key] = value`.
    pub fn set(&mut self, key: Value, value: Value) {
        self.set_at(self.place(key), key, value);
    }

    /// The same for one of many keys that are set one after the other; `places` is of this dict, to which nothing else was done but to add entries.
    pub fn set_one_of(&mut self, places: &mut Places, key: Value, value: Value) {
        self.set_at(places.of(&self.entries, key), key, value);
    }

    fn set_at(&mut self, place: Option<usize>, key: Value, value: Value) {
        match place {
            Some(at) => {
                let entry = &mut self.entries[at];
                entry.value = value;
                entry.certain = true;
            }
            None => self.add(Entry {
                key,
                value,
                certain: true,
            }),
        }
    }

    /// `dict[key] = value`, if it happens.
    pub fn set_perhaps(&mut self, values: &mut Values, key: Value, value: Value) {
        self.set_perhaps_at(self.place(key), values, key, value);
    }

    fn set_perhaps_at(
        &mut self,
        place: Option<usize>,
        values: &mut Values,
        key: Value,
        value: Value,
    ) {
        match place {
            Some(at) => {
                let entry = &mut self.entries[at];
                entry.value = values.join(entry.value, value);
            }
            None => self.add(Entry {
                key,
                value,
                certain: false,
            }),
        }
    }

    /// Adds what was stored under known keys, each once: a key that has an entry may have this value besides.
    pub fn add_stores(&mut self, values: &mut Values, stores: impl IntoIterator<Item = Entry>) {
        let known = self.entries.iter().enumerate();
        let known: FxHashMap<Value, usize> = known.map(|(at, entry)| (entry.key, at)).collect();
        for store in stores {
            match known.get(&store.key) {
                Some(&at) => {
                    let entry = &mut self.entries[at];
                    entry.value = values.join(entry.value, store.value);
                }
                None => self.add(store),
            }
        }
    }

    /// An assignment to a key that is not known.
    pub fn set_unknown(&mut self, values: &mut Values, value: Value) {
        for entry in &mut self.entries {
            entry.value = values.join(entry.value, value);
        }
        self.open_up(self.rest.map_or(value, |rest| values.join(rest, value)));
    }

    /// `dict.update(added)`, which happens if `certain` and perhaps otherwise.
    pub fn update(&mut self, values: &mut Values, added: &Self, certain: bool) {
        if let Some(rest) = added.rest {
            // An unknown key may be one of those already there.
            for entry in &mut self.entries {
                if added.other(entry.key).is_some() {
                    entry.value = values.join(entry.value, rest);
                }
            }
        }
        self.absent = self.common_absent(added);
        self.rest = join_options(self.rest, added.rest, values);
        let mut places = Places::default();
        for entry in &added.entries {
            let place = places.of(&self.entries, entry.key);
            if certain && entry.certain {
                self.set_at(place, entry.key, entry.value);
            } else {
                self.set_perhaps_at(place, values, entry.key, entry.value);
            }
        }
    }

    /// The key is gone.
    pub fn remove(&mut self, key: Value) {
        self.entries.retain(|entry| entry.key != key);
        if self.rest.is_some()
            && !self.makes_keys
            && let Err(at) = self.absent.binary_search(&key)
        {
            self.absent.insert(at, key);
        }
    }

    /// No keys but these are there; of each it is said whether it is there for certain.
    pub fn keep_only(&mut self, keys: &[(Value, bool)]) {
        let Some(rest) = self.rest.filter(|_| !self.makes_keys) else {
            return;
        };
        self.entries
            .retain(|entry| keys.iter().any(|&(key, _)| key == entry.key));
        for &(key, certain) in keys {
            let may_be_new = self.other(key).is_some();
            match self.entries.iter_mut().find(|entry| entry.key == key) {
                Some(entry) => entry.certain |= certain,
                None if may_be_new => self.entries.push(Entry {
                    key,
                    value: rest,
                    certain,
                }),
                None => {}
            }
        }
        self.rest = None;
        self.absent.clear();
    }

    /// The keys that neither dict has, though one of the two may have keys of which nothing is known.
    fn common_absent(&self, other: &Self) -> Vec<Value> {
        let mut absent: Vec<Value> = self.absent.iter().chain(&other.absent).copied().collect();
        absent.retain(|&key| self.lacks(key) && other.lacks(key));
        absent.sort_unstable();
        absent.dedup();
        absent
    }

    /// Either of two contents.
    fn join(&self, other: &Self, values: &mut Values) -> Self {
        let mut entries: Vec<Entry> =
            Vec::with_capacity(self.entries.len().max(other.entries.len()));
        let mut places = Places::default();
        for entry in &self.entries {
            entries.push(match places.of(&other.entries, entry.key) {
                Some(at) => Entry {
                    key: entry.key,
                    value: values.join(entry.value, other.entries[at].value),
                    certain: entry.certain && other.entries[at].certain,
                },
                None => Entry {
                    value: other
                        .other(entry.key)
                        .map_or(entry.value, |rest| values.join(entry.value, rest)),
                    certain: false,
                    ..*entry
                },
            });
        }
        let mut places = Places::default();
        for entry in &other.entries {
            if places.of(&self.entries, entry.key).is_none() {
                entries.push(Entry {
                    value: self
                        .other(entry.key)
                        .map_or(entry.value, |rest| values.join(entry.value, rest)),
                    certain: false,
                    ..*entry
                });
            }
        }
        Self {
            entries,
            rest: join_options(self.rest, other.rest, values),
            absent: self.common_absent(other),
            makes_keys: self.makes_keys || other.makes_keys,
            is_subtype: self.is_subtype || other.is_subtype,
            is_namespace: self.is_namespace || other.is_namespace,
        }
    }
}

impl Sequence {
    /// A sequence of which nothing is known.
    #[must_use]
    pub fn open() -> Self {
        Self {
            items: Vec::new(),
            rest: Some(Value::UNKNOWN),
            form: Form::Plain,
        }
    }

    /// Just these items.
    #[must_use]
    pub fn of(items: Vec<Value>) -> Self {
        Self {
            items,
            ..Self::default()
        }
    }

    /// Any number of such items.
    #[must_use]
    pub fn of_any(rest: Value) -> Self {
        Self {
            rest: Some(rest),
            ..Self::default()
        }
    }

    /// The same items in another form.
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Any one item.
    pub fn any(&self, values: &mut Values) -> Option<Value> {
        if self.items.is_empty() {
            return self.rest;
        }
        let mut members = self.items.clone();
        members.extend(self.rest);
        if members.is_empty() {
            return None;
        }
        let flat = members
            .iter()
            .flat_map(|&member| values.alternatives(member))
            .collect();
        Some(values.union(flat))
    }

    fn join(&self, other: &Self, values: &mut Values) -> Self {
        let common = self.items.len().min(other.items.len());
        let items = (0..common)
            .map(|index| values.join(self.items[index], other.items[index]))
            .collect();
        let mut rest = join_options(self.rest, other.rest, values);
        for &surplus in self.items[common..].iter().chain(&other.items[common..]) {
            rest = Some(rest.map_or(surplus, |rest| values.join(rest, surplus)));
        }
        Self {
            items,
            rest,
            form: self.form,
        }
    }
}

fn join_options(a: Option<Value>, b: Option<Value>, values: &mut Values) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(values.join(a, b)),
        (one, None) | (None, one) => one,
    }
}

impl Object {
    /// Either of two contents of one object.
    #[must_use]
    pub fn join(&self, other: &Self, values: &mut Values) -> Self {
        match (self, other) {
            (Self::Dict(a), Self::Dict(b)) => Self::Dict(a.join(b, values)),
            (Self::List(a), Self::List(b)) if a.form == b.form => Self::List(a.join(b, values)),
            (Self::Set(a), Self::Set(b)) if a.form == b.form => Self::Set(a.join(b, values)),
            (Self::Moved(id), _) | (_, Self::Moved(id)) => Self::Moved(*id),
            _ => Self::Anything,
        }
    }

    /// Calls `visit` with every value inside.
    pub fn for_each(&self, mut visit: impl FnMut(Value)) {
        match self {
            Self::Dict(dict) => {
                for entry in &dict.entries {
                    visit(entry.value);
                }
                if let Some(rest) = dict.rest {
                    visit(rest);
                }
            }
            Self::List(sequence) | Self::Set(sequence) => {
                sequence
                    .items
                    .iter()
                    .copied()
                    .chain(sequence.rest)
                    .for_each(visit);
            }
            Self::Anything | Self::Moved(_) => {}
        }
    }

    /// The same object with every value inside replaced.
    #[must_use]
    pub fn map(&self, mut change: impl FnMut(Value) -> Value) -> Self {
        match self {
            Self::Dict(dict) => Self::Dict(Dict {
                entries: dict
                    .entries
                    .iter()
                    .map(|entry| Entry {
                        value: change(entry.value),
                        ..*entry
                    })
                    .collect(),
                rest: dict.rest.map(&mut change),
                absent: dict.absent.clone(),
                makes_keys: dict.makes_keys,
                is_subtype: dict.is_subtype,
                is_namespace: dict.is_namespace,
            }),
            Self::List(sequence) => Self::List(sequence.map(&mut change)),
            Self::Set(sequence) => Self::Set(sequence.map(&mut change)),
            Self::Anything => Self::Anything,
            Self::Moved(id) => Self::Moved(*id),
        }
    }
}

impl Sequence {
    fn map(&self, change: &mut impl FnMut(Value) -> Value) -> Self {
        Self {
            items: self.items.iter().map(|&item| change(item)).collect(),
            rest: self.rest.map(change),
            form: self.form,
        }
    }
}

/// Variables and objects at one point of a function body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// One value per slot of the scope.
    pub slots: Rc<[Value]>,
    /// The objects; [`LocalId`] counts along here.
    pub heap: Rc<Vec<Rc<Object>>>,
    /// Whether this point can be reached.
    pub live: bool,
    /// Whether this point is reached only if a context manager ends an exception, and that is not known.
    pub is_by_swallowing: bool,
    /// What tests said of places that are no variables of the body.
    pub facts: Rc<Vec<Fact>>,
}

/// The parts of the state that was joined last. They are not held: whoever changes one that is, gets another one.
#[derive(Debug, Default)]
pub struct Joined {
    slots: Option<Weak<[Value]>>,
    heap: Weak<Vec<Rc<Object>>>,
    facts: Weak<Vec<Fact>>,
}

impl Joined {
    /// Those of this state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self {
            slots: Some(Rc::downgrade(&state.slots)),
            heap: Rc::downgrade(&state.heap),
            facts: Rc::downgrade(&state.facts),
        }
    }
}

/// What a test said of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Where.
    pub path: Path,
    /// What stands there.
    pub value: Value,
}

/// `self.client['name']`: a variable, and the way from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The variable.
    pub root: Root,
    /// The way.
    pub steps: Vec<Step>,
}

/// A variable that something hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// One of the body.
    Slot(Slot),
    /// One of the module.
    Global(Name),
    /// One of a function around: how far out, and which.
    Free(u32, Slot),
}

/// One step from an object to what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Attribute(Name),
    /// `['key']`
    Item(Name),
    /// `[0]`
    Index(i64),
}

thread_local! {
    /// Most states have no facts, and share these.
    static NO_FACTS: Rc<Vec<Fact>> = Rc::default();
}

/// What is known where no test said anything.
pub fn no_facts() -> Rc<Vec<Fact>> {
    NO_FACTS.with(Rc::clone)
}

impl State {
    /// Nothing assigned, and these objects.
    #[must_use]
    pub fn new(slots: usize, heap: Rc<Vec<Rc<Object>>>) -> Self {
        Self {
            slots: std::iter::repeat_n(Value::UNBOUND, slots).collect(),
            heap,
            live: true,
            is_by_swallowing: false,
            facts: no_facts(),
        }
    }

    /// A new object.
    pub fn allocate(&mut self, object: Object) -> LocalId {
        // A body that makes four thousand million objects has run out of memory long before.
        let id = LocalId(u32::try_from(self.heap.len()).unwrap_or(0));
        Rc::make_mut(&mut self.heap).push(Rc::new(object));
        id
    }

    /// An object's content, shared.
    #[must_use]
    #[inline]
    pub fn object_rc(&self, id: LocalId) -> Rc<Object> {
        self.heap
            .get(id.0 as usize)
            .cloned()
            .unwrap_or_else(|| Rc::new(Object::Anything))
    }

    /// Replaces an object's content.
    #[inline]
    pub fn set_object(&mut self, id: LocalId, object: Rc<Object>) {
        *self.object_slot(id) = object;
    }

    /// Takes an object's content out, to be changed without a copy of what nothing else holds, and put back by [`Self::set_object`].
    pub fn take_object(&mut self, id: LocalId) -> Rc<Object> {
        std::mem::replace(self.object_slot(id), Rc::new(Object::Anything))
    }

    /// An object's content.
    #[must_use]
    #[inline]
    pub fn object(&self, id: LocalId) -> &Object {
        debug_assert!(
            (id.0 as usize) < self.heap.len(),
            "an object of another function body"
        );
        self.heap
            .get(id.0 as usize)
            .map_or(&Object::Anything, |object| object)
    }

    /// An object's content, to be changed.
    #[inline]
    pub fn object_mut(&mut self, id: LocalId) -> &mut Object {
        Rc::make_mut(self.object_slot(id))
    }

    #[inline]
    fn object_slot(&mut self, id: LocalId) -> &mut Rc<Object> {
        let heap = Rc::make_mut(&mut self.heap);
        while heap.len() <= id.0 as usize {
            heap.push(Rc::new(Object::Anything));
        }
        &mut heap[id.0 as usize]
    }

    /// Makes this the state after either of two ways. Objects that only one way made keep their content.
    pub fn join(&mut self, other: &Self, values: &mut Values) {
        self.join_ways(other, usize::MAX, values);
    }

    /// The same for two ways that part where there were `before` objects: each counts its own from there, so that one number may stand for an object of the one
    /// and for another one of the other.
    pub fn join_ways(&mut self, other: &Self, before: usize, values: &mut Values) {
        if !other.live {
            return;
        }
        if !self.live {
            self.clone_from(other);
            return;
        }
        self.is_by_swallowing &= other.is_by_swallowing;
        self.join_slots(&other.slots, values);
        if !Rc::ptr_eq(&self.heap, &other.heap) {
            self.join_heap(&other.heap, before, values);
        }
        self.join_facts(&other.facts);
    }

    /// The same with a state in which parts may be those that were joined before: `joined` remembers which they were.
    pub fn join_since(&mut self, other: &Self, joined: &mut Joined, values: &mut Values) {
        if !(self.live && other.live) {
            self.join(other, values);
            if other.live {
                *joined = Joined::of(other);
            }
            return;
        }
        self.is_by_swallowing &= other.is_by_swallowing;
        let is_known =
            |known: &Weak<[Value]>| std::ptr::eq(known.as_ptr(), Rc::as_ptr(&other.slots));
        if !joined.slots.as_ref().is_some_and(is_known) {
            self.join_slots(&other.slots, values);
            joined.slots = Some(Rc::downgrade(&other.slots));
        }
        if !std::ptr::eq(joined.heap.as_ptr(), Rc::as_ptr(&other.heap)) {
            if !Rc::ptr_eq(&self.heap, &other.heap) {
                self.join_heap(&other.heap, usize::MAX, values);
            }
            joined.heap = Rc::downgrade(&other.heap);
        }
        if !std::ptr::eq(joined.facts.as_ptr(), Rc::as_ptr(&other.facts)) {
            self.join_facts(&other.facts);
            joined.facts = Rc::downgrade(&other.facts);
        }
    }

    fn join_slots(&mut self, other: &Rc<[Value]>, values: &mut Values) {
        if Rc::ptr_eq(&self.slots, other) {
            return;
        }
        let count = self.slots.len().min(other.len());
        let Some(first) = (0..count).find(|&at| self.slots[at] != other[at]) else {
            return;
        };
        let mine = Rc::make_mut(&mut self.slots);
        for at in first..count {
            if mine[at] != other[at] {
                mine[at] = match (mine[at], other[at]) {
                    // On the one way it failed, and nothing came of it; on the other one it has yet to.
                    (Value::FAILED, left) | (left, Value::FAILED) => left,
                    (mine, theirs) => values.join(mine, theirs),
                };
            }
        }
    }

    fn join_facts(&mut self, other: &Rc<Vec<Fact>>) {
        if !Rc::ptr_eq(&self.facts, other) {
            self.forget(|fact| !other.contains(fact));
        }
    }

    /// Forgets some of what tests said.
    pub fn forget(&mut self, is_forgotten: impl Fn(&Fact) -> bool) {
        if self.facts.iter().any(&is_forgotten) {
            Rc::make_mut(&mut self.facts).retain(|fact| !is_forgotten(fact));
        }
    }

    /// Another value is in a variable.
    #[inline]
    pub fn set_slot(&mut self, slot: Slot, value: Value) {
        Rc::make_mut(&mut self.slots)[slot.0 as usize] = value;
    }

    /// Whether another state is this one as it stands, and has not just the same content.
    #[must_use]
    pub fn is_very_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.slots, &other.slots)
            && Rc::ptr_eq(&self.heap, &other.heap)
            && Rc::ptr_eq(&self.facts, &other.facts)
            && self.live == other.live
            && self.is_by_swallowing == other.is_by_swallowing
    }

    /// Joins the objects, without a copy of all if none differs.
    fn join_heap(&mut self, other: &[Rc<Object>], before: usize, values: &mut Values) {
        let common = self.heap.len().min(other.len());
        for (index, theirs) in other.iter().enumerate().take(common) {
            let mine = &self.heap[index];
            if !Rc::ptr_eq(mine, theirs) && mine != theirs {
                let is_apart = matches!(
                    (&**mine, &**theirs),
                    (Object::Moved(_), _) | (_, Object::Moved(_))
                );
                // One that others hold as well is no more than itself.
                let joined = Rc::new(if is_apart && index >= before {
                    Object::Anything
                } else {
                    mine.join(theirs, values)
                });
                Rc::make_mut(&mut self.heap)[index] = joined;
            }
        }
        if other.len() > common {
            Rc::make_mut(&mut self.heap).extend(other[common..].iter().cloned());
        }
    }
}

/// Whether `value` mentions an object of a function body.
#[must_use]
#[inline]
pub fn mentions_local(values: &Values, value: Value) -> bool {
    values.mentions_local(value)
}
