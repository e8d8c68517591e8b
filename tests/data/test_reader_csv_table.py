import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from data_files import put
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.readers.csv_table import read
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.own_data import Table

PEOPLE = """age,town,smokes,weight,kind
31,Ube,true,60.5,a
42,Oita,FALSE,,b
53,Ube,true,80,a
,Nara,false,1e2,b
"""


def table(tmp_path: Path, text: str | bytes, name: str = "people.csv", **asked: object) -> Task:
    return read(put(tmp_path / name, text), "classification", Table(**{"target": "kind", **asked}))


def refused(tmp_path: Path, text: str | bytes, **asked: object) -> str:
    with pytest.raises(DataError) as caught:
        table(tmp_path, text, **asked)
    return str(caught.value)


def test_numbers_stay_numbers_and_text_becomes_categories(tmp_path: Path) -> None:
    task = table(tmp_path, PEOPLE)
    wanted = [[31, 2, 1, 60.5], [42, 1, 0, np.nan], [53, 2, 1, 80], [np.nan, 0, 0, 100]]
    assert task.inputs.dtype == np.float32
    assert np.array_equal(task.inputs, np.array(wanted, np.float32), equal_nan=True)
    assert [column.name for column in task.columns] == ["age", "town", "smokes", "weight"]
    assert [column.gaps for column in task.columns] == [True, False, False, True]
    assert task.columns[1].categories == ("Nara", "Oita", "Ube")
    assert (task.targets.tolist(), task.classes) == ([0, 1, 0, 1], ("a", "b"))
    assert (task.name, task.standardize, task.notes) == ("people", True, ())


def test_a_column_of_numbers_can_be_predicted(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", PEOPLE.replace("80", "80.25").replace("60.5,", "1,"))
    text = path.read_text().replace("FALSE,,", "FALSE,9,")
    task = read(put(path, text), "regression", Table(target="weight", drop=("age",)))
    assert task.targets.tolist() == [1.0, 9.0, 80.25, 100.0]
    assert [column.name for column in task.columns] == ["town", "smokes", "kind"]


def test_numbers_as_classes_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    task = table(tmp_path, "x,kind\n1,10\n3,9\n7,2\n8,10\n")
    assert (task.classes, task.targets.tolist()) == (("2", "9", "10"), [2, 1, 0, 2])


@pytest.mark.parametrize("gap", ["", " ", "NA", "NaN", "nan", "N/A", "null", '""', '" NA "'])
def test_these_cells_are_missing(tmp_path: Path, gap: str) -> None:
    task = table(tmp_path, f"x,y,kind\n1,{gap},a\n2,5,b\n")
    assert np.isnan(task.inputs[0, 1])
    assert task.columns[1].gaps


def test_whole_numbers_that_are_categories_are_named(tmp_path: Path) -> None:
    text = "ward,x,kind\n10,1,a\n2,5,b\n10,2,a\n,4,b\n"
    task = table(tmp_path, text, categorical=("ward",))
    assert task.columns[0].categories == ("2", "10")
    assert np.array_equal(task.inputs[:, 0], [1, 0, 1, np.nan], equal_nan=True)


def test_groups_are_kept_and_not_learnt_from(tmp_path: Path) -> None:
    text = "patient,x,kind\np7,1,a\np2,5,b\np7,2,a\n"
    task = table(tmp_path, text, groups="patient")
    assert task.groups is not None
    assert task.groups[0] == task.groups[2] != task.groups[1]
    assert [column.name for column in task.columns] == ["x"]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_are_seen_and_noted(tmp_path: Path, sign: str) -> None:
    task = table(tmp_path, PEOPLE.replace(",", sign))
    assert np.array_equal(task.inputs, table(tmp_path, PEOPLE).inputs, equal_nan=True)
    assert "separated" in str(task.notes[0])


def test_tabs_need_no_note_in_a_tsv_file(tmp_path: Path) -> None:
    assert not table(tmp_path, PEOPLE.replace(",", "\t"), "people.tsv").notes


def test_decimal_commas_are_read_between_semicolons_with_a_note(tmp_path: Path) -> None:
    task = table(tmp_path, "x;y;kind\n1,5;2;a\n-0,25;3;b\n")
    assert task.inputs.tolist() == [[1.5, 2.0], [-0.25, 3.0]]
    assert "decimal points in: x" in str(task.notes[1])


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    plain = table(tmp_path, PEOPLE)
    marked = table(tmp_path, b"\xef\xbb\xbf" + PEOPLE.replace("\n", "\r\n").encode())
    assert marked.columns == plain.columns
    assert np.array_equal(marked.inputs, plain.inputs, equal_nan=True)
    assert not marked.notes


def test_gzip_is_known_by_content(tmp_path: Path) -> None:
    packed = table(tmp_path, gzip.compress(PEOPLE.encode()), "people.csv.gz")
    assert packed.targets.tolist() == [0, 1, 0, 1]


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'x,note,kind\n1,"a, ""b""\nc",a\n2,d,b\n3,d,a\n'
    assert table(tmp_path, text).columns[1].categories == ('a, "b"\nc', "d")


def test_names_and_texts_need_not_be_ascii(tmp_path: Path) -> None:
    task = table(tmp_path, "年齢,市,kind\n1,宇部,a\n2,大分,b\n5,宇部,a\n")
    assert [column.name for column in task.columns] == ["年齢", "市"]


def test_ragged_rows_are_named_by_their_lines(tmp_path: Path) -> None:
    text = 'x,note,kind\n1,"two\nlines",a\n2,b\n\n3,"a\nb",b,c\n4,a,b\n5\n'
    with pytest.raises(DataError) as caught:
        table(tmp_path, text)
    where = [fault.where.rpartition("people.csv:")[2] for fault in caught.value.faults]
    assert where == ["4:", "6:", "9:"]
    assert "2 cells, and the header names 3" in str(caught.value)


def test_many_ragged_rows_are_counted(tmp_path: Path) -> None:
    assert "and 40 more like these" in refused(tmp_path, "x,kind\n" + "1\n" * 50)


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    found = refused(tmp_path, 'x,kind\n1,a\n2,"b\n3,a\n4,b\n')
    assert "people.csv:3:" in found
    assert "quotation mark" in found


def test_text_among_numbers_is_named_by_value_and_line(tmp_path: Path) -> None:
    found = refused(tmp_path, "x,y,kind\n1,1,a\n?,2,b\n3,3,a\n4,5k,b\n")
    assert "x: text stands among numbers\n  why: '?' on line 3" in found
    assert "y: text stands among numbers\n  why: '5k' on line 5" in found
    assert 'categorical = ["x"]' in found


def test_what_is_said_to_be_categories_may_mix_numbers_and_text(tmp_path: Path) -> None:
    text = "rooms,x,kind\n1,1,a\n2,3,b\n3+,9,a\n1,4,b\n"
    task = table(tmp_path, text, categorical=("rooms",))
    assert task.columns[0].categories == ("1", "2", "3+")


def test_labels_of_mixed_type_are_refused(tmp_path: Path) -> None:
    assert "text stands among numbers" in refused(tmp_path, "x,kind\n1,0\n2,1\n3,yes\n4,0\n")


@pytest.mark.parametrize("sign", [",", "\t"])
def test_numbers_with_commas_are_not_guessed_at(tmp_path: Path, sign: str) -> None:
    text = f'x{sign}kind\n"1,000"{sign}a\n"2,500"{sign}b\n"1,000"{sign}b\n'
    assert "decimals as 3.14" in refused(tmp_path, text)


def test_rows_without_a_target_are_named_by_their_lines(tmp_path: Path) -> None:
    found = refused(tmp_path, "x,kind\n1,a\n2,\n3,b\n4,NA\n")
    assert "2 rows have no value here" in found
    assert "line 3, 5, 2 in all" in found


def test_rows_without_a_group_are_named_by_their_lines(tmp_path: Path) -> None:
    found = refused(tmp_path, "who,x,kind\np,1,a\n,2,b\n", groups="who")
    assert "line 3" in found


def test_numbers_too_large_for_32_bits_are_named_by_their_lines(tmp_path: Path) -> None:
    found = refused(tmp_path, "x,y,kind\n1,1,a\n1e39,2,b\n3,-1e400,a\n")
    assert "x: numbers beyond" in found
    assert "y: numbers beyond" in found
    assert "line 4" in found


def test_text_of_its_own_in_every_row_is_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, "name,x,kind\nAnn,1,a\nBob,2,b\nCid,5,a\n")
    assert 'drop = ["name"]' in found
    text = "name,x,kind\nAnn,1,a\nBob,2,b\nCid,5,a\n"
    assert len(table(tmp_path, text, drop=("name",)).columns) == 1


def test_too_many_categories_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"v{number % 101},{number % 7},{number % 2}\n" for number in range(300))
    assert "101 categories; up to 100" in refused(tmp_path, "code,x,kind\n" + rows)


def test_columns_that_teach_nothing_are_noted(tmp_path: Path) -> None:
    text = "id,same,word,none,x,kind\n1,5,u,,3,a\n2,5,u,,1,b\n3,5,u,,4,b\n"
    task = table(tmp_path, text)
    said = "\n".join(map(str, task.notes))
    assert "left out: none" in said
    assert "'same' has the same value" in said
    assert "'word' has the same value" in said
    assert "'id' counts the rows" in said
    assert [column.name for column in task.columns] == ["id", "same", "word", "x"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "nothing in this file"),
        ("\n \n", "nothing in this file"),
        ("x,kind\n", "a header and no row"),
        ("x,y,x,kind\n1,2,3,a\n", "two columns are called 'x'"),
        ("x,,kind,\n1,2,a,\n", "column 2 of the header has no name"),
        ("1,2.5,3\n4,5,6\n", "no names of columns"),
        ("kind\na\nb\n", "no column is left"),
        ("x,sort\n1,a\n", "no column 'kind'"),
        ("x,Kind\n1,a\n", "Did you mean 'Kind'"),
        ("x,kind\n1,a\n2,a\n", "all samples are of one class: a"),
        (b"x,kind\n1,caf\xe9\n", "line 2 holds the byte 0xe9"),
        ("x,kind\n1,a\n".encode("utf-16"), "UTF-16"),
        (b"x,kind\n1,a\0\n", "line 2 holds a zero byte"),
        ("x,kind\n1," + "a" * 200_000 + "\n2,b\n", "field larger than field limit"),
        ("x,kind\n" + f"1,{'a' * 300}\n" * 2, "texts of 300 characters"),
        (gzip.compress(b"x,kind\n1,a\n", mtime=0)[:-6], "packed data are damaged"),
    ],
)
def test_these_files_are_refused(tmp_path: Path, text: str | bytes, wanted: str) -> None:
    found = refused(tmp_path, text)
    assert wanted in found
    assert f"{tmp_path / 'people.csv'}:" in found


def test_without_a_target_the_columns_are_listed(tmp_path: Path) -> None:
    found = refused(tmp_path, PEOPLE, target="")
    assert "age, town, smokes, weight, kind" in found
    assert 'target = "kind"' in found


def test_every_unknown_column_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        table(tmp_path, PEOPLE, drop=("aeg",), groups="who", categorical=("tow",))
    assert len(caught.value.faults) == 3


def test_text_cannot_be_predicted_as_values(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="regression needs numbers"):
        read(put(tmp_path / "a.csv", PEOPLE), "regression", Table(target="town"))


def test_rows_beyond_one_block_are_all_read_in_little_memory(tmp_path: Path) -> None:
    n = 30_000
    text = "x,y,kind\n" + "".join(f"{number}.5,{number % 3},{number % 2}\n" for number in range(n))
    path = put(tmp_path / "long.csv", text)
    tracemalloc.start()
    task = read(path, "classification", Table(target="kind"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert task.inputs[:, 0].tolist() == [number + 0.5 for number in range(n)]
    assert most < 20 * len(text)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 60))
def test_any_bytes_inside_give_a_task_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    content = PEOPLE.encode()
    place = min(place, len(content))
    path = put(
        tmp_path_factory.getbasetemp() / "noise.csv", content[:place] + noise + content[place:]
    )
    try:
        assert read(path, "classification", Table(target="kind")).inputs.dtype == np.float32
    except DataError as error:
        assert "noise.csv" in str(error)
