"""Settings of every process, read from `ROLLCALL_*` environment variables and checked at start."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX = "ROLLCALL_"
MIB = 1024 * 1024


class ConfigError(Exception):
    """The settings are not usable; the message has one line for each problem."""


def load_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        ConfigError: variables are missing or not valid; every one of them is named.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError("\n".join(map(_describe, error.errors()))) from None


def _describe(problem: ErrorDetails) -> str:
    """Name the variable and what it should be; never its value, which may hold a password."""
    if not problem["loc"]:
        # About several of them together.
        return problem["msg"].removeprefix("Value error, ")
    field = str(problem["loc"][0])
    variable = ENV_PREFIX + field.upper()
    if problem["type"] == "missing":
        return f"{variable}: missing; {Settings.model_fields[field].description}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{variable}: {message[0].lower()}{message[1:]}"


def _database_url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("has to start with postgresql://")
    return f"postgresql://{rest}"


def _redis_url(url: str) -> str:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("has to start with redis://, rediss:// or unix://")
    return url


def _storage_url(url: str) -> str:
    parts = urlsplit(url)
    is_file = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    is_bucket = parts.scheme == "s3" and bool(parts.netloc)
    if not is_file and not is_bucket:
        raise ValueError("has to be file:///an/absolute/folder or s3://bucket/prefix")
    return url


def _root_path(path: str) -> str:
    if path and (not path.startswith("/") or path.endswith("/")):
        raise ValueError("has to be empty, or start with a slash and not end with one")
    return path


def _llm_url(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("has to look like https://host/v1, without a user and a password")
    return url.rstrip("/") + "/"


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


class Settings(BaseSettings):
    """Everything that can be set; see the table in the README."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True)

    # The addresses may hold passwords, so they stay out of reprs and with them out of logs.
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        repr=False, description="the database, postgresql://user:password@host:5432/name"
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] = Field(
        repr=False, description="the Redis server, redis://host:6379/0"
    )
    storage_url: Annotated[str, AfterValidator(_storage_url)] = Field(
        repr=False, description="where uploads are kept, file:///folder or s3://bucket/prefix"
    )
    max_upload_bytes: int = Field(200 * MIB, gt=0, description="largest accepted file, in bytes")
    header_timeout_seconds: float = Field(
        20, gt=0, description="how long a request's headers may take to arrive"
    )
    body_timeout_seconds: float = Field(
        30, gt=0, description="how long a request's body may be silent"
    )
    answer_timeout_seconds: float = Field(
        60, gt=0, description="how long a client may take nothing of its answer"
    )
    api_shutdown_seconds: float = Field(
        30, ge=0, description="how long requests may take to end when the API is to stop"
    )
    rate_limit: int = Field(100, ge=0, description="requests per second and team; 0 is off")
    lease_seconds: float = Field(15, ge=1, description="how long a silent worker keeps an import")
    storage_patience_seconds: float = Field(
        60, ge=1, description="how long one read from the storage may take"
    )
    root_path: Annotated[str, AfterValidator(_root_path)] = Field(
        "", description="path prefix that a proxy strips, such as /api"
    )
    worker_concurrency: int = Field(
        2, ge=1, description="large imports running at once in a worker"
    )
    batch_rows: int = Field(20_000, ge=1, description="records in one batch and transaction")
    collect_after_days: int = Field(
        0, ge=0, description="days after which files without an import are deleted; 0 is never"
    )
    keep_uploads_days: int = Field(
        0, ge=0, description="days after an import's end for which its file is kept; 0 is for ever"
    )
    keep_failures_days: int = Field(
        0, ge=0, description="the same for its failed rows and warnings; 0 is for ever"
    )
    keep_imports_days: int = Field(
        0, ge=0, description="the same for the import itself; 0 is for ever"
    )
    worker_shutdown_seconds: float = Field(
        8, ge=2, description="after how long a worker that was told to end does so in any case"
    )
    db_pool_size: int = Field(10, ge=1, description="database connections kept by a process")
    db_timeout_seconds: float = Field(
        6, ge=0.5, le=8, description="how long a request waits for the database in all"
    )
    llm_url: Annotated[str, AfterValidator(_llm_url)] = Field(
        "", description="a server of OpenAI's protocol that is asked about unknown columns"
    )
    llm_model: str = Field("", description="the model that is asked there")
    llm_key: str = Field("", repr=False, description="the key for that server")
    distribute: Literal["auto", "never"] = Field(
        "auto", description="auto distributes tables where the database is one of Citus, or never"
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="the port on which this process tells its metrics; 0 is off"
    )
    metrics_host: str = Field("127.0.0.1", description="the address to tell metrics on")
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        Field("info", description="debug, info, warning or error")
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")

    @model_validator(mode="after")
    def _check_llm(self) -> Self:
        if bool(self.llm_url) != bool(self.llm_model):
            raise ValueError("ROLLCALL_LLM_URL and ROLLCALL_LLM_MODEL go together")
        return self

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address as SQLAlchemy wants it, with the driver's name."""
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def psycopg_dsn(self) -> str:
        """The database's address as psycopg and libpq want it."""
        return self.database_url
