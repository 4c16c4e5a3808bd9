"""What `rebalancer` of a package that brings its own Python starts."""

import sys

from rebalancer_gui.cli import main

sys.exit(main())
