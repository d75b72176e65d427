"""What may be wrong with a record before its cells mean anything, for the oracle."""

from tests.support.oracle_cells import Column, RecordError, read_formula, strip
from tests.support.oracle_reader import Record


def check_structure(record: Record, width: int) -> None:
    if record.code is not None:
        raise RecordError(record.code)
    surplus = [strip(cell) for cell in record.cells[width:] if strip(cell)]
    if surplus:
        raise RecordError("too_many_cells", cell=surplus[0])


def cell_of(record: Record, column: Column) -> str:
    """What the cell of a column says; "" when it is empty or not there."""
    cell = record.cells[column.index] if column.index < len(record.cells) else ""
    return read_formula(strip(cell))


def check_still_unreadable(
    record: Record, cells: list[tuple[Column, str]], reason_index: int | None
) -> None:
    """In a failures file, cells that were unreadable stay so until they are typed again."""
    if reason_index is None or reason_index >= len(record.cells):
        return
    if not record.cells[reason_index].startswith("Unreadable characters in "):
        return
    for column, cell in cells:
        if "\ufffd" in cell or any("\ud800" <= character <= "\udfff" for character in cell):
            raise RecordError("invalid_encoding", column, cell)
