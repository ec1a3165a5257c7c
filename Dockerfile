# Two stages: one that builds the environment, one that holds nothing but it and the code.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH
WORKDIR /src
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY adapters adapters
RUN pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app bot && mkdir -p /app/data && chown bot /app/data
COPY --from=build /app/.venv /app/.venv
# Charts keep their list of fonts where the user may write: made anew, each report would take seconds longer.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 LOG_FORMAT=json MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /app
USER bot
# The database and its lock file: what has to survive the container.
VOLUME /app/data
# SIGTERM lets running pictures finish; give `docker stop` at least SHUTDOWN_GRACE_S.
STOPSIGNAL SIGTERM
ENTRYPOINT ["zimage-bot"]
CMD ["run"]
