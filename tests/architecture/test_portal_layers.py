"""The portal's folders: pages know nothing of each other, and what they share knows nothing of pages."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "portal" / "src"
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*['"]@/([\w-]+)(?:/([\w-]+))?""")
MAY_IMPORT = {
    "lib": {"lib", "i18n"},
    "test": {"test", "app", "ui", "lib", "api"},
    "i18n": {"i18n"},
    "api": {"api", "lib"},
    "workers": {"workers", "api", "lib"},
    "grid": {"grid", "workers", "ui", "api", "lib", "i18n"},
    "viz": {"viz", "lib", "i18n"},
    "ui": {"ui", "lib", "i18n", "api"},
    "features": {"features", "grid", "ui", "lib", "api", "viz", "workers", "app", "i18n"},
    "app": {"app", "features", "grid", "ui", "lib", "api", "i18n"},
}
MAXIMUM_LINES = 300


def test_folders_import_only_what_lies_below_them() -> None:
    faults = []
    for path in SOURCES.rglob("*.ts*"):
        folder, *rest = path.relative_to(SOURCES).parts
        for target, part in IMPORT.findall(path.read_text(encoding="utf-8")):
            of_another_page = folder == target == "features" and part != rest[0]
            of_a_test = target == "test" and ".test." in path.name
            if of_a_test:
                continue
            if target not in MAY_IMPORT.get(folder, ()) or of_another_page:
                faults.append(f"{path.relative_to(SOURCES)} imports @/{target}/{part}")
    assert not faults


def test_modules_stay_small() -> None:
    generated = {SOURCES / "api" / "schema.d.ts"}
    long = {
        str(path.relative_to(SOURCES)): lines
        for path in SOURCES.rglob("*.*")
        if path.suffix in {".ts", ".tsx", ".css"} and path not in generated
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAXIMUM_LINES
    }
    assert not long


def test_the_schema_of_dashboards_is_published_as_it_is() -> None:
    used = SOURCES / "features" / "dash" / "dashboard.schema.json"
    published = SOURCES.parents[1] / "docs" / "reference" / "dashboard.schema.json"
    assert published.read_text(encoding="utf-8") == used.read_text(encoding="utf-8")
