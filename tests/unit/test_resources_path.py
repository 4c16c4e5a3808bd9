"""The program's own files are found in a checkout and in an installed wheel."""

import pytest

from rebalancer_gui import resources_path


def test_a_checkout_has_its_resources_beside_the_package():
    assert (resources_path.resource_dir() / "README.md").is_file()


def test_an_installed_package_has_them_inside_and_prefers_those(tmp_path, monkeypatch):
    package = tmp_path / "rebalancer_gui"
    monkeypatch.setattr(resources_path, "_PACKAGE", package)
    (tmp_path / "resources").mkdir()
    assert resources_path.resource_dir() == tmp_path / "resources"

    (package / "_resources").mkdir(parents=True)
    assert resources_path.resource_dir() == package / "_resources"


def test_a_broken_installation_names_both_places(tmp_path, monkeypatch):
    monkeypatch.setattr(resources_path, "_PACKAGE", tmp_path / "rebalancer_gui")

    with pytest.raises(FileNotFoundError, match=r"rebalancer_gui/_resources nor .*/resources is there"):
        resources_path.resource_dir()
