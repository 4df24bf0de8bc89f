# The verbs of Colophon. `make` alone lists them; each does what its line says, installs what is missing after asking, and
# leaves the work to a script in scripts/ where that is more than a line or two.

.DEFAULT_GOAL := help
.PHONY: help run serve test soak migration migrate rollback demo bench bundle

# Handed to the scripts through the environment, so that the shell never reads a message as a command.
export msg histories seed

# The program reads no file that it happens to find: this clone's own is named, where there is one.
ifneq ($(shell test -f .env && echo there),)
export COLOPHON_ENV_FILE ?= $(CURDIR)/.env
endif

help: ## List these verbs
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r verb does; do printf '  make %-10s %s\n' "$$verb" "$$does"; done

run: ## Build Colophon and open its window
	@scripts/run

serve: ## Develop the window's page in a browser, on the real core
	@scripts/serve

test: ## Run every test: Rust, window, PostgreSQL, in a browser, end to end
	@scripts/test

soak: ## A million histories of the simulated sync (or more: histories=5000000 seed=1), then every byte of a real one
	@scripts/soak

migration: ## Write the files of a new migration: make migration msg="Add email to author"
	@scripts/migration

migrate: ## Bring the catalogue file, and the server where one is configured, to the newest schema
	@scripts/migrate

rollback: ## Undo the last migration of the catalogue file
	@cargo run --quiet --locked -p colophon-cli -- migrate rollback

demo: ## Two devices and a throwaway PostgreSQL server, to watch records travel
	@scripts/demo

bench: ## Measure every figure of docs/performance.md again
	@scripts/bench

bundle: ## Make the .deb and .rpm packages
	@scripts/bundle
