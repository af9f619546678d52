"""Everything that can go wrong, named by what the caller can do about it.

::

    StewardError
    ├── BadInput                 the person at the keyboard can mend it: one sentence, exit code 2
    │   ├── CharterError         a charter file is wrong; says file, key and the nearest right one
    │   ├── ExportError          an export cannot be read; says file and line where there is one
    │   ├── ModelError           a model folder is missing, damaged or foreign
    │   └── SettingsError        the environment or the command line contradicts itself
    ├── StoreError               the database cannot be used as it is
    │   ├── DatabaseTooNew       written by a newer Steward: update the program
    │   ├── DatabaseTooOld       needs `steward migrate`
    │   └── WrongKey             the secret key does not open what is stored
    └── PlatformError            a chat platform did not do what was asked
        ├── Gone                 what it was about no longer exists: count it as done
        ├── NotAllowed           a permission is missing: tell the moderators once, do not retry
        ├── NotReachable         one person takes no private message: say so where they are, or leave it
        └── Unavailable          may work later: retry, not before `retry_after` seconds
"""


class StewardError(Exception):
    """Base of all errors that Steward raises on purpose; its text is a sentence for people."""


class BadInput(StewardError):
    """Something that the person at the keyboard gave is wrong."""


class CharterError(BadInput):
    """A charter cannot be used."""


class ExportError(BadInput):
    """An export cannot be read."""


class ModelError(BadInput):
    """A model folder cannot be used."""


class SettingsError(BadInput):
    """The settings contradict each other or one is missing."""


class StoreError(StewardError):
    """The database cannot be used as it is."""


class DatabaseTooNew(StoreError):
    """The database was written by a newer Steward."""


class DatabaseTooOld(StoreError):
    """The database needs a migration first."""


class WrongKey(StoreError):
    """The secret key does not open what is stored."""


class PlatformError(StewardError):
    """A chat platform did not do what was asked."""


class Gone(PlatformError):
    """The message, channel or member no longer exists."""


class NotAllowed(PlatformError):
    """A permission is missing; `permission` is the platform's exact name of it."""

    def __init__(self, sentence: str, permission: str = "") -> None:
        super().__init__(sentence)
        self.permission = permission


class NotReachable(PlatformError):
    """This person cannot be told anything privately; surely nothing was shown."""


class Unavailable(PlatformError):
    """The platform may do it later; `retry_after` is in seconds."""

    def __init__(self, sentence: str, retry_after: float = 1.0) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
