"""What `rebalancer-gui` of a package that brings its own Python starts."""

import sys

from rebalancer_gui.__main__ import main

sys.exit(main())
