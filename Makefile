# 没有 make 时：python3 manage.py demo / python3 manage.py test
PY ?= python3
BIN := .venv/bin
NEW_KEY = $$($(BIN)/python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(48))[:43].decode() + "=")')
PRODUCTION = env DATABASE_URL=postgresql://app@localhost/subsidy MIGRATION_DATABASE_URL=postgresql://owner@localhost/subsidy \
	REDIS_URL=redis://:invented@localhost:6379/0 TRUSTED_PROXY_COUNT=1 DJANGO_SECRET_KEY="$(NEW_KEY)$(NEW_KEY)" FIELD_KEYS="k1:$(NEW_KEY)" \
	BLIND_INDEX_KEY="$(NEW_KEY)" DJANGO_ALLOWED_HOSTS=subsidy.example.org SMS_BACKEND=outbox \
	DJANGO_DEBUG=0 DEMO=0
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: demo demo-reset test test-long check bench lock install format

demo: ## 建环境、起内置数据库、装演示数据并在 http://127.0.0.1:8000 提供服务
	@$(PY) manage.py demo

demo-reset: ## 同上，但从空库重新开始
	@$(PY) manage.py demo --reset

test: ## 安装测试所需的一切并运行全部测试
	@$(PY) manage.py test

test-long: ## 只运行平时不跑的长测试（几千个接口用例、并发与负载）
	@$(PY) manage.py test --long

install:
	@$(PY) manage.py install

check: install ## 静态检查、迁移检查、生产设置检查、锁文件检查
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pytest -q tests/test_packaging.py

bench: install ## 性能基准：与同一次运行测得的下限相比
	$(BIN)/python -m benchmarks

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install ## 按 pyproject.toml 重新锁定依赖
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock
