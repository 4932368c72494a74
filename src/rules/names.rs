//! CS2: names, imports and routes that lead nowhere.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A call asks an interface for an operation that its table, or its `if`/`elif` ladder, does not have.
    ///
    /// ## Why it matters
    ///
    /// Operations are strings: no tool that checks names sees them. The router answers with its own exception when the request comes.
    ///
    /// ## Example
    ///
    /// ```python
    /// # interface_cache.py
    /// def _get(key):
    ///     return key
    ///
    /// _DISPATCH = {'get': _get}
    ///
    /// def execute(operation, **kwargs):
    ///     if operation not in _DISPATCH:
    ///         raise ValueError(f'Unknown operation: {operation}')
    ///     return _DISPATCH[operation](**kwargs)
    /// # wrappers.py
    /// import interface_cache
    ///
    /// def cache_fetch(key):
    ///     return interface_cache.execute('fetch', key=key)
    /// ```
    ///
    /// ```text
    /// ValueError: Unknown operation: fetch
    /// ```
    ///
    /// Add the operation to the table, or ask for the one that is there:
    ///
    /// ```python
    /// # interface_cache.py
    /// def _get(key):
    ///     return key
    ///
    /// _DISPATCH = {'get': _get}
    ///
    /// def execute(operation, **kwargs):
    ///     if operation not in _DISPATCH:
    ///         raise ValueError(f'Unknown operation: {operation}')
    ///     return _DISPATCH[operation](**kwargs)
    /// # wrappers.py
    /// import interface_cache
    ///
    /// def cache_fetch(key):
    ///     return interface_cache.execute('get', key=key)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A new operation: the file with the table first, then its callers. A removed one: the callers first.
    UNKNOWN_OPERATION = "CS201", "unknown-operation", Error, "A call asks for an operation that the interface does not have";

    /// ## What it finds
    ///
    /// A call asks the gateway for an interface that its registry does not have.
    ///
    /// ## Why it matters
    ///
    /// The enum member exists, the wrapper imports, and every one of its calls fails in the registry's look-up.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    /// from enum import Enum
    ///
    /// class Interface(Enum):
    ///     CACHE = 'cache'
    ///     METRICS = 'metrics'
    ///
    /// _ROUTERS = {Interface.CACHE: ('interface_cache', 'execute')}
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def count(name):
    ///     return execute_operation(Interface.METRICS, 'count', name=name)
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// KeyError: <Interface.METRICS: 'metrics'>
    /// ```
    ///
    /// Register it:
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    /// from enum import Enum
    ///
    /// class Interface(Enum):
    ///     CACHE = 'cache'
    ///     METRICS = 'metrics'
    ///
    /// _ROUTERS = {
    ///     Interface.CACHE: ('interface_cache', 'execute'),
    ///     Interface.METRICS: ('interface_metrics', 'execute'),
    /// }
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def count(name):
    ///     return execute_operation(Interface.METRICS, 'count', name=name)
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     return key
    /// # interface_metrics.py
    /// def execute(operation, name):
    ///     return name
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The interface's module first, then the registry, then the callers; or all of them together.
    UNKNOWN_INTERFACE = "CS202", "unknown-interface", Error, "A call asks for an interface that the registry does not have";

    /// ## What it finds
    ///
    /// A table names, as text, a module or function that does not exist.
    ///
    /// ## Why it matters
    ///
    /// `('interface_cache', 'execute_cache')` is two strings until the route is used. A rename on the other side leaves them behind, and
    /// importing the gateway proves nothing.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    ///
    /// _ROUTERS = {'cache': ('interface_cache', 'execute_cache')}
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def cache_get(key):
    ///     return execute_operation('cache', 'get', key=key)
    /// # interface_cache.py
    /// def execute_cache_operation(operation, key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// AttributeError: module 'interface_cache' has no attribute 'execute_cache'
    /// ```
    ///
    /// Write the name that the module has:
    ///
    /// ```python
    /// # gateway.py
    /// import importlib
    ///
    /// _ROUTERS = {'cache': ('interface_cache', 'execute_cache_operation')}
    ///
    /// def execute_operation(interface, operation, **kwargs):
    ///     module, function = _ROUTERS[interface]
    ///     return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    /// def cache_get(key):
    ///     return execute_operation('cache', 'get', key=key)
    /// # interface_cache.py
    /// def execute_cache_operation(operation, key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A rename: keep the old name as an alias until the table has shipped, or ship both files together.
    MISSING_TARGET = "CS203", "missing-target", Error, "A table names a module or function that does not exist";

    /// ## What it finds
    ///
    /// An import of a module that is neither in the tree, nor in the standard library, nor anywhere else where it could come from.
    ///
    /// It is an error if the module must be missing: a package of the tree lacks it; the deployed version has it, or the history had it (`it was
    /// deleted in 4f2c1e0`); a package of the tree has it under a longer name; or the environment is known as a whole, everything that is declared is
    /// installed there, and nothing in it provides the module. It is a warning if a lock file lists all that is installed and nothing in it can provide it, or the
    /// tree has such a module elsewhere, or if only tests and `try` statements import the file that needs it. Else it is information, given once: what nothing
    /// is known of, what a build writes, and what a file imports that was written for another package.
    ///
    /// An import whose `ImportError` is caught is not reported here: what was the tree's own is a `guarded-import`, the rest may be missing.
    ///
    /// Packages are looked up, never run: in `--python DIR`, else `VIRTUAL_ENV`, else `.venv` or `venv`, and in each `--packages DIR`. Requirements
    /// are read from `requirements.txt` and what it includes, `pyproject.toml`, `setup.cfg`, `Pipfile`, and the lock files of Pipenv, Poetry, uv and
    /// PEP 751. `coship environment` says what was taken from where.
    ///
    /// ## Why it matters
    ///
    /// The import fails when it runs. Inside a function that is not at start-up, but at the first request that comes by.
    ///
    /// ## Example
    ///
    /// ```python
    /// # pkg/__init__.py
    /// # pkg/wrappers.py
    /// import pkg.store
    ///
    /// def cache_get(key):
    ///     return pkg.store.get(key)
    /// # pkg/storage.py
    /// def get(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// ModuleNotFoundError: No module named 'pkg.store'
    /// ```
    ///
    /// Import the module that exists, or add the one that is meant:
    ///
    /// ```python
    /// # pkg/__init__.py
    /// # pkg/wrappers.py
    /// import pkg.storage
    ///
    /// def cache_get(key):
    ///     return pkg.storage.get(key)
    /// # pkg/storage.py
    /// def get(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A new module first, then whoever imports it. A removed one last.
    MISSING_MODULE = "CS204", "missing-module", Error, "An import of a module that does not exist";

    /// ## What it finds
    ///
    /// `from module import name`, where the module is in the tree and has no such name.
    ///
    /// ## Why it matters
    ///
    /// The whole importing module fails, with everything that it offers: one missing name takes a dozen interfaces with it.
    ///
    /// ## Example
    ///
    /// ```python
    /// # wrappers.py
    /// from core import fetch_value
    ///
    /// def cache_get(key):
    ///     return fetch_value(key)
    /// # core.py
    /// def fetch(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// ImportError: cannot import name 'fetch_value' from 'core'
    /// ```
    ///
    /// Import what is there, or keep the old name for a while:
    ///
    /// ```python
    /// # wrappers.py
    /// from core import fetch_value
    ///
    /// def cache_get(key):
    ///     return fetch_value(key)
    /// # core.py
    /// def fetch(key):
    ///     return key
    ///
    /// fetch_value = fetch
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A module that offers both names works with old and new importers: ship it first, drop the old name last.
    MISSING_NAME = "CS205", "missing-name", Error, "An import of a name that the module does not have";

    /// ## What it finds
    ///
    /// `module.name` or `object.name`, where what stands before the dot is known and has no such attribute.
    ///
    /// An attribute of `self` that no instance of the method's own class has is a warning where nothing calls the method: a class derived from it elsewhere may
    /// have the attribute. So is one that no code of the tree puts on an object, where code from outside gets the object or other classes derive from its own, and one that
    /// a value of a wrong type lacks, where the tests around it only ask whether there is a value. So is one that a class has neither itself nor from a base outside the tree of which a
    /// list says what it has (Django's models).
    ///
    /// ## Why it matters
    ///
    /// It raises an `AttributeError` when the line runs, which for a lazily imported module is the first request, not the start.
    ///
    /// ## Example
    ///
    /// ```python
    /// # wrappers.py
    /// import core
    ///
    /// def cache_get(key):
    ///     return core.fetch_value(key)
    /// # core.py
    /// def fetch(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// AttributeError: module 'core' has no attribute 'fetch_value'
    /// ```
    ///
    /// Use the name that is there:
    ///
    /// ```python
    /// # wrappers.py
    /// import core
    ///
    /// def cache_get(key):
    ///     return core.fetch(key)
    /// # core.py
    /// def fetch(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A module that offers both names works with old and new users: ship it first, drop the old name last.
    MISSING_ATTRIBUTE = "CS206", "missing-attribute", Error, "An attribute that the object does not have";

    /// ## What it finds
    ///
    /// An import under `try` and `except ImportError` of a name that a module of the same tree does not have.
    ///
    /// ## Why it matters
    ///
    /// The guard was meant for packages that may not be installed. Around the program's own modules it switches a whole interface
    /// off without a sound: no exception, no log, the fallback answers for ever.
    ///
    /// Of a module that only the history or another place of the tree has it is a warning; of one that a closed environment lacks, information.
    ///
    /// ## Example
    ///
    /// ```python
    /// # interface_cache.py
    /// try:
    ///     from cache_core import get_value
    ///     AVAILABLE = True
    /// except ImportError:
    ///     AVAILABLE = False
    /// # cache_core.py
    /// def get(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// ImportError: cannot import name 'get_value' from 'cache_core'
    /// ```
    ///
    /// Import the name that is there, and let what belongs to the program fail loudly:
    ///
    /// ```python
    /// # interface_cache.py
    /// from cache_core import get
    /// AVAILABLE = True
    /// # cache_core.py
    /// def get(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The module that defines the name first, or both files together.
    GUARDED_IMPORT = "CS207", "guarded-import", Error, "A missing name of the tree's own is hidden by except ImportError";

    /// ## What it finds
    ///
    /// `__all__` lists a name that the module does not define.
    ///
    /// ## Why it matters
    ///
    /// `from module import *` raises an `AttributeError` for it, and takes the importing module down. Where nobody imports by star, nothing
    /// raises: then it is an info.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// from wrappers import *
    /// # wrappers.py
    /// __all__ = ['cache_get', 'cache_set']
    ///
    /// def cache_get(key):
    ///     return key
    /// ```
    ///
    /// ```text
    /// AttributeError: module 'wrappers' has no attribute 'cache_set'
    /// ```
    ///
    /// List what is there:
    ///
    /// ```python
    /// # gateway.py
    /// from wrappers import *
    /// # wrappers.py
    /// __all__ = ['cache_get']
    ///
    /// def cache_get(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// That file alone.
    UNDEFINED_EXPORT = "CS208", "undefined-export", Error, "__all__ lists a name that the module does not define";

    /// ## What it finds
    ///
    /// An operation in a table that no call in the tree uses.
    ///
    /// ## Why it matters
    ///
    /// It may be an entry point of its own, called from outside, or left over. It costs nothing but attention: hence an info.
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
    /// def cache_get(key):
    ///     return execute_operation('cache', 'get', key=key)
    /// # interface_cache.py
    /// def _get(key):
    ///     return key
    ///
    /// def _purge():
    ///     return None
    ///
    /// _DISPATCH = {'get': _get, 'purge': _purge}
    ///
    /// def execute(operation, **kwargs):
    ///     return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// Remove the operation, or give it a wrapper:
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
    /// def cache_get(key):
    ///     return execute_operation('cache', 'get', key=key)
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
    /// ## How to ship it
    ///
    /// An operation that nobody calls can go in any order, unless the deployed version still calls it.
    ORPHAN_OPERATION = "CS209", "orphan-operation", Info, "An operation that no call in the tree uses";

    /// ## What it finds
    ///
    /// Modules that import each other at the top level. Each of them is imported first, in thought: if a name is asked for that the other module
    /// does not have yet, that import fails. It is an error if every way in fails, a warning if some do, and an info if all work.
    ///
    /// ## Why it matters
    ///
    /// It may work as long as the right module is imported first, and break with `partially initialized module` when the order changes: another
    /// entry point is enough.
    ///
    /// ## Example
    ///
    /// ```python
    /// # gateway.py
    /// from interface_cache import execute
    ///
    /// def log(text):
    ///     return text
    /// # interface_cache.py
    /// from gateway import log
    ///
    /// def execute(operation):
    ///     return log(operation)
    /// ```
    ///
    /// ```text
    /// ImportError: cannot import name 'log' from partially initialized module 'gateway' (most likely due to a circular import)
    /// ```
    ///
    /// Import it where it is needed:
    ///
    /// ```python
    /// # gateway.py
    /// from interface_cache import execute
    ///
    /// def log(text):
    ///     return text
    /// # interface_cache.py
    /// def execute(operation):
    ///     from gateway import log
    ///     return log(operation)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Breaking the cycle takes one file; it may ship in any order.
    IMPORT_CYCLE = "CS210", "import-cycle", Error, "Modules import each other at the top level";
}
