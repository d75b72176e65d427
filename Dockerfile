FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/build && python -m venv /opt/rollcall

# The dependencies come first: they change less often than the code, and stay in the build cache.
COPY requirements/base.txt requirements/build.txt requirements/
RUN /opt/rollcall/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements/base.txt \
    && /opt/build/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements/build.txt \
    && /opt/build/bin/pip check

COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY migrations migrations
COPY src src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/rollcall/bin/pip install --no-deps dist/*.whl \
    && /opt/rollcall/bin/pip check


FROM python:3.11-slim

# A named volume that is mounted over the uploads takes over their owner when it is new.
RUN groupadd --gid 10001 rollcall \
    && useradd --uid 10001 --gid rollcall --no-create-home --home-dir /var/lib/rollcall \
        --shell /usr/sbin/nologin rollcall \
    && install -d -o rollcall -g rollcall -m 0750 /var/lib/rollcall /var/lib/rollcall/uploads
COPY --from=build /opt/rollcall /opt/rollcall

ENV PATH=/opt/rollcall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROLLCALL_LOG_FORMAT=json \
    ROLLCALL_STORAGE_URL=file:///var/lib/rollcall/uploads
WORKDIR /var/lib/rollcall
USER rollcall
EXPOSE 8000
ENTRYPOINT ["rollcall"]
CMD ["api", "--host", "0.0.0.0", "--port", "8000"]
