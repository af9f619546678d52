# Two stages: the first has what builds the wheel, the second only what runs it.
FROM python:3.13-slim AS build
WORKDIR /src

# The libraries first: they change seldom, so that this layer is kept.
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m venv /opt/steward \
    && /opt/steward/bin/pip install --no-cache-dir --require-hashes -r requirements/main.txt

COPY LICENSE README.md pyproject.toml ./
COPY bot/ bot/
COPY moderation/ moderation/
COPY migrations/ migrations/
# -I: look at what was installed, not at the folder next to it.
RUN python -m build --wheel --no-isolation \
    && /opt/steward/bin/pip install --no-cache-dir --no-deps dist/*.whl \
    && /opt/steward/bin/python -I -c "from importlib.resources import files; model = files('moderation') / 'classifier' / 'model'; assert model.is_dir(), 'the wheel holds no model'"


FROM python:3.13-slim
# A fixed number, so that an orchestrator can demand a non-root user and a volume's owner stays the same.
RUN useradd --system --no-create-home --uid 10001 --user-group steward \
    && install --directory --owner=steward --group=steward --mode=0700 /data
COPY --from=build /opt/steward /opt/steward
ENV PATH=/opt/steward/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STEWARD_DATABASE_URL=sqlite+aiosqlite:////data/steward.db
VOLUME ["/data"]
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["steward"]
CMD ["--help"]
