//! CS1: calls that do not bind, and what else goes wrong at a call.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A call passes a keyword that the function at the end of the way does not take. The way may lead through any number of
    /// `**kwargs`, tables, lambdas and imports by name: coship follows it and reports the place where the keyword is *written*,
    /// once, with every route that it breaks.
    ///
    /// ## Why it matters
    ///
    /// Python checks keywords when the call runs. A gateway that forwards `**kwargs` takes everything, so the `TypeError` rises one or
    /// more hops later, in the handler, for each operation on its own. A type checker sees `**kwargs: Any` and stays silent.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// import interface_cache
    ///
    /// def execute_operation(operation, timeout=30, **kwargs):
    ///     return interface_cache.execute(operation, timeout=timeout, **kwargs)
    ///
    /// def cache_get(key):
    ///     return execute_operation('get', key=key)
    /// # interface_cache.py
    /// def _get(key):
    ///     return key
    ///
    /// _DISPATCH = {'get': _get}
    ///
    /// def execute(operation, **kwargs):
    ///     return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ```text
    /// TypeError: _get() got an unexpected keyword argument 'timeout'
    /// ```
    ///
    /// The next hop has to take the keyword, or consume it before it calls on:
    ///
    /// ```python
    /// # gateway.py
    /// import interface_cache
    ///
    /// def execute_operation(operation, timeout=30, **kwargs):
    ///     return interface_cache.execute(operation, timeout=timeout, **kwargs)
    ///
    /// def cache_get(key):
    ///     return execute_operation('get', key=key)
    /// # interface_cache.py
    /// def _get(key):
    ///     return key
    ///
    /// _DISPATCH = {'get': _get}
    ///
    /// def execute(operation, timeout=30, **kwargs):
    ///     return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A callee that takes one keyword more accepts its old callers too: ship the callee first, or both files together. Never the
    /// caller alone.
    UNEXPECTED_KEYWORD = "CS101", "unexpected-keyword", Error, "A call passes a keyword that the callee does not take";

    /// ## What it finds
    ///
    /// A call leaves out a parameter that has no default.
    ///
    /// ## Why it matters
    ///
    /// The call raises a `TypeError` whenever it runs. Behind a gateway the wrapper that forgets the argument and the handler that
    /// needs it are different files, and neither looks wrong by itself.
    ///
    /// ## Example
    ///
    /// ```python
    /// # wrappers.py
    /// from core import store
    ///
    /// def cache_set(key, value):
    ///     return store(key=key, value=value)
    /// # core.py
    /// def store(key, value, ttl):
    ///     return (key, value, ttl)
    /// ```
    ///
    /// ```text
    /// TypeError: store() missing 1 required positional argument: 'ttl'
    /// ```
    ///
    /// Give the parameter a default, or pass it:
    ///
    /// ```python
    /// # wrappers.py
    /// from core import store
    ///
    /// def cache_set(key, value):
    ///     return store(key=key, value=value)
    /// # core.py
    /// def store(key, value, ttl=None):
    ///     return (key, value, ttl)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A new required parameter breaks old callers, and new callers break the old function: both files must ship together. With a
    /// default, the callee may ship first.
    MISSING_ARGUMENT = "CS102", "missing-argument", Error, "A call leaves out a required parameter";

    /// ## What it finds
    ///
    /// A call passes more positional arguments than the function has places for.
    ///
    /// ## Why it matters
    ///
    /// The call raises a `TypeError` whenever it runs. It is how a removed parameter, or one made keyword-only, shows at its callers.
    ///
    /// ## Example
    ///
    /// ```python
    /// # wrappers.py
    /// from core import store
    ///
    /// def cache_set(key, value):
    ///     return store(key, value, 60)
    /// # core.py
    /// def store(key, value, *, ttl=None):
    ///     return (key, value, ttl)
    /// ```
    ///
    /// ```text
    /// TypeError: store() takes 2 positional arguments but 3 were given
    /// ```
    ///
    /// Pass it by name:
    ///
    /// ```python
    /// # wrappers.py
    /// from core import store
    ///
    /// def cache_set(key, value):
    ///     return store(key, value, ttl=60)
    /// # core.py
    /// def store(key, value, *, ttl=None):
    ///     return (key, value, ttl)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A caller that passes `ttl=60` by keyword works with the old function and the new one: ship the caller first.
    TOO_MANY_POSITIONALS = "CS103", "too-many-positionals", Error, "A call passes more positional arguments than the callee takes";

    /// ## What it finds
    ///
    /// A call fills one parameter twice: by position and by keyword, or by two keywords that meet on the way.
    ///
    /// ## Why it matters
    ///
    /// `f(key, **kwargs)` works until somebody puts `key` into `kwargs`. Not even a `**kwargs` of the callee helps.
    /// The usual cause in a gateway is `kwargs.get('key')`, which leaves the key in the dict, where `kwargs.pop('key')` was meant.
    ///
    /// ## Example
    ///
    /// ```python
    /// # router.py
    /// from core import store
    ///
    /// def execute(**kwargs):
    ///     return store(kwargs.get('key'), **kwargs)
    ///
    /// def run():
    ///     return execute(key='a', value=1)
    /// # core.py
    /// def store(key, value=None):
    ///     return (key, value)
    /// ```
    ///
    /// ```text
    /// TypeError: store() got multiple values for argument 'key'
    /// ```
    ///
    /// Take it out of the dict:
    ///
    /// ```python
    /// # router.py
    /// from core import store
    ///
    /// def execute(**kwargs):
    ///     return store(kwargs.pop('key'), **kwargs)
    ///
    /// def run():
    ///     return execute(key='a', value=1)
    /// # core.py
    /// def store(key, value=None):
    ///     return (key, value)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The cure is in one file, the one that passes the argument twice: that file alone.
    MULTIPLE_VALUES = "CS104", "multiple-values", Error, "A call fills one parameter twice";

    /// ## What it finds
    ///
    /// A call passes by keyword what the function takes by position only (before the `/` of its signature).
    ///
    /// ## Why it matters
    ///
    /// The call raises a `TypeError` whenever it runs. Adding a `/` looks harmless in the function's own file.
    ///
    /// ## Example
    ///
    /// ```python
    /// # wrappers.py
    /// from core import fetch
    ///
    /// def cache_get(key):
    ///     return fetch(key=key)
    /// # core.py
    /// def fetch(key, /):
    ///     return key
    /// ```
    ///
    /// ```text
    /// TypeError: fetch() got some positional-only arguments passed as keyword arguments: 'key'
    /// ```
    ///
    /// Pass it by position:
    ///
    /// ```python
    /// # wrappers.py
    /// from core import fetch
    ///
    /// def cache_get(key):
    ///     return fetch(key)
    /// # core.py
    /// def fetch(key, /):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A caller that passes by position works with both versions of the function: ship the caller first.
    POSITIONAL_ONLY_KEYWORD = "CS105", "positional-only-keyword", Error, "A call passes a positional-only parameter by keyword";

    /// ## What it finds
    ///
    /// A call of something that cannot be called: `None` left by a failed import, a module, a string out of a table.
    ///
    /// ## Why it matters
    ///
    /// `except ImportError: handler = None` moves the failure from the import, where the log would show it, to the first request that
    /// uses the handler. `import a.b as c` of the wrong module does the same.
    ///
    /// ## Example
    ///
    /// ```python
    /// # router.py
    /// import core
    ///
    /// _DISPATCH = {'get': core}
    ///
    /// def run():
    ///     return _DISPATCH['get'](key='a')
    /// # core.py
    /// def core(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// TypeError: 'module' object is not callable
    /// ```
    ///
    /// Name the function:
    ///
    /// ```python
    /// # router.py
    /// import core
    ///
    /// _DISPATCH = {'get': core.core}
    ///
    /// def run():
    ///     return _DISPATCH['get'](key='a')
    /// # core.py
    /// def core(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The file with the table alone, unless the function that it should name is new too: then both together, or the function first.
    NOT_CALLABLE = "CS106", "not-callable", Error, "A call of something that is not callable";

    /// ## What it finds
    ///
    /// Code on the way demands a key that this call does not send: `kwargs['ttl']`, or a validator's `if 'ttl' not in kwargs: raise`.
    ///
    /// ## Why it matters
    ///
    /// `**kwargs` makes a required argument invisible in the signature. The caller binds, and the request fails two hops later with the
    /// validator's exception or a `KeyError`.
    ///
    /// ## Example
    ///
    /// ```python
    /// # router.py
    /// def _validate(kwargs):
    ///     if 'ttl' not in kwargs:
    ///         raise ValueError('cache.set requires ttl')
    ///
    /// def execute(**kwargs):
    ///     _validate(kwargs)
    ///     return kwargs['key']
    /// # wrappers.py
    /// import router
    ///
    /// def cache_set(key, value):
    ///     return router.execute(key=key, value=value)
    /// ```
    ///
    /// ```text
    /// ValueError: cache.set requires ttl
    /// ```
    ///
    /// Send the key, or read it with a default:
    ///
    /// ```python
    /// # router.py
    /// def _validate(kwargs):
    ///     if 'ttl' not in kwargs:
    ///         raise ValueError('cache.set requires ttl')
    ///
    /// def execute(**kwargs):
    ///     _validate(kwargs)
    ///     return kwargs['key']
    /// # wrappers.py
    /// import router
    ///
    /// def cache_set(key, value, ttl=None):
    ///     return router.execute(key=key, value=value, ttl=ttl)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Callers that send the key ship first, provided that the old code takes it; the check that demands it ships last.
    MISSING_KEY = "CS107", "missing-key", Error, "A key that the code on the way demands is not sent";

    /// ## What it finds
    ///
    /// A call of an `async def` function whose coroutine is dropped, or an `await` of something that is no awaitable.
    ///
    /// Where the object of a call is not known, it is a warning, if all functions of that name in the tree are `async def`, other calls of it are awaited, and this one is dropped or used
    /// as it stands in a coroutine.
    ///
    /// ## Why it matters
    ///
    /// A coroutine that nobody awaits does nothing at all: no exception, one `RuntimeWarning` at most. It happens when a function
    /// becomes `async` and a caller in another file is left as it was.
    ///
    /// ## Example
    ///
    /// ```python
    /// # core.py
    /// async def flush():
    ///     return True
    /// # wrappers.py
    /// from core import flush
    ///
    /// async def cache_clear():
    ///     flush()
    ///     return True
    /// ```
    ///
    /// ```text
    /// RuntimeWarning: coroutine 'flush' was never awaited
    /// ```
    ///
    /// Await it:
    ///
    /// ```python
    /// # core.py
    /// async def flush():
    ///     return True
    /// # wrappers.py
    /// from core import flush
    ///
    /// async def cache_clear():
    ///     await flush()
    ///     return True
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Neither order works: the old caller drops the new coroutine, the new caller awaits the old result. Both files together.
    NOT_AWAITED = "CS108", "not-awaited", Error, "A coroutine is dropped, or something else is awaited";

    /// ## What it finds
    ///
    /// A keyword ends in the `**kwargs` of a function that never reads it.
    ///
    /// ## Why it matters
    ///
    /// Nothing raises; the value is lost. A misspelt or renamed keyword behind a gateway looks exactly like this: the call works, with the
    /// default.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    ///
    /// _ROUTERS = {'cache': ('interface_cache', 'execute')}
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def cache_set(key):
    ///     return execute_operation('cache', 'set', key=key, time_to_live=60)
    /// # interface_cache.py
    /// def _set(key, ttl=None, **kwargs):
    ///     return (key, ttl)
    ///
    /// _DISPATCH = {'set': _set}
    ///
    /// def execute(operation, **kwargs):
    ///     return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// Use the name that the function has:
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    ///
    /// _ROUTERS = {'cache': ('interface_cache', 'execute')}
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def cache_set(key):
    ///     return execute_operation('cache', 'set', key=key, ttl=60)
    /// # interface_cache.py
    /// def _set(key, ttl=None, **kwargs):
    ///     return (key, ttl)
    ///
    /// _DISPATCH = {'set': _set}
    ///
    /// def execute(operation, **kwargs):
    ///     return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order: nothing raises. The value arrives as soon as both files are there.
    SWALLOWED_KEYWORD = "CS109", "swallowed-keyword", Warning, "A keyword ends in **kwargs that nobody reads";

    /// ## What it finds
    ///
    /// A call of a class that has abstract methods which it does not implement.
    ///
    /// ## Why it matters
    ///
    /// An abstract method is a promise that every subclass has it. Adding one to the base breaks each subclass that was not changed with it, at the
    /// first instance that is made: importing the module works.
    ///
    /// ## Example
    ///
    /// ```python
    /// # store.py
    /// from abc import ABC, abstractmethod
    ///
    /// class Store(ABC):
    ///     @abstractmethod
    ///     def get(self, key): ...
    ///
    ///     @abstractmethod
    ///     def close(self): ...
    /// # memory.py
    /// from store import Store
    ///
    /// class Memory(Store):
    ///     def get(self, key):
    ///         return key
    ///
    /// def open_store():
    ///     return Memory()
    /// ```
    ///
    /// ```text
    /// TypeError: Can't instantiate abstract class Memory with abstract method close
    /// ```
    ///
    /// Implement the method:
    ///
    /// ```python
    /// # store.py
    /// from abc import ABC, abstractmethod
    ///
    /// class Store(ABC):
    ///     @abstractmethod
    ///     def get(self, key): ...
    ///
    ///     @abstractmethod
    ///     def close(self): ...
    /// # memory.py
    /// from store import Store
    ///
    /// class Memory(Store):
    ///     def get(self, key):
    ///         return key
    ///
    ///     def close(self):
    ///         return None
    ///
    /// def open_store():
    ///     return Memory()
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The subclasses first, then the base; or all of them together.
    ABSTRACT_CLASS = "CS110", "abstract-class", Error, "An instance is made of a class with abstract methods";

    /// ## What it finds
    ///
    /// What is assigned to several targets, `a, b = f()` or `for a, b in rows`, has more or fewer items than there are targets, or is nothing that has
    /// items.
    ///
    /// ## Why it matters
    ///
    /// What a function returns is part of its contract, and no signature says it. A function that returns one item more breaks each caller that takes the
    /// result apart, when the call has returned.
    ///
    /// ## Example
    ///
    /// ```python
    /// # store.py
    /// def load(key):
    ///     return key, 1, {}
    /// # use.py
    /// from store import load
    ///
    /// def run(key):
    ///     value, count = load(key)
    ///     return value * count
    /// ```
    ///
    /// ```text
    /// ValueError: too many values to unpack (expected 2)
    /// ```
    ///
    /// Write a target for each item:
    ///
    /// ```python
    /// # store.py
    /// def load(key):
    ///     return key, 1, {}
    /// # use.py
    /// from store import load
    ///
    /// def run(key):
    ///     value, count, _ = load(key)
    ///     return value * count
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function and all callers that take its result apart together. `value, count, *_ = load(key)` can ship before the function does.
    UNPACK_MISMATCH = "CS111", "unpack-mismatch", Error, "A value is unpacked into more or fewer targets than it has items";
}
