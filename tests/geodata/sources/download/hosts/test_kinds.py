"""Kinds of files by their first bytes."""

from __future__ import annotations

import pytest

from geodata.errors import DataError
from geodata.sources.download.hosts.kinds import check_beginning


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_may_have_any_encoding_that_is_read(encoding: str) -> None:
    check_beginning("name;x;y\nEl Cinchón;-89;15\n".encode(encoding), "csv", name="a.csv")
    for text in ("<html>Atención</html>", '{"a": "ó"}', " \n"):
        with pytest.raises(DataError, match=r"It is to be a table \(CSV\)"):
            check_beginning(text.encode(encoding), "csv", name="a.csv")
    with pytest.raises(DataError, match=r"It is to be a table \(CSV\)"):
        check_beginning(b"name\0\0\0\0;x", "csv", name="a.csv")
