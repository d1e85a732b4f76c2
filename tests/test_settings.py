"""Every setting is read once; whatever is wrong is told at once, and by its name."""

import sys
from dataclasses import fields
from pathlib import Path

import pytest

from lms import services as composition
from lms.errors import Unavailable
from lms.labs.engines.cluster import Commands
from lms.labs.engines.rest import Rest
from lms.labs.engines.slurm import Slurm
from lms.people.register import register
from lms.settings import BadSettings, Settings, read_settings
from tests.conftest import NOW, new_person, services_on
from tests.steps import at_once

PRODUCTION = {
    "LMS_ENVIRONMENT": "production",
    "LMS_SECRET_KEY": "s" * 32,
    "LMS_SIGNING_KEY_FILE": "/etc/slipway/key.pem",
    "LMS_BASE_URL": "https://slipway.example",
}


def problems_of(environ):
    with pytest.raises(BadSettings) as refusal:
        read_settings(environ)
    return refusal.value.message.splitlines()


def test_an_empty_environment_gives_what_a_first_try_needs():
    settings = read_settings({"PATH": "/bin"})
    assert settings == Settings()
    assert settings.url.startswith("sqlite:///")
    assert not settings.is_production


def test_each_setting_is_read_in_its_own_type():
    settings = read_settings(
        {
            "LMS_VAR": "/srv/slipway",
            "LMS_GRADERS": "6",
            "LMS_PROXIES": "0",
            "LMS_BASE_URL": "https://a.example/",
        }
    )
    assert (settings.var, settings.graders, settings.proxies) == (Path("/srv/slipway"), 6, 0)
    assert settings.base_url == "https://a.example"
    assert settings.url == "sqlite:////srv/slipway/slipway.db"


def test_all_problems_are_told_together():
    told = problems_of(
        {
            "LMS_GRADERS": "0",
            "LMS_TIME_ZONE": "Mars/Olympus",
            "LMS_BASE_URL": "slipway.example",
            "LMS_GRADER": "2",
            "LMS_WEB_THREADS": "many",
        }
    )
    assert [line.partition(":")[0].partition("=")[0] for line in told] == [
        "LMS_GRADER",
        "LMS_BASE_URL",
        "LMS_TIME_ZONE",
        "LMS_WEB_THREADS",
        "LMS_GRADERS",
    ]


def test_what_production_refuses_is_told_beside_what_is_misspelt():
    told = problems_of({"LMS_ENVIRONMENT": "production", "LMS_GRADERS": "none"})
    assert {line.partition(":")[0].partition("=")[0] for line in told} == {
        "LMS_GRADERS",
        "LMS_SECRET_KEY",
        "LMS_SIGNING_KEY_FILE",
        "LMS_BASE_URL",
    }


def test_an_unknown_name_is_an_error_unless_it_is_the_tests_own():
    assert problems_of({"LMS_SECRETKEY": "x"})[0].startswith("LMS_SECRETKEY: no such setting")
    assert read_settings({"LMS_TEST_STRICT": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LMS_ENVIRONMENT", "staging"),
        ("LMS_BASE_URL", "https://"),
        ("LMS_BASE_URL", "ftp://slipway.example"),
        ("LMS_BASE_URL", "https://slipway.example/lms"),
        ("LMS_BASE_URL", "https://slipway.example?a=1"),
        ("LMS_TIME_ZONE", ""),
        ("LMS_TIME_ZONE", "Europe"),
        ("LMS_TIME_ZONE", "../../etc/passwd"),
        ("LMS_PROXIES", "-1"),
        ("LMS_LEASE_SECONDS", "0"),
        ("LMS_UPLOAD_MEGABYTES", "1.5"),
        ("LMS_VAR", ""),
        ("LMS_SIGNING_KEY_FILE", ""),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_its_name(name, value):
    assert [line.partition("=")[0] for line in problems_of({name: value})] == [name]


def test_production_starts_only_with_its_own_keys_over_https():
    assert read_settings(PRODUCTION).is_production
    for name in ("LMS_SECRET_KEY", "LMS_SIGNING_KEY_FILE", "LMS_BASE_URL"):
        without = {key: value for key, value in PRODUCTION.items() if key != name}
        assert [line.partition(":")[0] for line in problems_of(without)] == [name]
    assert problems_of({**PRODUCTION, "LMS_SECRET_KEY": "s" * 31})


def test_a_refusal_never_repeats_a_secret():
    told = "\n".join(
        problems_of(
            {
                "LMS_ENVIRONMENT": "production",
                "LMS_SECRET_KEY": "hunter2",
                "LMS_DATABASE_URL": "postgresql://u:hunter2@h/d",
                "LMS_GRADERS": "0",
            }
        )
    )
    assert "LMS_SECRET_KEY" in told
    assert "hunter2" not in told


def test_production_refuses_people_whose_password_is_in_the_readme(site, tmp_path):
    public = Settings(
        environment="production",
        database_url=site.settings.url,
        var=tmp_path,
        base_url="https://slipway.example",
        secret_key="s" * 32,
    )
    services = composition.build(public)
    composition.refuse_demo_people(services)
    new_person(site, "ada")
    composition.refuse_demo_people(services)
    with site.database.transaction() as session:
        register(session, name="E", email="Engineer@Example.org", password="slipway-demo", now=NOW)
    with pytest.raises(Unavailable, match="demo people"):
        composition.refuse_demo_people(services)
    composition.refuse_demo_people(site)
    services.close()


def test_keys_that_were_not_given_are_made_once_and_kept_private(tmp_path):
    first = services_on(f"sqlite:///{tmp_path}/a.db", tmp_path)
    second = services_on(f"sqlite:///{tmp_path}/a.db", tmp_path)
    assert first.press.signer.kid == second.press.signer.kid
    settings = Settings(var=tmp_path / "new")
    assert len(composition.secret_key(settings)) > 40
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "signing-key.pem").stat().st_mode & 0o077 == 0
    for services in (first, second):
        services.close()


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path):
    settings = Settings(var=tmp_path / "new")
    made = set(at_once(8, lambda _: composition.secret_key(settings)))
    assert len(made) == 1
    assert len(made.pop()) > 40
    assert [path.name for path in settings.var.iterdir()] == ["secret-key"]


def test_every_setting_says_what_it_is_for_and_what_is_expected():
    for each in fields(Settings):
        assert each.metadata["help"], each.name
        assert each.metadata["expected"], each.name


def test_what_cannot_be_meant_for_the_cluster_is_told():
    told = problems_of(
        {
            "LMS_ENGINE": "pbs",
            "LMS_SLURM_ARRAY": "1001",
            "LMS_SLURM_OPTIONS": "--qos=a train.sh",
            "LMS_SLURM_SITE": "learn.example.eu",
        }
    )
    assert [line.partition("=")[0] for line in told] == [
        "LMS_ENGINE",
        "LMS_SLURM_ARRAY",
        "LMS_SLURM_OPTIONS",
        "LMS_SLURM_SITE",
    ]
    (both,) = problems_of({"LMS_SLURM_SOCKET": "/run/rest.sock", "LMS_SLURM_OPTIONS": "--qos=a"})
    assert both.startswith("LMS_SLURM_OPTIONS: slurmrestd takes no options")
    plain = {**PRODUCTION, "LMS_ENGINE": "slurm", "LMS_SLURM_SITE": "http://10.0.0.1"}
    assert problems_of(plain)[0].startswith("LMS_SLURM_SITE: compute nodes reach production by https://")
    settings = read_settings(
        {**PRODUCTION, "LMS_ENGINE": "slurm", "LMS_SLURM_OPTIONS": "--qos=a '--comment=b c'"}
    )
    assert settings.slurm_options == ("--qos=a", "--comment=b c")


def test_settings_alone_choose_what_grades(tmp_path):
    def engine_of(**given):
        built = services_on(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **given)
        engine = built.engine("here")
        built.close()
        return engine

    by_commands = engine_of(
        engine="slurm", slurm_site="http://nodes.test", slurm_lms=Path("/opt/slipway/bin/lms")
    )
    assert isinstance(by_commands, Slurm)
    assert by_commands._cluster == Commands(Path("/opt/slipway/bin/lms"), "http://nodes.test")
    by_socket = engine_of(engine="slurm", slurm_socket=Path("/run/rest.sock"))
    assert by_socket._cluster == Rest(
        Path("/run/rest.sock"), Path(sys.prefix) / "bin" / "lms", "http://slipway.test"
    )
