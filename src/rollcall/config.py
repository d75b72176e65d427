"""Settings of every process, read from `ROLLCALL_*` environment variables and checked at start."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
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
    rate_limit: int = Field(100, ge=0, description="requests per second and team; 0 is off")
    lease_seconds: float = Field(15, ge=1, description="how long a silent worker keeps an import")
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
    db_pool_size: int = Field(10, ge=1, description="database connections kept by a process")
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        Field("info", description="debug, info, warning or error")
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address as SQLAlchemy wants it, with the driver's name."""
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def psycopg_dsn(self) -> str:
        """The database's address as psycopg and libpq want it."""
        return self.database_url
