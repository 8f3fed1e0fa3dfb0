"""The bare limit's child: a workbook on standard input, the needed columns as COPY text on standard output."""

import sys

import python_calamine

COLUMNS = (7, 1, 3, 4, 5, 6, 9, 13, 14, 19, 42)


def main() -> None:
    import io

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    rows = book.get_sheet_by_index(0).to_python()[6:]
    write = sys.stdout.write
    for row in rows:
        write("\t".join([str(row[column]) for column in COLUMNS]) + "\n")


if __name__ == "__main__":
    main()
