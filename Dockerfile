# The product for a server. Tools that only make translations and static files stay out of the image.
FROM python:3.13-slim AS libraries
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt

FROM python:3.13-slim AS product
WORKDIR /app
COPY requirements-dev.txt ./
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-dev.txt
COPY . .
# Settings that are needed to start and not used here; none of them reaches the image.
RUN export SECRET_KEY=build NIK_SEAL_KEYS=1:YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtMTI= NIK_DIGEST_KEY=YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtMTI= \
      DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost:6379/0 \
  && /tools/bin/python manage.py messages --compile \
  && /tools/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin app
WORKDIR /app
COPY --from=libraries /venv /venv
COPY --from=product /app /app
RUN install -d -o app /app/var/beat /app/var/mail
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_HOST=0.0.0.0
USER app
EXPOSE 8000
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
