//! CS3: what changed between two versions, by kind. `coship diff` lists these; nothing here fails by itself.

use crate::change::Kind;

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A parameter that the deployed version does not have. Optional or required, and of which kind, is said with it.
    ///
    /// ## Why it matters
    ///
    /// A required parameter breaks every caller that does not know it yet. An optional one breaks callers that pass it to the deployed
    /// version. One that is put before others shifts their positionals: that is `positional-rebind`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key):
    /// +def get(key, ttl=None):
    ///      return key
    /// # app.py
    ///  import cache_core
    ///
    ///  def read(key):
    ///      return cache_core.get(key)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Optional: the function first, then the callers that pass it. Required: together, or optional first and required once every
    /// caller passes it.
    PARAMETER_ADDED = "CS301", "parameter-added", Info, "A function takes one more parameter";

    /// ## What it finds
    ///
    /// A parameter of the deployed version that the candidate does not have.
    ///
    /// ## Why it matters
    ///
    /// A caller that still passes it gets a `TypeError`; or, where `**kwargs` takes it in, no error at all: that is `swallowed-
    /// keyword`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl=None):
    /// +def get(key):
    ///      return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers that pass it first, then the function. If it was required, together, or with a default in between.
    PARAMETER_REMOVED = "CS302", "parameter-removed", Warning, "A function takes one parameter less";

    /// ## What it finds
    ///
    /// A parameter that stands where another one stood, of the same kind, under a new name.
    ///
    /// ## Why it matters
    ///
    /// Callers that pass it by keyword break in both mixed states. With `**kwargs` beside it nothing raises: the old keyword lands
    /// there, and the default is used.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl):
    /// +def get(key, expires):
    ///      return key, expires
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Together with its callers, or in two steps: first a version that takes both forms, and when no caller uses the old one, the new
    /// form alone.
    PARAMETER_RENAMED = "CS303", "parameter-renamed", Warning, "A parameter has another name";

    /// ## What it finds
    ///
    /// The same parameters in another order.
    ///
    /// ## Why it matters
    ///
    /// Positionals arrive at other parameters, and nothing raises. A call that mixes positionals and keywords may fill one parameter
    /// twice.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def put(key, value):
    /// +def put(value, key):
    ///      return key, value
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Callers pass keywords first; then the function; then the callers as they like.
    PARAMETER_MOVED = "CS304", "parameter-moved", Warning, "Positional parameters changed places";

    /// ## What it finds
    ///
    /// A parameter became positional-only, keyword-only, or both are allowed now.
    ///
    /// ## Why it matters
    ///
    /// What became keyword-only can no longer be passed by position, what became positional-only no longer by keyword.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl=None):
    /// +def get(key, *, ttl=None):
    ///      return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// What allows less: the callers first. What allows more: the function first.
    PARAMETER_KIND = "CS305", "parameter-kind", Warning, "A parameter is passed in another way";

    /// ## What it finds
    ///
    /// A parameter that could be omitted, and must be passed now.
    ///
    /// ## Why it matters
    ///
    /// Every caller that omits it gets a `TypeError`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl=300):
    /// +def get(key, ttl):
    ///      return key, ttl
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers first: each passes it. A version that warns when it is omitted shows who does not; once no caller omits it any more
    /// the function may ship.
    PARAMETER_REQUIRED = "CS306", "parameter-required", Warning, "A parameter lost its default";

    /// ## What it finds
    ///
    /// The body calls `warnings.warn` if an optional parameter is passed, or if it is omitted; the deployed version does not.
    ///
    /// ## Why it matters
    ///
    /// It is the first of two steps: the callers are listed that cause the warning, and have to change before the parameter goes or
    /// becomes required.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  import warnings
    ///
    ///  def get(key, ttl=None):
    /// +    if ttl is not None:
    /// +        warnings.warn('ttl is going away', DeprecationWarning)
    ///      return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order. The second step waits until no caller is listed any more.
    PARAMETER_DEPRECATED = "CS307", "parameter-deprecated", Info, "A function warns about a parameter";

    /// ## What it finds
    ///
    /// A parameter that had to be passed has a default now.
    ///
    /// ## Why it matters
    ///
    /// A caller that omits it breaks if it meets the deployed version.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl):
    /// +def get(key, ttl=300):
    ///      return key, ttl
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function first, then its callers.
    DEFAULT_ADDED = "CS308", "default-added", Info, "A parameter may be omitted now";

    /// ## What it finds
    ///
    /// A parameter's default is written differently than in the deployed version.
    ///
    /// ## Why it matters
    ///
    /// Callers that omit the parameter get another behaviour, without a sound.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key, ttl=300):
    /// +def get(key, ttl=600):
    ///      return key, ttl
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order as far as calls bind; callers that rely on the old value pass it first.
    DEFAULT_CHANGED = "CS309", "default-changed", Info, "A default is another one";

    /// ## What it finds
    ///
    /// The candidate has `*args`, the deployed version has not.
    ///
    /// ## Why it matters
    ///
    /// A caller that passes more positionals breaks if it meets the deployed version.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # log_core.py
    /// -def log(message):
    /// +def log(message, *values):
    ///      return message
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function first, then its callers.
    VAR_POSITIONAL_ADDED = "CS310", "var-positional-added", Info, "A function takes any number of positionals now";

    /// ## What it finds
    ///
    /// The deployed version has `*args`, the candidate has not.
    ///
    /// ## Why it matters
    ///
    /// A caller that passes more positionals than there are parameters gets a `TypeError`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # log_core.py
    /// -def log(message, *values):
    /// +def log(message):
    ///      return message
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers first, then the function.
    VAR_POSITIONAL_REMOVED = "CS311", "var-positional-removed", Warning, "A function no longer takes any number of positionals";

    /// ## What it finds
    ///
    /// The candidate has `**kwargs`, the deployed version has not.
    ///
    /// ## Why it matters
    ///
    /// A caller that passes other keywords breaks if it meets the deployed version. From now on a misspelt keyword raises nothing.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # log_core.py
    /// -def log(message):
    /// +def log(message, **fields):
    ///      return message, fields
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function first, then its callers.
    VAR_KEYWORD_ADDED = "CS312", "var-keyword-added", Info, "A function takes any keyword now";

    /// ## What it finds
    ///
    /// The deployed version has `**kwargs`, the candidate has not.
    ///
    /// ## Why it matters
    ///
    /// Whatever used to flow into it gets a `TypeError`: also what an executor adds on the way.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # log_core.py
    /// -def log(message, **fields):
    /// +def log(message):
    ///      return message
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers first, then the function.
    VAR_KEYWORD_REMOVED = "CS313", "var-keyword-removed", Warning, "A function no longer takes any keyword";

    /// ## What it finds
    ///
    /// A function became `async` or is it no more, or `yield` came or went.
    ///
    /// ## Why it matters
    ///
    /// Every call binds, and what comes back cannot be used: a coroutine that is not awaited does nothing, without a sound; a value
    /// that is awaited raises `TypeError`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key):
    /// +async def get(key):
    ///      return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Together with its callers, or under a new name that they move to.
    ASYNC_CHANGED = "CS314", "async-changed", Warning, "A call gives something else: a value, a coroutine, a generator";

    /// ## What it finds
    ///
    /// A method became static, a class's, a property, or an ordinary one.
    ///
    /// ## Why it matters
    ///
    /// What comes before the arguments changes: the instance, the class, or nothing. A property that is called, and a method that is
    /// not, are mistakes that often raise nothing.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  class Cache:
    /// +    @staticmethod
    /// -    def key(self, name):
    /// +    def key(name):
    ///          return name
    /// ```
    ///
    /// ## How to ship it
    ///
    /// By the mode that is given: it is computed over calls on an instance and on the class.
    BINDING_CHANGED = "CS315", "binding-changed", Warning, "A method is reached in another way: static, of the class, a property";

    /// ## What it finds
    ///
    /// A decorator came, went or changed, and with it the signature that holds; or nobody can tell what it makes of the function.
    ///
    /// ## Why it matters
    ///
    /// `functools.wraps` shows the old signature, while the wrapper decides which calls bind.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// +def keyed(function):
    /// +    def wrapper(key):
    /// +        return function(key)
    /// +    return wrapper
    /// +
    /// +@keyed
    ///  def get(key, ttl=None):
    ///      return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// By the mode that is given for the signature that holds.
    DECORATOR_CHANGED = "CS316", "decorator-changed", Warning, "A decorator changes what a function takes";

    /// ## What it finds
    ///
    /// A function or method that is new.
    ///
    /// ## Why it matters
    ///
    /// A caller that meets the deployed version does not find it.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  def get(key):
    ///      return key
    /// +
    /// +def peek(key):
    /// +    return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function first, then its callers.
    FUNCTION_ADDED = "CS317", "function-added", Info, "A function that the deployed version does not have";

    /// ## What it finds
    ///
    /// A function or method of the deployed version that is gone.
    ///
    /// ## Why it matters
    ///
    /// Callers, imports and tables that still name it fail.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  def get(key):
    ///      return key
    /// -
    /// -def peek(key):
    /// -    return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers first, then the function.
    FUNCTION_REMOVED = "CS318", "function-removed", Warning, "A function that the candidate no longer has";

    /// ## What it finds
    ///
    /// A function that is recognised by its body or by the route that ends in it.
    ///
    /// ## Why it matters
    ///
    /// Imports and the strings in registries name the old place. Where the old name stays, as an import or an alias, nothing breaks.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key):
    /// +def fetch(key):
    ///      found = {'a': 1, 'b': 2}.get(key, 'nothing')
    ///      return found
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Keep the old name as an alias: then the new one first, the callers after it, the alias last.
    FUNCTION_MOVED = "CS319", "function-moved", Warning, "A function has another name or stands in another module";

    /// ## What it finds
    ///
    /// A class that is new; its methods are not listed.
    ///
    /// ## Why it matters
    ///
    /// Code that meets the deployed version does not find it.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  def get(key):
    ///      return key
    /// +
    /// +class Cache:
    /// +    pass
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The class first, then what uses it.
    CLASS_ADDED = "CS320", "class-added", Info, "A class that the deployed version does not have";

    /// ## What it finds
    ///
    /// A class of the deployed version that is gone; its methods are not listed.
    ///
    /// ## Why it matters
    ///
    /// Code that still names it fails.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  def get(key):
    ///      return key
    /// -
    /// -class Cache:
    /// -    pass
    /// ```
    ///
    /// ## How to ship it
    ///
    /// What uses it first, then the class.
    CLASS_REMOVED = "CS321", "class-removed", Warning, "A class that the candidate no longer has";

    /// ## What it finds
    ///
    /// A class that is recognised by what it holds.
    ///
    /// ## Why it matters
    ///
    /// Imports name the old place. Pickled instances do so as well.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -class Cache:
    /// +class Store:
    ///      def get(self, key):
    ///          found = {'a': 1, 'b': 2}.get(key)
    ///          return found
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Keep the old name as an alias until nothing uses it.
    CLASS_MOVED = "CS322", "class-moved", Warning, "A class has another name or stands in another module";

    /// ## What it finds
    ///
    /// A module that is new. What it holds is named with it and not by itself.
    ///
    /// ## Why it matters
    ///
    /// Whoever imports it breaks without it, lazily where the import stands in a function.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// +def get(key):
    /// +    return key
    /// # app.py
    ///  def main():
    ///      return 0
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The file first, then what imports it.
    MODULE_ADDED = "CS323", "module-added", Info, "A file that the deployed version does not have";

    /// ## What it finds
    ///
    /// A module of the deployed version that is gone. What it held is named with it and not by itself.
    ///
    /// ## Why it matters
    ///
    /// Whoever imports it breaks, and so do registries that name it in a string.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key):
    /// -    return key
    /// # app.py
    ///  def main():
    ///      return 0
    /// ```
    ///
    /// ## How to ship it
    ///
    /// What imports it first, then the file.
    MODULE_REMOVED = "CS324", "module-removed", Warning, "A file that the candidate no longer has";

    /// ## What it finds
    ///
    /// A module most of whose functions and classes are found in one new module.
    ///
    /// ## Why it matters
    ///
    /// Imports and the strings in registries name the old one.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def get(key):
    /// -    found = {'a': 1, 'b': 2}.get(key, 'nothing')
    /// -    return found
    /// # cache/core.py
    /// +def get(key):
    /// +    found = {'a': 1, 'b': 2}.get(key, 'nothing')
    /// +    return found
    /// # app.py
    ///  def main():
    ///      return 0
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Leave the old file behind, importing everything from the new one, until nothing names it.
    MODULE_MOVED = "CS325", "module-moved", Warning, "A file has another name or lies in another directory";

    /// ## What it finds
    ///
    /// A member that the deployed version does not have.
    ///
    /// ## Why it matters
    ///
    /// Code that names it fails with an `AttributeError` if it meets the deployed version.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # names.py
    ///  from enum import Enum
    ///
    ///  class Interface(Enum):
    ///      CACHE = 'cache'
    /// +    LOGGING = 'logging'
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The enum first, then what uses the member.
    MEMBER_ADDED = "CS326", "member-added", Info, "An enum has one more member";

    /// ## What it finds
    ///
    /// A member of the deployed version that is gone.
    ///
    /// ## Why it matters
    ///
    /// Code that names it fails with an `AttributeError`; stored values of it can no longer be read.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # names.py
    ///  from enum import Enum
    ///
    ///  class Interface(Enum):
    ///      CACHE = 'cache'
    /// -    LOGGING = 'logging'
    /// ```
    ///
    /// ## How to ship it
    ///
    /// What uses the member first, then the enum.
    MEMBER_REMOVED = "CS327", "member-removed", Warning, "An enum has one member less";

    /// ## What it finds
    ///
    /// A member with the same value under a new name.
    ///
    /// ## Why it matters
    ///
    /// Code that uses either name fails with an `AttributeError` if it meets the other version.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # names.py
    ///  from enum import Enum
    ///
    ///  class Interface(Enum):
    /// -    LOG = 'logging'
    /// +    LOGGING = 'logging'
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Together, or with both names for a while: the second one of the same value is an alias.
    MEMBER_RENAMED = "CS328", "member-renamed", Warning, "A member of an enum has another name";

    /// ## What it finds
    ///
    /// A member whose value is written differently than in the deployed version.
    ///
    /// ## Why it matters
    ///
    /// Code that names the member goes on. What was stored or sent by the other version is no longer recognised.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # names.py
    ///  from enum import Enum
    ///
    ///  class Interface(Enum):
    /// -    CACHE = 'cache'
    /// +    CACHE = 'cache-v2'
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order as far as names go; not while values of the other version are stored or under way.
    MEMBER_VALUE_CHANGED = "CS329", "member-value-changed", Warning, "A member of an enum has another value";

    /// ## What it finds
    ///
    /// A key of a dispatch table, or a branch of a ladder, that the deployed version does not have.
    ///
    /// ## Why it matters
    ///
    /// A caller that asks the deployed version for it is refused.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # interface_cache.py
    ///  def _get(key):
    ///      return key
    ///
    /// -_DISPATCH = {'get': _get}
    /// +_DISPATCH = {'get': _get, 'peek': _get}
    ///
    ///  def execute(operation, **kwargs):
    ///      return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The file with the table first, then its callers.
    OPERATION_ADDED = "CS330", "operation-added", Info, "A table has one more operation";

    /// ## What it finds
    ///
    /// A key of a dispatch table, or a branch of a ladder, of the deployed version that is gone.
    ///
    /// ## Why it matters
    ///
    /// A caller that still asks for it is refused.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # interface_cache.py
    ///  def _get(key):
    ///      return key
    ///
    /// -_DISPATCH = {'get': _get, 'peek': _get}
    /// +_DISPATCH = {'get': _get}
    ///
    ///  def execute(operation, **kwargs):
    ///      return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers first, then the file with the table.
    OPERATION_REMOVED = "CS331", "operation-removed", Warning, "A table has one operation less";

    /// ## What it finds
    ///
    /// The same key leads to another handler, or the same interface to another router.
    ///
    /// ## Why it matters
    ///
    /// Callers reach another function with the same arguments. The mode is that of the difference between both signatures.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # interface_cache.py
    ///  def _get(key):
    ///      return key
    ///
    ///  def _get_all(prefix):
    ///      return prefix
    ///
    /// -_DISPATCH = {'get': _get}
    /// +_DISPATCH = {'get': _get_all}
    ///
    ///  def execute(operation, **kwargs):
    ///      return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// By the mode that is given; the new handler's file not after the table.
    OPERATION_RETARGETED = "CS332", "operation-retargeted", Warning, "An operation leads to another function";

    /// ## What it finds
    ///
    /// A body adds a keyword, or a positional, to a call that reaches another file. No signature needs to differ.
    ///
    /// ## Why it matters
    ///
    /// Whatever the call reaches has to take it, however many `**kwargs` lie between. This is how one optional parameter of a gateway
    /// stops every route.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # gateway.py
    ///  import router
    ///
    ///  def execute(operation, timeout=30, **kwargs):
    /// -    return router.route(operation, **kwargs)
    /// +    return router.route(operation, timeout=timeout, **kwargs)
    ///
    ///  def read(key):
    ///      return execute('get', key=key)
    /// # router.py
    ///  def _get(key):
    ///      return key
    ///
    ///  def route(operation, **kwargs):
    ///      return {'get': _get}[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Everything that the keyword reaches first, then this function.
    SENDS_MORE = "CS333", "sends-more", Warning, "A function sends more than before";

    /// ## What it finds
    ///
    /// A body no longer passes a keyword, or a positional, to a call that reaches another file; or it takes one out of what came in.
    ///
    /// ## Why it matters
    ///
    /// What the call reaches may need it.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # gateway.py
    ///  import cache_core
    ///
    ///  def read(key):
    /// -    return cache_core.get(key, ttl=60)
    /// +    return cache_core.get(key)
    /// # cache_core.py
    ///  def get(key, ttl=None):
    ///      return key, ttl
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Where the next hop required it: the next hop first, so that it can do without. Where the next hop no longer takes it: this
    /// function first.
    SENDS_LESS = "CS334", "sends-less", Warning, "A function sends less than before";

    /// ## What it finds
    ///
    /// A body passes one keyword instead of another to a call that reaches another file.
    ///
    /// ## Why it matters
    ///
    /// The next hops know either the old or the new name.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # gateway.py
    ///  import cache_core
    ///
    ///  def read(key):
    /// -    return cache_core.get(key=key)
    /// +    return cache_core.get(name=key)
    /// # cache_core.py
    /// -def get(key):
    /// +def get(name):
    /// -    return key
    /// +    return name
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Together with everything that the keyword reaches.
    SENDS_RENAMED = "CS335", "sends-renamed", Warning, "A function sends a keyword under another name";

    /// ## What it finds
    ///
    /// A parameter that was inserted, removed or moved shifts the positionals after it: the call binds, to something else.
    ///
    /// ## Why it matters
    ///
    /// No exception tells of it. The callers that are listed pass so many positionals.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    /// -def put(key, value=None):
    /// +def put(key, ttl=None, value=None):
    ///      return key, value
    /// # app.py
    ///  import cache_core
    ///
    ///  def store(key):
    ///      return cache_core.put(key, 1)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Callers pass keywords first; then the function.
    POSITIONAL_REBIND = "CS336", "positional-rebind", Warning, "A positional arrives at another parameter, and nothing raises";

    /// ## What it finds
    ///
    /// A function with `**kwargs` got a named parameter: the keyword of that name no longer reaches `**kwargs`, nor what that is handed
    /// on to.
    ///
    /// ## Why it matters
    ///
    /// No exception tells of it: the next hop uses its default.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # gateway.py
    ///  import router
    ///
    ///  def execute(key):
    ///      return router.route('get', key=key, timeout=5)
    /// # router.py
    /// -def route(operation, **kwargs):
    /// +def route(operation, timeout=None, **kwargs):
    ///      return operation, kwargs
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Hand the new parameter on explicitly, in the same version.
    KEYWORD_CAPTURE = "CS337", "keyword-capture", Warning, "A new parameter takes a keyword that used to flow on";

    /// ## What it finds
    ///
    /// A default changed in one hop of a route, while another hop, which had the same, keeps the old one.
    ///
    /// ## Why it matters
    ///
    /// Which value counts depends on where the call enters the route.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # gateway.py
    ///  from enum import Enum
    ///  import importlib
    ///
    ///  class Interface(Enum):
    ///      CACHE = 'cache'
    ///
    ///  _ROUTERS = {Interface.CACHE: ('interface_cache', 'execute')}
    ///
    ///  def execute_operation(interface, operation, **kwargs):
    ///      module, function = _ROUTERS[interface]
    ///      return getattr(importlib.import_module(module), function)(operation, **kwargs)
    ///
    ///  def cache_get(key, ttl=300):
    ///      return execute_operation(Interface.CACHE, 'get', key=key, ttl=ttl)
    ///
    ///  def cache_put(key, ttl=300):
    ///      return execute_operation(Interface.CACHE, 'put', key=key, ttl=ttl)
    /// # interface_cache.py
    /// -def _get(key, ttl=300):
    /// +def _get(key, ttl=600):
    ///      return key, ttl
    ///
    ///  def _put(key, ttl=300):
    ///      return key, ttl
    ///
    ///  _DISPATCH = {'get': _get, 'put': _put}
    ///
    ///  def execute(operation, **kwargs):
    ///      return _DISPATCH[operation](**kwargs)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Both hops in one step.
    DEFAULT_DRIFT = "CS338", "default-drift", Warning, "The hops of a route no longer have the same default";

    /// ## What it finds
    ///
    /// A key that a function raises without, and did not before: in its `**kwargs`, or in a dict that it is given, as validators are.
    ///
    /// ## Why it matters
    ///
    /// The signature says nothing of it. Every caller that does not send the key yet gets the function's own exception, a `ValueError` or a
    /// `KeyError`, on every route that leads there.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # validate_cache.py
    ///  def validate_set(kwargs):
    ///      if 'key' not in kwargs:
    ///          raise ValueError("cache.set requires 'key'")
    /// +    if 'ttl' not in kwargs:
    /// +        raise ValueError("cache.set requires 'ttl'")
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The callers that send the key first, then the function that insists on it.
    KEY_REQUIRED = "CS339", "key-required", Warning, "A function insists on one more key";

    /// ## What it finds
    ///
    /// A key that the deployed version raises without, and the candidate does not.
    ///
    /// ## Why it matters
    ///
    /// Nothing breaks by it, but a caller that counts on it and no longer sends the key breaks with the deployed version.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # cache_core.py
    ///  def store(**kwargs):
    /// -    return kwargs['ttl']
    /// +    return kwargs.get('ttl', 300)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function first, then callers that leave the key out.
    KEY_OPTIONAL = "CS340", "key-optional", Info, "A function no longer insists on a key";

    /// ## What it finds
    ///
    /// A method that refuses calls which the method that it overrides takes, and did not do so before: one of the two changed, or it is new.
    ///
    /// ## Why it matters
    ///
    /// Code that has an instance of the base class in mind calls what the base class has. With an instance of the subclass it gets a
    /// `TypeError`.
    ///
    /// ## Example
    ///
    /// ```diff
    /// # stores.py
    ///  class Store:
    ///      def get(self, key, default=None):
    ///          return default
    ///
    ///  class DiskStore(Store):
    /// -    def get(self, key, default=None):
    /// +    def get(self, key):
    ///          return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Let the override take all that the base takes. If it must not, the callers first, each of which has to know the subclass.
    OVERRIDE_NARROWED = "CS341", "override-narrowed", Warning, "A method refuses what the one that it overrides takes";
}

/// The rule of a kind of change.
#[must_use]
pub fn of(kind: Kind) -> &'static super::Rule {
    match kind {
        Kind::ParameterAdded => &PARAMETER_ADDED,
        Kind::ParameterRemoved => &PARAMETER_REMOVED,
        Kind::ParameterRenamed => &PARAMETER_RENAMED,
        Kind::ParameterMoved => &PARAMETER_MOVED,
        Kind::ParameterKind => &PARAMETER_KIND,
        Kind::ParameterRequired => &PARAMETER_REQUIRED,
        Kind::ParameterDeprecated => &PARAMETER_DEPRECATED,
        Kind::KeyRequired => &KEY_REQUIRED,
        Kind::KeyOptional => &KEY_OPTIONAL,
        Kind::OverrideNarrowed => &OVERRIDE_NARROWED,
        Kind::DefaultAdded => &DEFAULT_ADDED,
        Kind::DefaultChanged => &DEFAULT_CHANGED,
        Kind::VarPositionalAdded => &VAR_POSITIONAL_ADDED,
        Kind::VarPositionalRemoved => &VAR_POSITIONAL_REMOVED,
        Kind::VarKeywordAdded => &VAR_KEYWORD_ADDED,
        Kind::VarKeywordRemoved => &VAR_KEYWORD_REMOVED,
        Kind::AsyncChanged => &ASYNC_CHANGED,
        Kind::BindingChanged => &BINDING_CHANGED,
        Kind::DecoratorChanged => &DECORATOR_CHANGED,
        Kind::FunctionAdded => &FUNCTION_ADDED,
        Kind::FunctionRemoved => &FUNCTION_REMOVED,
        Kind::FunctionMoved => &FUNCTION_MOVED,
        Kind::ClassAdded => &CLASS_ADDED,
        Kind::ClassRemoved => &CLASS_REMOVED,
        Kind::ClassMoved => &CLASS_MOVED,
        Kind::ModuleAdded => &MODULE_ADDED,
        Kind::ModuleRemoved => &MODULE_REMOVED,
        Kind::ModuleMoved => &MODULE_MOVED,
        Kind::MemberAdded => &MEMBER_ADDED,
        Kind::MemberRemoved => &MEMBER_REMOVED,
        Kind::MemberRenamed => &MEMBER_RENAMED,
        Kind::MemberValueChanged => &MEMBER_VALUE_CHANGED,
        Kind::OperationAdded => &OPERATION_ADDED,
        Kind::OperationRemoved => &OPERATION_REMOVED,
        Kind::OperationRetargeted => &OPERATION_RETARGETED,
        Kind::SendsMore => &SENDS_MORE,
        Kind::SendsLess => &SENDS_LESS,
        Kind::SendsRenamed => &SENDS_RENAMED,
        Kind::PositionalRebind => &POSITIONAL_REBIND,
        Kind::KeywordCapture => &KEYWORD_CAPTURE,
        Kind::DefaultDrift => &DEFAULT_DRIFT,
        // The same thing as what `check` finds of it.
        Kind::SwallowedKeyword => &super::calls::SWALLOWED_KEYWORD,
    }
}
