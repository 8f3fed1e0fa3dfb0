"""Static files under names that change with their content: those that our modules import, too."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What Django would do to every script, a library's own examples included; only the tablet's scripts are modules.
_ANY_SCRIPT, IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]

# What a module fetches by an address of its own, as the reader of slips its WebAssembly.
BESIDE = (
    r"""(?P<matched>new URL\(["'](?P<url>[./].*?)["'],\s*import\.meta\.url\))""",
    """new URL("%(url)s", import.meta.url)""",
)


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """An `import` in `js/tablet/` names its file by the hashed name, so a page never mixes two versions of them."""

    patterns = (*HashedFilesMixin.patterns, ("js/tablet/*.js", (*IMPORTS, BESIDE)))
