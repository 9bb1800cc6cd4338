"""A PostgreSQL server with pgvector, for the tests of server galleries."""

import shutil
import venv

from .console import Unavailable, run_pip
from .environment import PIP_INSTALL

PACKAGE = "pgserver==0.1.4"


class PostgresServer:
    """The server in an environment of its own, so that nothing else depends on what it brings."""

    def __init__(self, cache, console):
        self.folder = cache / "postgres"
        self.unfinished = cache / "postgres.unfinished"
        self.console = console

    def program(self):
        """The server's program, None when it is not there."""
        return next(self.folder.glob("lib/python*/site-packages/pgserver/pginstall/bin/postgres"), None)

    def prepare(self):
        """Installs the server; returns its program, or None where no package fits."""
        found = self.program()
        if found and not self.unfinished.exists():
            return found
        shutil.rmtree(self.folder, ignore_errors=True)
        self.unfinished.touch()
        self.console.act(f"installing {PACKAGE}, a PostgreSQL with pgvector for tests")
        venv.EnvBuilder(with_pip=True, symlinks=True).create(self.folder)
        try:
            run_pip(self.folder / "bin/python", [*PIP_INSTALL, PACKAGE], f"installing {PACKAGE}")
        except Unavailable as failure:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.console.act(f"{failure}: tests of server galleries will be skipped")
            return None
        self.unfinished.unlink()
        return self.program()
