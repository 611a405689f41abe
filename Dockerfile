# Bottleneck Lab for many visitors: PyTorch for CPUs, an ordinary user, nothing written but below /tmp.
# docker build --build-arg CPU_WHEELS=ADDRESS .  where ADDRESS stands behind --index-url on pytorch.org's "Get Started"
# page for Linux, Pip, Python, CPU.

FROM python:3.11.14-slim-bookworm AS build
ARG CPU_WHEELS
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/lab
# First of all: a plain PyTorch brings gigabytes of CUDA packages
RUN test -n "$CPU_WHEELS" || { echo "got no CPU_WHEELS, expected the address of PyTorch's wheels for CPUs: see the Dockerfile" >&2; exit 1; }
RUN /opt/lab/bin/pip install --no-cache-dir --index-url "$CPU_WHEELS" "$(grep '^torch==' requirements.txt)"
RUN /opt/lab/bin/pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml README.md LICENSE app.py ./
COPY .streamlit .streamlit
COPY vibcore vibcore
COPY dashboard dashboard
RUN /opt/lab/bin/pip install --no-cache-dir ".[app]" && /opt/lab/bin/python -m compileall -q /opt/lab/lib || true

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lab
COPY --from=build /opt/lab /opt/lab
ENV PATH=/opt/lab/bin:$PATH \
    HOME=/tmp \
    OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_BASE_URL_PATH=
WORKDIR /srv
USER 10001:10001
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; at = os.environ['STREAMLIT_SERVER_BASE_URL_PATH'].strip('/'); web.urlopen('http://127.0.0.1:8501/' + (at and at + '/') + '_stcore/health', timeout=4)"]
ENTRYPOINT ["bottleneck-lab"]
