"""What a roster file may be at most, and the refusal of the reading process. Knows no Django."""

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 160 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_SHEETS = 100
# For the reading process alone; the parent also counts the time that a busy machine makes it wait.
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
WALL_SECONDS = 7
# Of the needed columns: 1,000 for each of 20,000 rows. Five times what rosters hold, and checked within seconds.
MAX_CHARACTERS = 20_000_000
MAX_ANSWER_BYTES = 96 * 1024 * 1024


class Refusal(Exception):  # noqa: N818
    """The file is refused; `code` is a key of `students.problems.REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
