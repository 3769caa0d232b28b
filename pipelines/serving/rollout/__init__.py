"""Shadow and canary deployments: a challenger that runs beside the champion."""
