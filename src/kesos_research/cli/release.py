"""`kesos release` and `kesos verify`: what leaves, and whether it is still what left."""

from __future__ import annotations

from kesos_research.cli import screen
from kesos_research.cli.examine import examine
from kesos_research.cli.progress import bar
from kesos_research.errors import KesosError
from kesos_research.language import _
from kesos_research.study.publication import version_of
from kesos_research.study.refusal import Refused, listed


def release(where: str, *, version: str = "", approve: str = "", reason: str = "") -> int:
    """Release the study and say what is where."""
    from kesos_research.run.release import approval_of, release_study

    asked = _version(version) if version else None
    approval = approval_of(approve, reason)
    found = examine(where, earlier=False)
    if found.errors or found.study is None:
        raise screen.several(found.errors)
    with bar() as progress:
        made = release_study(found.study, version=asked, approval=approval, progress=progress)
    screen.warn([KesosError(remark) for remark in made.remarks])
    screen.done(
        _(
            "Released {name}: {n} files, {size} kB, in {folder}",
            name=made.name,
            n=len(made.files),
            size=round(made.size / 1000),
            folder=screen.near(made.folder),
        )
    )
    screen.say(_("Whether it is still just this:"))
    screen.say(f"  kesos verify {made.name}")
    return 0


def verify(where: str, *, rerun: bool = True) -> int:
    """Verify a release and say exactly what differs."""
    from kesos_research.run.released import find_release
    from kesos_research.run.verify import verify as verify_release

    folder = find_release(where)
    with bar() as progress:
        found = verify_release(folder, rerun=rerun, progress=progress)
    screen.warn([KesosError(note) for note in found.notes])
    for problem in found.problems:
        screen.refuse(problem)
    name = f"{folder.parent.name}/{folder.name}"
    if found.problems:
        screen.say(_("{name}: {n} problems.", name=name, n=len(found.problems)))
        return found.exit_code
    screen.done(_("{name}: {n} files are as they were released.", name=name, n=found.files))
    if rerun:
        screen.done(
            _(
                "A rerun gives {same} of {all} files byte for byte, and all {claims} claims.",
                same=len(found.same),
                all=len(found.same) + len(found.differing),
                claims=found.claims,
            )
        )
    if found.differing:
        screen.say(_("Other bytes: {names}", names=listed(found.differing)))
    return found.exit_code


def _version(text: str) -> str:
    try:
        return version_of(text)
    except Refused as refused:
        raise KesosError(refused.found, expected=refused.expected, remedy=refused.remedy) from None
