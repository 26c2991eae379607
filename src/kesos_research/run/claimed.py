"""Are the claims complete? What documents state is looked up again and held against claims.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kesos_research.errors import DocumentError, KesosError, Where
from kesos_research.language import _
from kesos_research.run.claims import values
from kesos_research.run.drafts import Drafted, Unit
from kesos_research.run.names import CLAIMS
from kesos_research.run.write import as_json
from kesos_research.study import Study


def incomplete(study: Study, drafts: Drafted) -> Iterator[KesosError]:
    """Where claims.json says less, more or something else than notebooks and documents do."""
    written = {claim["name"]: claim for claim in json.loads(drafts.claims)["claims"]}
    made: dict[str, Mapping[str, Any]] = {}
    for unit in drafts.units:
        made |= {name: values(claim) for name, claim in unit.results.claims.items()}
        for path, stated in _stated(study, unit).items():
            used = {name for name, claim in written.items() if path in claim["used_in"]}
            for name in sorted(stated ^ used):
                found = _("The document states the claim {name}, and claims.json does not say so.", name=name)
                if name in used:
                    found = _("claims.json says that the document states {name}, and it does not.", name=name)
                yield _wrong(found, path)
    for name in sorted({*made, *written}):
        if name not in written:
            yield _wrong(_("The claim {name} is missing.", name=name))
        elif name not in made:
            yield _wrong(_("No notebook makes the claim {name}.", name=name))
        elif made[name] != {key: written[name][key] for key in made[name]}:
            yield _wrong(_("The claim {name} has another value than its notebook gives it.", name=name))


def released(drafts: Drafted) -> bytes:
    """claims.json as it goes along: of the documents that state a claim it names those that are published."""
    said = json.loads(drafts.claims)
    claims = [{**c, "used_in": [path for path in c["used_in"] if path in drafts.files]} for c in said["claims"]]
    return as_json({**said, "claims": claims})


def _stated(study: Study, unit: Unit) -> dict[str, set[str]]:
    """Names of the claims by path of each document that is published."""
    from kesos_research.report.document.compose import compose

    said: dict[tuple[str, str], set[str]] = {}
    for kind, lang in {(sheet.kind, sheet.lang): None for sheet in unit.sheets}:
        if kind == "annex":
            said[kind, lang] = {*unit.results.claims}
        else:
            document = compose(study, unit.results, kind=kind, lang=lang, notebook=unit.notebook)  # type: ignore[arg-type]
            said[kind, lang] = {*document.claims}
    return {sheet.path: said[sheet.kind, sheet.lang] for sheet in unit.sheets}


def _wrong(found: str, file: str = CLAIMS) -> KesosError:
    return DocumentError(found, remedy=_("run the study again"), where=Where(file=file))
