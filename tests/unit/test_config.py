"""Settings: defaults, limits, and errors that name the variable."""

from __future__ import annotations

import pytest

from rollcall.config import ConfigError, Settings, load_settings

REQUIRED = {
    "ROLLCALL_DATABASE_URL": "postgresql://user:p%40ss@db:5432/contacts",
    "ROLLCALL_REDIS_URL": "redis://redis:6379/0",
    "ROLLCALL_STORAGE_URL": "file:///var/lib/uploads",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"ROLLCALL_{field.upper()}", raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)


def test_defaults() -> None:
    settings = load_settings()
    assert settings.max_upload_bytes == 209_715_200
    assert settings.rate_limit == 100
    assert settings.lease_seconds == 15
    assert settings.worker_concurrency == 2
    assert settings.batch_rows == 20_000
    assert settings.db_pool_size == 10
    assert settings.root_path == ""
    assert (settings.log_level, settings.log_format) == ("info", "console")


def test_everything_that_is_missing_is_named_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert [line.split(";")[0] for line in lines] == [f"{name}: missing" for name in REQUIRED]


@pytest.mark.parametrize(
    "given", [{"LLM_URL": "http://127.0.0.1:9/v1"}, {"LLM_MODEL": "small"}], ids=["url", "model"]
)
def test_a_language_model_has_an_address_and_a_name(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"ROLLCALL_{name}", value)
    with pytest.raises(ConfigError, match=r"^ROLLCALL_LLM_URL and ROLLCALL_LLM_MODEL go together$"):
        load_settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_RATE_LIMIT", "")
    assert load_settings().rate_limit == 100
    monkeypatch.setenv("ROLLCALL_REDIS_URL", "")
    with pytest.raises(ConfigError, match=r"^ROLLCALL_REDIS_URL: missing"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://user:hunter2@db/contacts"),
        ("DATABASE_URL", "hunter2"),
        ("REDIS_URL", "http://hunter2"),
        ("STORAGE_URL", "hunter2/uploads"),
        ("STORAGE_URL", "file://hunter2/uploads"),
        ("STORAGE_URL", "s3:///hunter2"),
        ("MAX_UPLOAD_BYTES", "0"),
        ("MAX_UPLOAD_BYTES", "200MB"),
        ("RATE_LIMIT", "-1"),
        ("LEASE_SECONDS", "0.5"),
        ("ROOT_PATH", "api"),
        ("ROOT_PATH", "/api/"),
        ("ROOT_PATH", "/"),
        ("WORKER_CONCURRENCY", "0"),
        ("BATCH_ROWS", "0"),
        ("DB_POOL_SIZE", "0"),
        ("LLM_URL", "hunter2/v1"),
        ("LLM_URL", "https://user:hunter2@host/v1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_hides_the_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ROLLCALL_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"ROLLCALL_{name}: ")
    assert "\n" not in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("STORAGE_URL", "s3://bucket/prefix", "s3://bucket/prefix"),
        ("ROOT_PATH", "/api/v1", "/api/v1"),
        ("RATE_LIMIT", "0", 0),
        ("LEASE_SECONDS", "2.5", 2.5),
        ("LOG_LEVEL", "WARNING", "warning"),
    ],
)
def test_good_values(
    name: str, value: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ROLLCALL_{name}", value)
    assert getattr(load_settings(), name.lower()) == expected


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_database_address_in_both_spellings(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = "user:p%40ss@db:5432/contacts?sslmode=require"
    monkeypatch.setenv("ROLLCALL_DATABASE_URL", f"{scheme}://{rest}")
    settings = load_settings()
    assert settings.psycopg_dsn == f"postgresql://{rest}"
    assert settings.sqlalchemy_url == f"postgresql+psycopg://{rest}"


def test_settings_do_not_change_and_do_not_show_passwords() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.rate_limit = 1  # type: ignore[misc]
    assert "p%40ss" not in repr(settings)
