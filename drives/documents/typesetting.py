"""PDF by typst. Documents read their data as JSON, so that no text of ours can ever become markup."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import segno
import typst

FOLDER: Final = Path(__file__).parent / "typst"
# A fixed mask: choosing the best of eight takes most of the time, and any scanner reads all of them.
QR_MASK: Final = 2


def typeset(document: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of `typst/<document>.typ`, with the fonts that typst itself carries: the same on every machine."""
    pdf: bytes = typst.compile(
        str(FOLDER / f"{document}.typ"),
        root=str(FOLDER),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return pdf


def qr_svg(text: str) -> str:
    """A QR code as one path, with the quiet zone left to the page."""
    code = segno.make(text, error="m", mask=QR_MASK, micro=False, boost_error=False)
    size = len(code.matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path d="{"".join(_runs(code.matrix))}"/></svg>'
    )


def _runs(matrix: Any) -> list[str]:
    """The dark modules, row by row, as rectangles of one module's height."""
    found = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                found.append(f"M{start} {y}h{x - start}v1H{start}z")
            x += 1
    return found
