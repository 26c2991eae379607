"""What differs from run to run is not in the record; everything else is."""

import nbformat

from kesos_research.run.normal import normal


def executed():
    cell = nbformat.v4.new_code_cell(
        "x",
        id="a1b2",
        metadata={"tags": ["parameters"], "papermill": {"duration": 1.5}, "execution": {"iopub.status.busy": "now"}},
        execution_count=1,
        outputs=[
            nbformat.v4.new_output(
                "stream", name="stderr", text="/tmp/ipykernel_4711/99.py:1: UserWarning: /home/ani/x\n"
            ),
            nbformat.v4.new_output("execute_result", {"text/plain": "<A at 0x7f03f1d9b5d0> 0x10"}, execution_count=1),
            nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg>/home/ani at 0x7f03f1d9b5d0</svg>"}),
        ],
    )
    prose = nbformat.v4.new_markdown_cell("Prosa", metadata={"tags": ["id"]})
    return nbformat.v4.new_notebook(cells=[cell, prose], metadata={"papermill": {"start_time": "now"}, "widgets": {}})


def test_times_ids_addresses_and_places_are_gone():
    book = normal(executed(), parameters={"a": "01"}, file="notebooks/x.ipynb", hide={"/home/ani": "~"})
    nbformat.validate(book)
    assert [c.id for c in book.cells] == ["cell-1", "cell-2"]
    assert [c.metadata for c in book.cells] == [{"tags": ["parameters"]}, {"tags": ["id"]}]
    assert book.metadata == {"papermill": {"input_path": "notebooks/x.ipynb", "parameters": {"a": "01"}}}
    stream, result, drawing = book.cells[0].outputs
    assert stream.text == "<cell>:1: UserWarning: ~/x\n"
    assert result.data == {"text/plain": "<A at 0x0> 0x10"}
    assert drawing.data["image/svg+xml"] == "<svg>/home/ani at 0x7f03f1d9b5d0</svg>"


def test_what_was_given_is_not_changed():
    given = executed()
    normal(given, parameters={}, file="x", hide={"/home/ani": "~"})
    assert given.cells[0].id == "a1b2"
    assert "papermill" in given.cells[0].metadata
