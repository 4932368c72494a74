try:
    from not_installed_anywhere import work
except ImportError:
    from fallback import work

work()
