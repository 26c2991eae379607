"""A workbook built part by part, as spreadsheet programs write it."""

import zipfile

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(path, rows, strings=(), packed=zipfile.ZIP_DEFLATED):
    """`rows` is the XML of the rows, `strings` the XML of each shared string's inside."""
    relation = '<Relationship Id="r{n}" Type="{rel}/{kind}" Target="{target}"/>'
    parts = {
        "_rels/.rels": relation.format(n=1, rel=_REL, kind="officeDocument", target="xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relation.format(n=1, rel=_REL, kind="worksheet", target="worksheets/sheet1.xml")
        + relation.format(n=2, rel=_REL, kind="sharedStrings", target="/xl/sharedStrings.xml"),
    }
    parts = {name: f'<Relationships xmlns="{_PACKAGE}">{told}</Relationships>' for name, told in parts.items()}
    parts["xl/workbook.xml"] = (
        f'<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_REL}">'
        '<x:sheets><x:sheet name="Data" sheetId="1" r:id="r1"/></x:sheets></x:workbook>'
    )
    parts["xl/sharedStrings.xml"] = f"<sst {_MAIN}>{''.join(f'<si>{s}</si>' for s in strings)}</sst>"
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>"
    with zipfile.ZipFile(path, "w", packed) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return path
