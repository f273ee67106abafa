import sys

from chargesheet.cli import main

sys.exit(main())
