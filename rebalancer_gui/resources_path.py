"""Where the files that belong to the program lie: icons, presets, fonts, the demo market, the user guide."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_dir() -> Path:
    """The folder with the program's resources: inside the package when installed from a wheel, beside it in a checkout.

    Raises FileNotFoundError, naming both places, when neither is there (a broken installation).
    """
    installed = _PACKAGE / "_resources"
    checkout = _PACKAGE.parent / "resources"
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"The program's resources are missing: neither {installed} nor {checkout} is there.")


def guide_dir() -> Path:
    """The folder with the user guide (Markdown; its pictures lie in the folder `pictures` beside it), as `resource_dir`.

    Raises FileNotFoundError, naming both places, when neither is there.
    """
    installed = _PACKAGE / "_docs" / "guide"
    checkout = _PACKAGE.parent / "docs" / "guide"
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"The user guide is missing: neither {installed} nor {checkout} is there.")
