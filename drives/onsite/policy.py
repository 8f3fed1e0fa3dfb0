"""What a page may do that reads codes with the camera: the vendored reader is compiled in the browser."""

from typing import Final

SCANS: Final = {"script-src": ["'self'", "'wasm-unsafe-eval'"]}
