"""The association's decisions on applications."""
